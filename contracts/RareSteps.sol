// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPartyRegistry} from "./interfaces/IPartyRegistry.sol";
import {IRareSteps} from "./interfaces/IRareSteps.sol";
import {Heads} from "./libraries/Heads.sol";
import {Kinds} from "./libraries/Kinds.sol";
import {RareShapes} from "./libraries/RareShapes.sol";
import {Shapes} from "./libraries/Shapes.sol";
import {ClaimSteps} from "./rare/ClaimSteps.sol";
import {Reconciling} from "./rare/Reconciling.sol";
import {Replacements} from "./rare/Replacements.sol";
import {StockSteps} from "./rare/StockSteps.sol";
import {Withdrawals} from "./rare/Withdrawals.sol";
import {RareAuthors} from "./rare/RareAuthors.sol";

/// @title The rules that few lives need: exceptions, cover, decisions, stock
/// @dev Has no storage of its own and is never called but by the ledger's delegate call. The order of judgement is the
/// same as in `Steps`.
contract RareSteps is IRareSteps, RareAuthors, Reconciling, Replacements, StockSteps, ClaimSteps, Withdrawals {
    using Heads for bytes32;

    /// @inheritdoc IRareSteps
    function take(Author memory author, Step calldata step) external returns (Outcome outcome, uint64 sequence) {
        outcome = _judgeStateless(author, step);
        if (outcome == Outcome.Recorded) outcome = _takeRare(author, step);
        return (outcome, author.sequence);
    }

    /// @inheritdoc IRareSteps
    function reconcile(bytes16 item, bytes32 head, bytes32[] calldata roots, uint256 state)
        external
        returns (uint256[] memory states)
    {
        return _reconcile(item, head, roots, state);
    }

    function _judgeStateless(Author memory author, Step calldata step) private view returns (Outcome) {
        bytes32 head = step.head;
        bool formed = head.kind() == Kinds.QUOTED
            ? Shapes.isWellFormed(head, step.words)
            : RareShapes.isWellFormed(head, step.words);
        if (!formed) return Outcome.Malformed;
        if (!_mayAuthor(author, head, step.words)) return Outcome.NotAllowed;
        return _judgeClaim(author, head);
    }

    function _takeRare(Author memory author, Step calldata step) private returns (Outcome) {
        uint8 kind = step.head.kind();
        if (kind == Kinds.QUOTED) return _takeReplacement(author, step);
        if (kind == Kinds.DRAWN) return _takeDrawing(author, step);
        if (kind == Kinds.EXCHANGED) return _takeExchange(author, step);
        if (kind == Kinds.ERASED) return _takeErasure(author, step);
        if (kind <= Kinds.ERROR_DECLARED) return _takeException(author, step);
        if (kind == Kinds.WITHDRAWN) return _takeWithdrawal(author, step);
        if (kind == Kinds.LOT_SHIPPED) return _takeLot(author, step);
        if (kind == Kinds.LOT_TRANSFERRED) return _takeTransfer(author, step);
        return _takeOfDossier(author, step);
    }
}
