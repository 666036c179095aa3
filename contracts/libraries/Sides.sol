// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Kinds} from "./Kinds.sol";

/// @title The two sides of each comparison
/// @dev One byte for each comparison, 0 to 12, in constants: chains of conditions would make the contract too large.
library Sides {
    /// @dev The kinds that stand first: quoted 1, ordered 2, manufactured 3.
    bytes13 private constant _FIRST = hex"01010202020303030101010103";

    /// @dev The kinds that stand second: ordered 2, manufactured 3, invoiced 7, delivered 6.
    bytes13 private constant _SECOND = hex"02020303030707070707070706";

    /// @dev Which root of a step the comparison is about, and which of one that says what was made.
    bytes13 private constant _ROOT = hex"00010001020001020203000100";
    bytes13 private constant _ROOT_OF_MADE = hex"00010001020001030203000104";

    /// @dev Whether steps of `kind` are one side of that comparison.
    function isSideOf(uint8 kind, uint8 comparison) internal pure returns (bool) {
        if (comparison >= Kinds.COMPARISONS) return false;
        return kind == uint8(_FIRST[comparison]) || kind == uint8(_SECOND[comparison]);
    }

    /// @dev The kind on the other side of that comparison.
    function other(uint8 kind, uint8 comparison) internal pure returns (uint8) {
        return uint8(kind == uint8(_FIRST[comparison]) ? _SECOND[comparison] : _FIRST[comparison]);
    }

    /// @dev Which of the roots of a step of `kind` that comparison is about.
    function rootOf(uint8 kind, uint8 comparison) internal pure returns (uint256) {
        return uint8(kind == Kinds.MANUFACTURED ? _ROOT_OF_MADE[comparison] : _ROOT[comparison]);
    }
}
