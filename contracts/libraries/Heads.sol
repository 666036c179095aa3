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

    /// @dev The item or dossier that the step speaks of.
    function subject(bytes32 head) internal pure returns (bytes16) {
        return bytes16(head << 56);
    }

    function detail(bytes32 head) internal pure returns (uint72) {
        return uint72(uint256(head));
    }

    /// @dev The number of the party that made `id`, an item's or a dossier's.
    function creatorOf(bytes16 id) internal pure returns (uint32) {
        return uint32(bytes4(id));
    }

    /// @dev `Quoted`: number of the glassmaker, or zero.
    function glassmaker(bytes32 head) internal pure returns (uint32) {
        return uint32(uint256(head) >> 40);
    }

    /// @dev `Invoiced`: 0 or 1; any other byte is malformed.
    function partialByte(bytes32 head) internal pure returns (uint8) {
        return uint8(uint256(head) >> 64);
    }

    /// @dev `Invoiced`: number of the first insurer, or zero.
    function firstInsurer(bytes32 head) internal pure returns (uint32) {
        return uint32(uint256(head) >> 32);
    }

    /// @dev `Invoiced`: number of the second insurer, or zero.
    function secondInsurer(bytes32 head) internal pure returns (uint32) {
        return uint32(uint256(head));
    }

    /// @dev `Verified`: 1 conform, 2 justified, 3 incomplete, 4 non_conform; any other byte is malformed.
    function verdict(bytes32 head) internal pure returns (uint8) {
        return uint8(uint256(head) >> 64);
    }

    /// @dev `Verified`: occurrence of the invoice that was checked.
    function invoiceChecked(bytes32 head) internal pure returns (uint8) {
        return uint8(uint256(head) >> 24);
    }
}
