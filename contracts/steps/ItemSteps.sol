// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Comparisons} from "../libraries/Comparisons.sol";
import {Heads} from "../libraries/Heads.sol";
import {Kinds} from "../libraries/Kinds.sol";
import {States} from "../libraries/States.sol";
import {Tables} from "../libraries/Tables.sol";
import {RareCalls} from "./RareCalls.sol";

/// @title The steps of every life whose subject is an item
/// @dev Each function that returns an `Outcome` changes nothing unless it returns `Recorded`. The step is well formed
/// and its author may sign such a step: `Steps` has seen to it.
abstract contract ItemSteps is RareCalls {
    using Heads for bytes32;
    using States for uint256;
    using Tables for Tables.Section;
    using Tables for Tables.Table;

    uint256 private constant _FOR_ORDERED = (1 << Tables.QUOTED) | (1 << Tables.MADE);
    uint256 private constant _FOR_MANUFACTURED =
        (1 << Tables.ORDERED) | (1 << Tables.DELIVERED) | (1 << Tables.INVOICED);
    uint256 private constant _FOR_DELIVERED = 1 << Tables.DRAWN;

    /// @dev Quoted: the item's first step. It fixes the item's glassmaker and dossier.
    function _takeQuote(Author memory author, bytes32 head, bytes32[] calldata words) internal returns (Outcome) {
        bytes16 item = head.subject();
        bytes16 dossier = bytes16(words[0]);
        if (_items[item].state != 0) return Outcome.Repeated;
        uint256 group = _dossiers[dossier];
        if (group.quotedOf() == States.MAX_QUOTED) return Outcome.NotAllowed;

        Tables.Table memory table;
        table.places[0] = words[0];
        table.places[Tables.QUOTED] = Tables.section(head, words, 1).hashOf(4);
        uint256 state = States.OPEN.withStep(Kinds.QUOTED).withGlassmaker(head.number()).withTable(table.hash());
        group = group.withQuoted().withOpen(0, state).withStep(Kinds.QUOTED);
        _items[item].state = state;
        _dossiers[dossier] = group;
        _log(author, head, state, group, words);
        return Outcome.Recorded;
    }

    /// @dev Ordered, manufactured, shipped, received, delivered, acknowledged, mounted.
    function _takeItemStep(Author memory author, Step calldata step) internal returns (Outcome) {
        bytes32 head = step.head;
        uint8 kind = head.kind();
        bytes16 item = head.subject();
        uint256 state = _items[item].state;
        Outcome outcome = _judge(author.party, kind, state);
        if (outcome != Outcome.Recorded) return outcome;

        bytes32[] calldata words = step.words;
        bool current = true;
        if (kind == Kinds.ORDERED) (current, state) = _withOrder(state, step);
        else if (kind == Kinds.MANUFACTURED) (current, state) = _withMaking(state, step);
        else if (kind == Kinds.DELIVERED) (current, state) = _withDelivery(state, step);
        if (!current) return Outcome.StaleWitness;

        if (kind == Kinds.MANUFACTURED) state = _bind(words[6], item, state);
        bool shows = kind == Kinds.DELIVERED && words.length == 2 && !state.has(Kinds.CREDITED);
        if (shows) state = _show(words[1], item, state);
        state = state.withStep(kind);
        if (state & States.EXCEPTIONAL == 0) {
            _items[item].state = state;
            _log(author, head, state, words);
        } else {
            _log(author, head, _reconciled(item, head, words, 0, state), words);
        }
        return Outcome.Recorded;
    }

    /// @dev What stands against a step of `kind` by `party` on an item in `state`, but for the witness. What no other
    /// order of arrival could have avoided comes first.
    function _judge(uint32 party, uint8 kind, uint256 state) private pure returns (Outcome) {
        bool making = kind == Kinds.MANUFACTURED || kind == Kinds.SHIPPED || kind == Kinds.ACKNOWLEDGED;
        if (state == 0) return making ? Outcome.UnknownSubject : Outcome.PredecessorMissing;

        uint32 glassmaker = state.glassmakerOf();
        if (making && glassmaker != party) return Outcome.NotAllowed;
        if (glassmaker == 0 && (kind == Kinds.ORDERED || kind == Kinds.RECEIVED)) return Outcome.NotAllowed;
        if (state.has(kind)) return Outcome.Repeated;
        if (kind == Kinds.ORDERED && state.has(Kinds.DRAWN)) return Outcome.NotAllowed;
        if (kind == Kinds.SHIPPED && !state.has(Kinds.MANUFACTURED)) return Outcome.PredecessorMissing;
        if (kind == Kinds.RECEIVED && !state.has(Kinds.ORDERED)) return Outcome.PredecessorMissing;
        return Outcome.Recorded;
    }

    /// @return current whether the witness is that of the table recorded
    /// @return afterwards the state with the step's roots in the table, and compared
    function _withOrder(uint256 state, Step calldata step) private pure returns (bool current, uint256 afterwards) {
        bytes32[] calldata witness = step.witness;
        Tables.Table memory table = Tables.read(state, witness, 0, _FOR_ORDERED, 0);
        if (!table.matches(state, witness.length)) return (false, state);
        Tables.Section memory order = Tables.section(step.head, step.words, 0);
        uint256 bits = Comparisons.quotedOrdered(table.sectionOf(Tables.QUOTED), order)
            | Comparisons.orderedManufactured(order, table.sectionOf(Tables.MADE));
        table.places[Tables.ORDERED] = order.hashOf(3);
        return (true, state.withCompared(bits).withTable(table.hash()));
    }

    /// @dev As `_withOrder`.
    function _withMaking(uint256 state, Step calldata step) private pure returns (bool current, uint256 afterwards) {
        bytes32[] calldata witness = step.witness;
        Tables.Table memory table = Tables.read(state, witness, 0, _FOR_MANUFACTURED, 0);
        if (!table.matches(state, witness.length)) return (false, state);
        Tables.Section memory made = Tables.section(step.head, step.words, 0);
        bytes32 device = step.words[4];
        uint256 bits = Comparisons.orderedManufactured(table.sectionOf(Tables.ORDERED), made)
            | _invoicedBits(state, made, table, witness);
        if (table.sections[Tables.DELIVERED] != 0) {
            bits |= Comparisons.device(device, table.sectionOf(Tables.DELIVERED).root(0));
        }
        if (step.head.first() == 1) state |= States.WARRANTY;
        if (state.has(Kinds.DRAWN)) state |= States.DUPLICATE;
        table.places[Tables.MADE] = made.hashOf(4);
        table.places[Tables.DEVICE] = device;
        return (true, state.withCompared(bits).withTable(table.hash()));
    }

    /// @dev What was made, compared with each invoice that stands.
    function _invoicedBits(
        uint256 state,
        Tables.Section memory made,
        Tables.Table memory table,
        bytes32[] calldata witness
    ) private pure returns (uint256 bits) {
        uint256 invoices = state.invoicesOf();
        for (uint256 i = 0; i < invoices; i++) {
            bits |= Comparisons.madeInvoiced(made, 3, table.invoice(witness, i));
        }
    }

    /// @dev As `_withOrder`.
    function _withDelivery(uint256 state, Step calldata step) private pure returns (bool current, uint256 afterwards) {
        bytes32[] calldata witness = step.witness;
        Tables.Table memory table = Tables.read(state, witness, 0, _FOR_DELIVERED, 0);
        if (!table.matches(state, witness.length)) return (false, state);
        bytes32[] calldata words = step.words;
        bytes32 device = words[0];
        uint256 bits = Comparisons.device(table.places[Tables.DEVICE], device);
        if (table.sections[Tables.DRAWN] != 0) bits |= Comparisons.device(table.sectionOf(Tables.DRAWN).root(3), device);
        table.places[Tables.DELIVERED] = Tables.section(step.head, words, 0).hashOf(1);
        return (true, state.withCompared(bits).withTable(table.hash()));
    }
}
