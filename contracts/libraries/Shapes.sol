// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Heads} from "./Heads.sol";
import {Kinds} from "./Kinds.sol";

/// @title Whether a step is well formed
/// @dev Judges head and words alone, without state, and never reverts. The shapes are those of the table in
/// `IEquipmentLedger`.
library Shapes {
    using Heads for bytes32;

    /// @dev Versions of product and supplements in the three last bytes: 1, 1, and nothing in the third.
    uint256 private constant VERSIONS_OF_TWO = 0x010100;

    /// @dev Versions of product, supplements, correction in the three last bytes.
    uint256 private constant VERSIONS_OF_THREE = 0x010101;

    /// @dev True if `head` and `words` have the shape of some kind of step.
    function isWellFormed(bytes32 head, bytes32[] calldata words) internal pure returns (bool) {
        uint8 kind = head.kind();
        if (head.subject() == 0) return false;
        if (kind == Kinds.INVOICED) return _isInvoice(head, words);
        if (kind == Kinds.VERIFIED) return _isVerification(head, words);
        if (head.occurrence() != 0) return false;

        uint72 detail = head.detail();
        if (kind == Kinds.QUOTED) {
            return words.length == 5 && uint40(detail) == VERSIONS_OF_TWO && _isId(words[0]) && _areRoots(words, 1);
        }
        if (kind == Kinds.ORDERED) {
            return words.length == 3 && detail == VERSIONS_OF_THREE && _areRoots(words, 0);
        }
        if (kind == Kinds.MANUFACTURED) {
            return words.length == 6 && detail == VERSIONS_OF_THREE && _areRoots(words, 0);
        }
        if (kind == Kinds.SHIPPED || kind == Kinds.RECEIVED) return words.length == 0 && detail == 0;
        if (kind == Kinds.DELIVERED) return words.length == 1 && detail == 0 && words[0] != 0;
        return false;
    }

    function _isInvoice(bytes32 head, bytes32[] calldata words) private pure returns (bool) {
        uint32 first = head.firstInsurer();
        uint32 second = head.secondInsurer();
        if (head.partialByte() > 1) return false;
        if (second != 0 && (first == 0 || first == second)) return false;

        if (words.length <= Kinds.INVOICE_HEADER) return false;
        if ((words.length - Kinds.INVOICE_HEADER) % Kinds.INVOICE_WIDTH != 0) return false;
        if ((words.length - Kinds.INVOICE_HEADER) / Kinds.INVOICE_WIDTH > Kinds.MAX_ITEMS) return false;
        if (words[0] == 0 || words[1] == 0) return false;
        for (uint256 i = Kinds.INVOICE_HEADER; i < words.length; i += Kinds.INVOICE_WIDTH) {
            if (bytes16(words[i]) == 0 || uint128(uint256(words[i])) != VERSIONS_OF_TWO) return false;
            if (words[i + 1] == 0 || words[i + 2] == 0 || words[i + 3] == 0 || words[i + 4] == 0) return false;
        }
        return _areDistinct(words, Kinds.INVOICE_HEADER, Kinds.INVOICE_WIDTH);
    }

    function _isVerification(bytes32 head, bytes32[] calldata words) private pure returns (bool) {
        uint8 verdict = head.verdict();
        if (verdict == 0 || verdict > 4 || uint24(head.detail()) != 0) return false;

        if (words.length == 0 || words.length > Kinds.MAX_ITEMS) return false;
        for (uint256 i = 0; i < words.length; i++) {
            if (!_isId(words[i])) return false;
        }
        return _areDistinct(words, 0, 1);
    }

    /// @dev An identifier stands left-aligned in its word, and the rest is zero.
    function _isId(bytes32 word) private pure returns (bool) {
        return word != 0 && uint128(uint256(word)) == 0;
    }

    /// @dev No root from `start` on is zero.
    function _areRoots(bytes32[] calldata words, uint256 start) private pure returns (bool) {
        for (uint256 i = start; i < words.length; i++) {
            if (words[i] == 0) return false;
        }
        return true;
    }

    /// @dev No two of the words at `start`, `start + width`, … are equal. At most `MAX_ITEMS` words: 120 comparisons.
    function _areDistinct(bytes32[] calldata words, uint256 start, uint256 width) private pure returns (bool) {
        for (uint256 i = start + width; i < words.length; i += width) {
            bytes32 word = words[i];
            for (uint256 earlier = start; earlier < i; earlier += width) {
                if (words[earlier] == word) return false;
            }
        }
        return true;
    }
}
