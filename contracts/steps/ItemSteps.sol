// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Heads} from "../libraries/Heads.sol";
import {Kinds} from "../libraries/Kinds.sol";
import {RootTable} from "../libraries/RootTable.sol";
import {States} from "../libraries/States.sol";
import {LedgerStore} from "./LedgerStore.sol";

/// @title Steps whose subject is an item
/// @dev Each function that returns an `Outcome` changes nothing unless it returns `Recorded`. The step is well formed
/// and its author may sign such a step: `Steps` has seen to it.
abstract contract ItemSteps is LedgerStore {
    using Heads for bytes32;
    using RootTable for bytes32[18];
    using States for uint256;

    /// @dev Quoted: the item's first step. It fixes the item's glassmaker and dossier.
    function _takeQuote(Author memory author, bytes32 head, bytes32[] calldata words) internal returns (Outcome) {
        bytes16 item = head.subject();
        bytes16 dossier = bytes16(words[0]);
        if (_items[item].state != 0) return Outcome.Repeated;
        uint256 group = _dossiers[dossier];
        if (group.quotedOf() == States.MAX_QUOTED) return Outcome.NotAllowed;

        bytes32[18] memory table;
        table.write(Kinds.QUOTED, words, 1);
        uint256 state = States.newItem(head.glassmaker(), dossier).withStep(Kinds.QUOTED);
        group = group.withQuoted().withStep(Kinds.QUOTED);
        if (group & States.WHOLE != 0) group |= States.HIDDEN;

        _items[item] = Item(state, table.hash());
        _dossiers[dossier] = group;
        _logItemStep(author, head, words, state, group);
        return Outcome.Recorded;
    }

    /// @dev Ordered, manufactured, shipped, received, delivered.
    function _takeItemStep(Author memory author, bytes32 head, bytes32[] calldata words, bytes32[] calldata witness)
        internal
        returns (Outcome)
    {
        uint8 kind = head.kind();
        Item storage item = _items[head.subject()];
        uint256 state = item.state;
        Outcome outcome = _judgeItemStep(author.party, kind, state);
        if (outcome != Outcome.Recorded) return outcome;

        if (words.length != 0) {
            (bytes32[18] memory table, uint256 end) = RootTable.read(state, witness, 0);
            if (end != witness.length || table.hash() != item.roots) return Outcome.StaleWitness;
            table.write(kind, words, 0);
            state = state.withMismatches(table.mismatches(kind, state.glassmakerOf() == 0));
            item.roots = table.hash();
        }
        state = state.withStep(kind);
        item.state = state;
        _logItemStep(author, head, words, state, 0);
        return Outcome.Recorded;
    }

    /// @dev What stands against a step of `kind` by `party` on an item in `state`, but for the witness. What no other
    /// order of arrival could have avoided comes first.
    function _judgeItemStep(uint32 party, uint8 kind, uint256 state) private pure returns (Outcome) {
        bool making = kind == Kinds.MANUFACTURED || kind == Kinds.SHIPPED;
        if (state == 0) return making ? Outcome.UnknownSubject : Outcome.PredecessorMissing;

        uint32 glassmaker = state.glassmakerOf();
        if (making && glassmaker != party) return Outcome.NotAllowed;
        if (glassmaker == 0 && kind != Kinds.DELIVERED) return Outcome.NotAllowed;
        if (state.has(kind)) return Outcome.Repeated;
        if (kind == Kinds.SHIPPED && !state.has(Kinds.MANUFACTURED)) return Outcome.PredecessorMissing;
        if (kind == Kinds.RECEIVED && !state.has(Kinds.ORDERED)) return Outcome.PredecessorMissing;
        return Outcome.Recorded;
    }
}
