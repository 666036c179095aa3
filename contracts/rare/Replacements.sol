// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Comparisons} from "../libraries/Comparisons.sol";
import {Exceptions} from "../libraries/Exceptions.sol";
import {Heads} from "../libraries/Heads.sol";
import {Kinds} from "../libraries/Kinds.sol";
import {States} from "../libraries/States.sol";
import {Tables} from "../libraries/Tables.sol";
import {Reconciling} from "./Reconciling.sol";

/// @title Items that take another one's place
abstract contract Replacements is Reconciling {
    using Heads for bytes32;
    using States for uint256;
    using Tables for Tables.Section;
    using Tables for Tables.Table;

    uint256 private constant _FOR_GIVEN = (1 << Tables.MADE) | (1 << Tables.DRAWN) | Tables.LISTED;
    uint256 private constant _FOR_FIRST = (1 << Tables.DELIVERED) | (1 << Tables.INVOICED);

    /// @dev A quote of an item that replaces another: one of the same glassmaker has that one's quote, another has none.
    function _takeReplacement(Author memory author, Step calldata step) internal returns (Outcome) {
        bytes16 item = step.head.subject();
        bytes16 dossier = bytes16(step.words[0]);
        bytes16 replaced = bytes16(step.words[1]);
        if (_items[item].state != 0) return Outcome.Repeated;
        if (_dossiers[dossier].quotedOf() == States.MAX_QUOTED) return Outcome.NotAllowed;
        uint256 before = _items[replaced].state;
        if (before == 0) return Outcome.PredecessorMissing;
        if (before & States.REPLACED != 0) return Outcome.NotAllowed;
        Tables.Table memory table = Tables.read(before, step.witness, 0, 0, 0);
        if (!table.matches(before, step.witness.length)) return Outcome.StaleWitness;
        if (bytes16(table.places[0]) != dossier) return Outcome.NotAllowed;

        uint256 state = _asReplacement(step.head, before, table).settled();
        _items[item].state = state;
        _items[item].replaced = replaced;
        uint256 group = _dossiers[dossier].withQuoted().withOpen(0, state).withStep(Kinds.QUOTED);
        _dossiers[dossier] = group;
        (before,) = _store(replaced, dossier, before | States.REPLACED, _items[replaced].exceptions);
        _log(author, step.head, _list(state, before, _dossiers[dossier]), step.words);
        return Outcome.Recorded;
    }

    /// @dev An item given under adaptation warranty stands behind the first one's invoice.
    function _takeExchange(Author memory author, Step calldata step) internal returns (Outcome) {
        bytes16 item = step.head.subject();
        bytes16 first = bytes16(step.words[0]);
        uint256 state = _items[item].state;
        uint256 other = _items[first].state;
        if (state == 0) return Outcome.PredecessorMissing;
        if (state.has(Kinds.EXCHANGED)) return Outcome.Repeated;
        if (other == 0) return Outcome.PredecessorMissing;
        if (first == item || state & States.REPLACEMENT == 0 || other & States.EXCHANGED_AWAY != 0) {
            return Outcome.NotAllowed;
        }
        if (other.invoicesOf() != 1) return Outcome.PredecessorMissing;
        Tables.Table memory given = Tables.read(state, step.witness, 0, _FOR_GIVEN, 0);
        if (given.end > step.witness.length || !given.matches(state, given.end)) return Outcome.StaleWitness;
        Tables.Table memory from = Tables.read(other, step.witness, given.end, _FOR_FIRST, 0);
        if (!from.matches(other, step.witness.length)) return Outcome.StaleWitness;
        if (given.places[1] == 0 || given.places[1] != from.places[1]) return Outcome.NotAllowed;

        state = _withInherited(state, given, from, step.witness);
        uint256 exceptions = _items[item].exceptions;
        if (other.has(Kinds.DELIVERED) && from.sectionOf(Tables.DELIVERED).head.claimedAt() < step.head.claimedAt()) {
            exceptions |= Exceptions.DELIVERED_EARLIER;
        }
        exceptions = _withInvoice(item, step.witness, from.invoices + 1, true, state, exceptions);
        _items[item].first = first;
        _items[first].state = other | States.EXCHANGED_AWAY;
        _logExchange(author, step, _given(item, given, state, exceptions), other | States.EXCHANGED_AWAY);
        return Outcome.Recorded;
    }

    /// @dev The state of a replacement before its dossier is asked: with the quote of the item replaced, or without.
    function _asReplacement(bytes32 head, uint256 before, Tables.Table memory table) private pure returns (uint256) {
        uint256 state = States.REPLACEMENT.withStep(Kinds.QUOTED).withGlassmaker(head.number());
        Tables.Table memory own;
        own.places[0] = table.places[0];
        if (before.invoicesOf() != 0 || before & States.RELIEVED != 0) state |= States.RELIEVED;
        if (head.number() != before.glassmakerOf() || before & States.UNQUOTED != 0) state |= States.UNQUOTED;
        else own.places[Tables.QUOTED] = table.places[Tables.QUOTED];
        return state.withTable(own.hash());
    }

    /// @dev The state of the item given with the first one's invoice, compared with what was made, and in its table.
    function _withInherited(
        uint256 state,
        Tables.Table memory given,
        Tables.Table memory from,
        bytes32[] calldata witness
    ) private pure returns (uint256) {
        Tables.Section memory invoice = from.invoice(witness, 0);
        uint256 bits = Comparisons.madeInvoiced(given.sectionOf(Tables.MADE), 3, invoice)
            | Comparisons.madeInvoiced(given.sectionOf(Tables.DRAWN), 2, invoice);
        given.insert(witness, state, 0, from.places[Tables.INVOICED]);
        state = state.withCompared(bits).withStep(Kinds.EXCHANGED) | States.INHERITED;
        return state.withTable(given.hash());
    }

    function _given(bytes16 item, Tables.Table memory table, uint256 state, uint256 exceptions)
        private
        returns (uint256[] memory)
    {
        bytes16 dossier = bytes16(table.places[0]);
        if (exceptions != 0) return _storeExceptions(item, dossier, state, exceptions);
        (uint256 settled, uint256 group) = _store(item, dossier, state, 0);
        return _list(settled, 0, group);
    }

    /// @dev The log of an exchange has the first item's state behind the given one's own words.
    function _logExchange(Author memory author, Step calldata step, uint256[] memory own, uint256 other) private {
        uint256 words = own[0] & States.EXCEPTIONAL == 0 ? 1 : 2;
        uint256[] memory states = new uint256[](own.length + 1);
        for (uint256 i = 0; i < states.length; i++) {
            if (i == words) states[i] = other;
            else states[i] = own[i < words ? i : i - 1];
        }
        _log(author, step.head, states, step.words);
    }
}
