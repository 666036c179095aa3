// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Kinds} from "./Kinds.sol";
import {States} from "./States.sol";

/// @title The table of an item's roots, and the comparisons made on it
/// @dev Places and comparison bits in `IEquipmentLedger`. A zero place is a root not recorded. The ledger stores the
/// hash of the table alone; whoever relays a step brings the roots.
library RootTable {
    /// @dev Read the roots that an item in `state` has from `witness`, beginning at `start`.
    /// @return table the eighteen places; of no meaning if the witness is too short
    /// @return end where the next item's roots begin; beyond the witness's end if it is too short
    function read(uint256 state, bytes32[] calldata witness, uint256 start)
        internal
        pure
        returns (bytes32[18] memory table, uint256 end)
    {
        end = start;
        if (States.has(state, Kinds.QUOTED)) end = _copy(table, 0, 4, witness, end);
        if (States.has(state, Kinds.ORDERED)) end = _copy(table, 4, 3, witness, end);
        if (States.has(state, Kinds.MANUFACTURED)) end = _copy(table, 7, 6, witness, end);
        if (States.has(state, Kinds.DELIVERED)) end = _copy(table, 13, 1, witness, end);
        if (States.has(state, Kinds.INVOICED)) end = _copy(table, 14, 4, witness, end);
    }

    /// @dev Write the roots that a step of `kind` carries in `words`, from `start` on, into their places.
    function write(bytes32[18] memory table, uint8 kind, bytes32[] calldata words, uint256 start) internal pure {
        if (kind == Kinds.QUOTED) _copy(table, 0, 4, words, start);
        else if (kind == Kinds.ORDERED) _copy(table, 4, 3, words, start);
        else if (kind == Kinds.MANUFACTURED) _copy(table, 7, 6, words, start);
        else if (kind == Kinds.DELIVERED) _copy(table, 13, 1, words, start);
        else if (kind == Kinds.INVOICED) _copy(table, 14, 4, words, start);
    }

    /// @dev The same as `keccak256(abi.encode(table))`, which copies word by word first: 1,700 gas more each time.
    function hash(bytes32[18] memory table) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            result := keccak256(table, 576)
        }
    }

    /// @dev The comparisons whose second side a step of `kind` may be. `framed` is true for an item with no glassmaker,
    /// whose quoted product and supplements are compared with the invoiced ones.
    /// @return bits the mismatches, comparison n as bit n
    function mismatches(bytes32[18] memory table, uint8 kind, bool framed) internal pure returns (uint256 bits) {
        if (kind == Kinds.ORDERED) return _quotedOrdered(table) | _orderedManufactured(table);
        if (kind == Kinds.MANUFACTURED) {
            return _orderedManufactured(table) | _manufacturedInvoiced(table) | _device(table);
        }
        if (kind == Kinds.DELIVERED) return _device(table);
        if (kind == Kinds.INVOICED) return _manufacturedInvoiced(table) | _quotedInvoiced(table, framed);
    }

    /// @dev Copy `size` of `roots` from `start` on into `table` from `place` on, all at once: a loop costs 100 gas more
    /// for each root. Nothing is copied if `roots` is too short. The callers keep `place + size` within the table.
    /// @return end `start + size`
    function _copy(bytes32[18] memory table, uint256 place, uint256 size, bytes32[] calldata roots, uint256 start)
        private
        pure
        returns (uint256 end)
    {
        end = start + size;
        if (end > roots.length) return end;
        assembly ("memory-safe") {
            calldatacopy(add(table, shl(5, place)), add(roots.offset, shl(5, start)), shl(5, size))
        }
    }

    function _quotedOrdered(bytes32[18] memory table) private pure returns (uint256) {
        return _differ(table[0], table[4], 0) | _differ(table[1], table[5], 1);
    }

    function _orderedManufactured(bytes32[18] memory table) private pure returns (uint256) {
        return _differ(table[4], table[7], 2) | _differ(table[5], table[8], 3) | _differ(table[6], table[9], 4);
    }

    function _manufacturedInvoiced(bytes32[18] memory table) private pure returns (uint256) {
        return _differ(table[7], table[14], 5) | _differ(table[8], table[15], 6) | _differ(table[10], table[16], 7);
    }

    function _quotedInvoiced(bytes32[18] memory table, bool framed) private pure returns (uint256 bits) {
        bits = _differ(table[2], table[16], 8) | _differ(table[3], table[17], 9);
        if (framed) bits |= _differ(table[0], table[14], 10) | _differ(table[1], table[15], 11);
    }

    function _device(bytes32[18] memory table) private pure returns (uint256) {
        return _differ(table[11], table[13], 12);
    }

    /// @dev Bit `comparison` if both roots are recorded and differ.
    function _differ(bytes32 one, bytes32 other, uint256 comparison) private pure returns (uint256) {
        return one != 0 && other != 0 && one != other ? 1 << comparison : 0;
    }
}
