// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {States} from "../../libraries/States.sol";
import {LedgerStore} from "../../steps/LedgerStore.sol";

/// @title What holds of one object and its token, whatever the ledger keeps of both
/// @dev The rules are the ledger's own; here they are called from outside, on whatever is put before them.
contract NullifierProofs is LedgerStore {
    /// @dev A token registered for one item and then for another: both are marked, and whoever had it first keeps it.
    function check_aTokenIsNotRegisteredTwiceUnseen(
        bytes32 token,
        bytes16 first,
        bytes16 second,
        uint256 one,
        uint256 other,
        Nullifier memory before
    ) public {
        if (first == 0 || second == 0 || first == second) return;
        _nullifiers[token] = before;
        _items[first].state = one;
        _items[second].state = other;
        _items[first].state = _bind(token, first, _items[first].state);
        _items[second].state = _bind(token, second, _items[second].state);
        assert(_items[first].state & _items[second].state & States.DUPLICATE != 0);
        assert(_nullifiers[token].bound == (before.bound == 0 ? first : before.bound));
    }

    /// @dev Whoever registers or hands over under a token behind which another item stands, marks both.
    function check_whoeverComesSecondMarksBoth(
        bytes32 token,
        bytes16 item,
        uint256 state,
        bytes16 bound,
        bytes16 shown,
        uint256 ofBound,
        uint256 ofShown,
        bool handsOver
    ) public {
        if (item == 0) return;
        _nullifiers[token] = Nullifier(bound, shown);
        _items[shown].state = ofShown;
        _items[bound].state = ofBound;
        ofShown = _items[shown].state;
        uint256 afterwards = handsOver ? _show(token, item, state) : _bind(token, item, state);
        bool met = (bound != 0 && bound != item) || (shown != 0 && shown != item);
        assert(afterwards == (met ? state | States.DUPLICATE : state));
        if (bound != 0 && bound != item) assert(_items[bound].state == ofBound | States.DUPLICATE);
        if (shown != 0 && shown != item) assert(_items[shown].state == ofShown | States.DUPLICATE);
    }

    /// @dev Nobody but an item's own credit takes a token from it, and nothing is forgotten of another token.
    function check_aTokenIsTakenFromNobodyButByItsOwnCredit(
        bytes32 token,
        bytes32 another,
        bytes16 item,
        bytes16 bound,
        bytes16 shown,
        Nullifier memory kept,
        uint8 what
    ) public {
        if (item == 0 || token == another) return;
        _nullifiers[token] = Nullifier(bound, shown);
        _nullifiers[another] = kept;
        if (what == 0) _bind(token, item, 0);
        else if (what == 1) _show(token, item, 0);
        else _free(token, item);
        Nullifier memory known = _nullifiers[token];
        if (bound != 0 && (what < 2 || bound != item)) assert(known.bound == bound);
        if (shown != 0 && (what < 2 || shown != item)) assert(known.shown == shown);
        if (what >= 2) assert(known.bound != item && known.shown != item);
        assert(_nullifiers[another].bound == kept.bound && _nullifiers[another].shown == kept.shown);
    }
}
