// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Heads} from "../libraries/Heads.sol";
import {States} from "../libraries/States.sol";
import {Naming} from "../steps/Naming.sol";

/// @title How rare steps store and log what they change
abstract contract RareStore is Naming {
    using Heads for bytes32;
    using States for uint256;

    /// @dev Put an item into `state`, exceptional or not, settle whether it is open, and count that in its dossier.
    /// @param state with the mark of being open that the dossier counts now
    /// @return settled the state stored
    /// @return group the dossier's state if that changed, else zero
    function _store(bytes16 item, bytes16 dossier, uint256 state, uint256 exceptions)
        internal
        returns (uint256 settled, uint256 group)
    {
        if (exceptions != 0) state |= States.EXCEPTIONAL;
        settled = state.settled();
        _items[item].state = settled;
        if ((settled ^ state) & States.OPEN == 0) return (settled, 0);
        group = _dossiers[dossier].withOpen(state, settled);
        _dossiers[dossier] = group;
    }

    /// @dev Store an exceptional item with its exceptions.
    function _storeExceptions(bytes16 item, bytes16 dossier, uint256 state, uint256 exceptions)
        internal
        returns (uint256[] memory states)
    {
        _items[item].exceptions = exceptions;
        _items[item].dossier = dossier;
        (uint256 settled, uint256 group) = _store(item, dossier, state, exceptions);
        return _list(settled, exceptions, group);
    }

    /// @dev Those that are not zero, in order; the first never is.
    function _list(uint256 one, uint256 two, uint256 three) internal pure returns (uint256[] memory states) {
        uint256 size = 1;
        if (two != 0) size++;
        if (three != 0) size++;
        states = new uint256[](size);
        states[0] = one;
        if (two != 0) states[1] = two;
        if (three != 0) states[size - 1] = three;
    }

    /// @dev Take note of an identity that no state has a bit for.
    /// @return fresh false if it was recorded before
    function _remember(bytes32 identity) internal returns (bool fresh) {
        if (_recorded[identity]) return false;
        _recorded[identity] = true;
        return true;
    }

    /// @dev What a joint step says, as a hash: both parties have to say the same.
    function _said(bytes32 head, bytes32[] calldata words) internal pure returns (bytes32) {
        return keccak256(abi.encode(head.detail(), words));
    }
}
