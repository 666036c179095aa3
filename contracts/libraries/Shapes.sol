// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Heads} from "./Heads.sol";
import {Kinds} from "./Kinds.sol";

/// @title Whether a step is well formed
/// @dev Judges head and words alone, without state, and never reverts. The shapes are those of the table in
/// `IEquipmentLedger`. The steps of every life come first; the rest is in `RareShapes`.
library Shapes {
    using Heads for bytes32;

    /// @dev Versions of product and supplements in the three last bytes: 1, 1, and nothing in the third.
    uint256 internal constant VERSIONS_OF_TWO = 0x010100;

    /// @dev True if `head` and `words` have the shape of a step of a kind up to `Mounted`.
    function isWellFormed(bytes32 head, bytes32[] calldata words) internal pure returns (bool) {
        uint8 kind = head.kind();
        if (head.subject() == 0) return false;
        if (kind == Kinds.INVOICED) return _isInvoice(head, words);
        uint72 detail = head.detail();
        if (kind == Kinds.VERIFIED) {
            uint8 verdict = head.first();
            return verdict != 0 && verdict <= 4 && uint24(detail) == 0 && words.length == 0;
        }
        if (head.occurrence() != 0) return false;

        if (kind == Kinds.QUOTED) return _isQuote(uint40(detail), words);
        if (kind == Kinds.ORDERED) return words.length == 3 && areVersions(detail, 3) && areRoots(words, 0);
        if (kind == Kinds.MANUFACTURED) {
            return words.length == 7 && areVersions(detail & ~(uint72(1) << 64), 3) && areRoots(words, 0);
        }
        if (kind == Kinds.DELIVERED) {
            return detail == 0 && (words.length == 1 || words.length == 2) && areRoots(words, 0);
        }
        return detail == 0 && words.length == 0;
    }

    /// @dev Whether the last bytes of `detail` are versions of `groups` groups, 2 or 3, and the rest is zero.
    function areVersions(uint72 detail, uint256 groups) internal pure returns (bool) {
        if (detail >> 24 != 0 || detail >> 16 == 0 || uint8(detail >> 8) == 0) return false;
        return (uint8(detail) != 0) == (groups == 3);
    }

    /// @dev An identifier stands left-aligned in its word, and the rest is zero.
    function isId(bytes32 word) internal pure returns (bool) {
        return word != 0 && uint128(uint256(word)) == 0;
    }

    /// @dev No root from `start` on is zero.
    function areRoots(bytes32[] calldata words, uint256 start) internal pure returns (bool) {
        uint256 size = words.length;
        for (uint256 i = start; i < size;) {
            if (words[i] == 0) return false;
            unchecked {
                i++;
            }
        }
        return true;
    }

    /// @dev No two of the words at `start`, `start + width`, … are equal. At most `MAX_ITEMS` words: 120 comparisons.
    function areDistinct(bytes32[] calldata words, uint256 start, uint256 width) internal pure returns (bool) {
        for (uint256 i = start + width; i < words.length; i += width) {
            bytes16 id = bytes16(words[i]);
            for (uint256 earlier = start; earlier < i; earlier += width) {
                if (bytes16(words[earlier]) == id) return false;
            }
        }
        return true;
    }

    function _isQuote(uint40 versions, bytes32[] calldata words) private pure returns (bool) {
        if (words.length == 2) return versions == 0 && isId(words[0]) && isId(words[1]);
        return words.length == 5 && versions == VERSIONS_OF_TWO && isId(words[0]) && areRoots(words, 1);
    }

    function _isInvoice(bytes32 head, bytes32[] calldata words) private pure returns (bool) {
        uint32 first = head.firstInsurer();
        uint32 second = head.secondInsurer();
        if (head.first() > 1 || head.occurrence() >= Kinds.MAX_INVOICES) return false;
        if (second != 0 && (first == 0 || first == second)) return false;

        if (words.length <= Kinds.INVOICE_HEADER) return false;
        uint256 lines = words.length - Kinds.INVOICE_HEADER;
        if (lines % Kinds.INVOICE_WIDTH != 0 || lines / Kinds.INVOICE_WIDTH > Kinds.MAX_ITEMS) return false;
        if (words[0] == 0 || words[1] == 0) return false;
        for (uint256 i = Kinds.INVOICE_HEADER; i < words.length; i += Kinds.INVOICE_WIDTH) {
            bytes32 item = words[i];
            if (bytes16(item) == 0 || uint128(uint256(item)) >> 24 != 0) return false;
            if (!areVersions(uint24(uint256(item)), 2)) return false;
            if (words[i + 1] == 0 || words[i + 2] == 0 || words[i + 3] == 0 || words[i + 4] == 0) return false;
        }
        return areDistinct(words, Kinds.INVOICE_HEADER, Kinds.INVOICE_WIDTH);
    }
}
