// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "./ISteps.sol";
import {LedgerStore} from "../steps/LedgerStore.sol";

/// @title The rules that few lives need
/// @notice Code that the ledger runs on its own storage; called by itself it changes nothing of any ledger.
interface IRareSteps {
    /// @notice Judge a step of a kind from `Drawn` on, or a replacing quote, and record it if nothing stands against it.
    /// @return outcome what became of it
    /// @return sequence the ledger's number afterwards
    function take(LedgerStore.Author memory author, ISteps.Step calldata step)
        external
        returns (ISteps.Outcome outcome, uint64 sequence);

    /// @notice Bring the exceptions of an exceptional item up to date with a step of another kind, and store both.
    /// @param item the item
    /// @param head the head of the step that is being recorded
    /// @param roots the roots that it brings
    /// @param state the item's state after the step, but for what follows from its exceptions
    /// @return states the item's state and its exceptions
    function reconcile(bytes16 item, bytes32 head, bytes32[] calldata roots, uint256 state)
        external
        returns (uint256[] memory states);
}
