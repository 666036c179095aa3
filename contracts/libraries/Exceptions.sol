// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Kinds} from "./Kinds.sol";

/// @title The exceptions word of an item
/// @dev Layout in `IEquipmentLedger`.
library Exceptions {
    uint256 internal constant SUBSTITUTED_BY_OPTICIAN = 1;
    uint256 internal constant SUBSTITUTED_BY_GLASSMAKER = 1 << 1;
    uint256 internal constant SUBSTITUTED_ALIKE = 1 << 2;
    uint256 internal constant SUBSTITUTED_LATE = 1 << 3;
    uint256 internal constant CANCELLED_BY_OPTICIAN = 1 << 8;
    uint256 internal constant CANCELLED_BY_GLASSMAKER = 1 << 9;
    uint256 internal constant CANCELLED_LATE = 1 << 10;
    uint256 internal constant DELIVERED_EARLIER = 1 << 11;

    /// @dev First of four bits, set once both say the same: ordered product, ordered supplements, manufactured product,
    /// manufactured supplements are those substituted.
    uint256 internal constant AS_SUBSTITUTED = 4;

    /// @dev First of 16 bits each, comparison by comparison.
    uint256 internal constant DECLARED_BY_OPTICIAN = 16;
    uint256 internal constant DECLARED_BY_GLASSMAKER = 32;
    uint256 internal constant DECLARED_ALIKE = 48;
    uint256 internal constant CORRECTED = 64;

    uint256 private constant _SUBSTITUTED_AT = 96;
    uint256 private constant _CANCELLED_AT = 136;

    /// @dev The bit by which ordered, manufactured or delivered is declared not to have occurred.
    function notOccurred(uint8 kind) internal pure returns (uint256) {
        if (kind == Kinds.ORDERED) return 1 << 13;
        return kind == Kinds.MANUFACTURED ? 1 << 14 : 1 << 15;
    }

    function substitutedAt(uint256 word) internal pure returns (uint40) {
        return uint40(word >> _SUBSTITUTED_AT);
    }

    /// @dev The word after a substitution claimed at `time`; the later one counts.
    function withSubstitutedAt(uint256 word, uint40 time) internal pure returns (uint256) {
        if (time <= substitutedAt(word)) return word;
        return (word & ~(uint256(type(uint40).max) << _SUBSTITUTED_AT)) | (uint256(time) << _SUBSTITUTED_AT);
    }

    function cancelledAt(uint256 word) internal pure returns (uint40) {
        return uint40(word >> _CANCELLED_AT);
    }

    function withCancelledAt(uint256 word, uint40 time) internal pure returns (uint256) {
        return word | (uint256(time) << _CANCELLED_AT);
    }
}
