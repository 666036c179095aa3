// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRareSteps} from "../interfaces/IRareSteps.sol";
import {LedgerStore} from "./LedgerStore.sol";

/// @title How the ledger reaches the rules that few lives need
/// @dev A contract may have 24,576 bytes, and the rules have more. Those of exceptions, cover, decisions and stock stand in
/// a contract of their own, without storage, whose code the ledger runs on its own storage. Its address is part of the
/// ledger's code: an upgrade, and nothing else, changes it.
abstract contract RareCalls is LedgerStore {
    IRareSteps private immutable _rare;

    constructor(address rare) {
        _rare = IRareSteps(rare);
    }

    /// @dev Judge, and record if nothing stands against it, a step of a kind from `Drawn` on, or a replacing quote.
    function _takeRare(Author memory author, Step calldata step) internal returns (Outcome outcome) {
        (outcome, author.sequence) =
            abi.decode(_run(abi.encodeCall(IRareSteps.take, (author, step))), (Outcome, uint64));
    }

    /// @dev Bring the exceptions of `item`, which goes into `state` by the step of `head`, up to date and store both.
    /// @param start where in `words` the roots of the step begin
    /// @return states the item's state and its exceptions
    function _reconciled(bytes16 item, bytes32 head, bytes32[] calldata words, uint256 start, uint256 state)
        internal
        returns (uint256[] memory states)
    {
        bytes memory call = abi.encodeCall(IRareSteps.reconcile, (item, head, words[start:], state));
        return abi.decode(_run(call), (uint256[]));
    }

    function _run(bytes memory call) private returns (bytes memory answer) {
        bool done;
        (done, answer) = address(_rare).delegatecall(call);
        if (done) return answer;
        assembly ("memory-safe") {
            revert(add(answer, 32), mload(answer))
        }
    }
}
