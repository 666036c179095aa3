// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Tables} from "./Tables.sol";

/// @title The comparisons between two sections of an item's table
/// @dev Bits in `IEquipmentLedger`. Each function returns the mismatches, comparison n as bit n, and bit 16 where two
/// sides stand under different versions. A section that is not there compares with nothing.
library Comparisons {
    using Tables for Tables.Section;

    /// @dev Two sides under different versions.
    uint256 private constant _INCOMPARABLE = 1 << 16;

    function quotedOrdered(Tables.Section memory quote, Tables.Section memory order) internal pure returns (uint256) {
        if (quote.roots == 0 || order.roots == 0) return 0;
        return _versioned(quote, order, 0, 0, 29) | _versioned(quote, order, 1, 1, 30);
    }

    function orderedManufactured(Tables.Section memory order, Tables.Section memory made)
        internal
        pure
        returns (uint256)
    {
        if (order.roots == 0 || made.roots == 0) return 0;
        return _versioned(order, made, 0, 2, 29) | _versioned(order, made, 1, 3, 30) | _versioned(order, made, 2, 4, 31);
    }

    /// @param coding number of the coding root in `made`: 3 as manufactured, 2 as drawn
    function madeInvoiced(Tables.Section memory made, uint256 coding, Tables.Section memory invoice)
        internal
        pure
        returns (uint256)
    {
        if (made.roots == 0 || invoice.roots == 0) return 0;
        return _versioned(made, invoice, 0, 5, 29) | _versioned(made, invoice, 1, 6, 30)
            | _differ(made.root(coding), invoice.root(2), 7);
    }

    /// @param framed whether the item has glassmaker 0, so that its quote is compared whole
    function quotedInvoiced(Tables.Section memory quote, Tables.Section memory invoice, bool framed)
        internal
        pure
        returns (uint256 bits)
    {
        if (quote.roots == 0 || invoice.roots == 0) return 0;
        bits = _differ(quote.root(2), invoice.root(2), 8) | _differ(quote.root(3), invoice.root(3), 9);
        if (framed) bits |= _versioned(quote, invoice, 0, 10, 29) | _versioned(quote, invoice, 1, 11, 30);
    }

    /// @dev Zero is a device that is not known.
    function device(bytes32 made, bytes32 delivered) internal pure returns (uint256) {
        return made == 0 || delivered == 0 ? 0 : _differ(made, delivered, 12);
    }

    /// @dev Compare root number `i` of both, whose version is byte `version` of each head.
    function _versioned(
        Tables.Section memory one,
        Tables.Section memory other,
        uint256 i,
        uint256 bit,
        uint256 version
    ) private pure returns (uint256) {
        if (one.head[version] != other.head[version]) return _INCOMPARABLE;
        return _differ(one.root(i), other.root(i), bit);
    }

    function _differ(bytes32 one, bytes32 other, uint256 bit) private pure returns (uint256) {
        return one == other ? 0 : 1 << bit;
    }
}
