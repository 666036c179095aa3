// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title The head of a step, field by field
/// @dev Layout in `IEquipmentLedger`: kind (1 byte), occurrence (1), claimedAt (5), subject (16), detail (9).
library Heads {
    /// @dev The kind as a bare byte: any value may arrive, and none may revert.
    function kind(bytes32 head) internal pure returns (uint8) {
        return uint8(uint256(head) >> 248);
    }

    function occurrence(bytes32 head) internal pure returns (uint8) {
        return uint8(uint256(head) >> 240);
    }

    /// @dev Seconds since 1970.
    function claimedAt(bytes32 head) internal pure returns (uint40) {
        return uint40(uint256(head) >> 200);
    }

    /// @dev The item, dossier or lot that the step speaks of.
    function subject(bytes32 head) internal pure returns (bytes16) {
        return bytes16(head << 56);
    }

    function detail(bytes32 head) internal pure returns (uint72) {
        return uint72(uint256(head));
    }

    /// @dev The detail's first byte: what is said of partial, verdict, reason, decision, answer, group, warranty.
    function first(bytes32 head) internal pure returns (uint8) {
        return uint8(uint256(head) >> 64);
    }

    /// @dev The detail's second byte.
    function second(bytes32 head) internal pure returns (uint8) {
        return uint8(uint256(head) >> 56);
    }

    /// @dev The number in the detail's first four bytes: a glassmaker, insurer, buyer, new holder, or a unit.
    function number(bytes32 head) internal pure returns (uint32) {
        return uint32(uint256(head) >> 40);
    }

    /// @dev `Invoiced`: number of the first insurer, or zero.
    function firstInsurer(bytes32 head) internal pure returns (uint32) {
        return uint32(uint256(head) >> 32);
    }

    /// @dev `Invoiced`: number of the second insurer, or zero.
    function secondInsurer(bytes32 head) internal pure returns (uint32) {
        return uint32(uint256(head));
    }

    /// @dev `Verified`: occurrence of the invoice that was checked.
    function invoiceChecked(bytes32 head) internal pure returns (uint8) {
        return uint8(uint256(head) >> 24);
    }

    /// @dev `Decided`: seconds since 1970 until which an answer is awaited, or zero.
    function deadline(bytes32 head) internal pure returns (uint40) {
        return uint40(uint256(head) >> 16);
    }

    /// @dev `Decided`: occurrence of the check that it rests on.
    function checkDecided(bytes32 head) internal pure returns (uint8) {
        return uint8(uint256(head) >> 8);
    }

    /// @dev `Answered`: occurrence of the decision or demand.
    function occurrenceAnswered(bytes32 head) internal pure returns (uint8) {
        return uint8(uint256(head) >> 32);
    }

    /// @dev `Answered`: the kind answered.
    function kindAnswered(bytes32 head) internal pure returns (uint8) {
        return uint8(uint256(head) >> 24);
    }

    /// @dev The number of the party that made `id`, an item's, dossier's or lot's.
    function creatorOf(bytes16 id) internal pure returns (uint32) {
        return uint32(bytes4(id));
    }
}
