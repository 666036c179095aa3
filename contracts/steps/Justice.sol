// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Exceptions} from "../libraries/Exceptions.sol";
import {Kinds} from "../libraries/Kinds.sol";
import {States} from "../libraries/States.sol";
import {LedgerStore} from "./LedgerStore.sol";

/// @title What the exceptions of an item explain
/// @dev Nothing is stored of it: it follows from what is, so the order in which steps arrived does not matter.
abstract contract Justice is LedgerStore {
    using States for uint256;

    uint256 private constant _CODING_QUOTED = 1 << 8;
    uint256 private constant _BY_EXCHANGE = 0xE3;
    uint256 private constant _MADE_INVOICED = 0xE0;

    /// @dev The mismatch bits of an item that count, and those among them that are justified.
    function _bitsOf(bytes16 id) internal view returns (uint16 mismatches, uint16 justified) {
        Item storage item = _items[id];
        uint256 state = item.state;
        mismatches = state.mismatchesOf();
        if (state.has(Kinds.DRAWN)) mismatches &= ~uint16(_CODING_QUOTED);
        if (state & States.EXCEPTIONAL == 0) return (mismatches, 0);

        uint256 bits = _bySubstitution(item.exceptions) | _byDeclarations(id, item);
        if (_isExchangeGood(item, state)) bits |= _BY_EXCHANGE;
        justified = mismatches & uint16(bits);
    }

    function _bySubstitution(uint256 exceptions) private pure returns (uint256) {
        bool alike = exceptions & Exceptions.SUBSTITUTED_ALIKE != 0;
        if (!alike || exceptions & Exceptions.SUBSTITUTED_LATE != 0) return 0;
        return ((exceptions >> Exceptions.AS_SUBSTITUTED) & 0xF) | _CODING_QUOTED;
    }

    /// @dev Whether the item given under warranty stands in every way for the first one.
    function _isExchangeGood(Item storage item, uint256 state) private view returns (bool) {
        if (!state.has(Kinds.EXCHANGED) || state & States.WARRANTY == 0) return false;
        if (item.exceptions & Exceptions.DELIVERED_EARLIER == 0) return false;
        if (item.replaced != item.first) return false;
        uint256 first = _items[item.first].state;
        return first.has(Kinds.MANUFACTURED) && first.invoicesOf() != 0
            && first.mismatchesOf() & _MADE_INVOICED == 0;
    }

    function _byDeclarations(bytes16 id, Item storage item) private view returns (uint256 bits) {
        uint256 exceptions = item.exceptions;
        uint256 corrected = uint16(exceptions >> Exceptions.CORRECTED);
        if (corrected == 0) return 0;
        // Of two invoices' and the quote's sides the optician is the only author; all others need both.
        uint256 good = uint16(exceptions >> Exceptions.DECLARED_ALIKE)
            | (uint16(exceptions >> Exceptions.DECLARED_BY_OPTICIAN) & 0xF00);
        uint40 checkedAt = _dossiers[item.dossier].checkedAt();
        for (uint256 comparison = 0; comparison < Kinds.COMPARISONS; comparison++) {
            if (corrected & good & (1 << comparison) == 0) continue;
            if (checkedAt == 0 || _declarations[id][comparison].claimedAt <= checkedAt) bits |= 1 << comparison;
        }
    }
}
