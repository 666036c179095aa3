// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Comparisons} from "../libraries/Comparisons.sol";
import {Heads} from "../libraries/Heads.sol";
import {Kinds} from "../libraries/Kinds.sol";
import {States} from "../libraries/States.sol";
import {Tables} from "../libraries/Tables.sol";
import {Reconciling} from "./Reconciling.sol";

/// @title An invoice that its optician withdraws
abstract contract Withdrawals is Reconciling {
    using Heads for bytes32;
    using States for uint256;
    using Tables for Tables.Section;
    using Tables for Tables.Table;

    uint256 private constant _FOR_WITHDRAWN = (1 << Tables.QUOTED) | (1 << Tables.ORDERED) | (1 << Tables.MADE)
        | (1 << Tables.DRAWN) | (1 << Tables.INVOICED);

    function _takeWithdrawal(Author memory author, Step calldata step) internal returns (Outcome) {
        bytes32 head = step.head;
        bytes16 dossier = head.subject();
        uint8 invoice = head.first();
        uint256 group = _dossiers[dossier];
        if (!group.hasInvoice(invoice)) return Outcome.PredecessorMissing;
        bytes32 identity = _identity(dossier, Kinds.WITHDRAWN, author.party, head.occurrence());
        if (_recorded[identity]) return Outcome.Repeated;
        uint256[] memory states = new uint256[](step.words.length);
        for (uint256 i = 0; i < states.length; i++) {
            states[i] = _items[bytes16(step.words[i])].state;
            if (states[i].standingOf() & (1 << invoice) == 0) return Outcome.PredecessorMissing;
        }
        uint256[] memory exceptions = new uint256[](states.length);
        if (!_withdraw(step, states, exceptions)) return Outcome.StaleWitness;

        _recorded[identity] = true;
        _dossiers[dossier] = group.withStep(Kinds.WITHDRAWN);
        _log(author, head, _storeAll(dossier, step.words, states, exceptions), step.words);
        return Outcome.Recorded;
    }

    /// @dev Take the invoice out of each item's table and compare with what still stands.
    /// @return current whether the witness is exactly that of the tables recorded
    function _withdraw(Step calldata step, uint256[] memory states, uint256[] memory exceptions)
        private
        view
        returns (bool current)
    {
        uint256 read = 0;
        for (uint256 i = 0; i < states.length; i++) {
            uint256 state = states[i];
            Tables.Table memory table = _read(step, state, read);
            read = table.end;
            if (read > step.witness.length || !table.matches(state, read)) return false;
            states[i] = _without(state, table, step);
            if (state & States.EXCEPTIONAL != 0) exceptions[i] = _reviewed(step, i, table.invoices, state);
        }
        return read == step.witness.length;
    }

    function _read(Step calldata step, uint256 state, uint256 start) private pure returns (Tables.Table memory) {
        return Tables.read(state, step.witness, start, _FOR_WITHDRAWN, bytes32(step.head.subject()));
    }

    function _without(uint256 state, Tables.Table memory table, Step calldata step) private pure returns (uint256) {
        uint8 invoice = step.head.first();
        uint256 gone = state.invoicesBefore(invoice);
        bytes32[] memory left = new bytes32[](state.invoicesOf() - 1);
        Tables.Section memory order = table.sectionOf(Tables.ORDERED);
        // Whether the item is comparable is seen again in all that is left.
        uint256 bits = Comparisons.quotedOrdered(table.sectionOf(Tables.QUOTED), order)
            | Comparisons.orderedManufactured(order, table.sectionOf(Tables.MADE));
        for (uint256 i = 0; i < left.length; i++) {
            Tables.Section memory stands = table.invoice(step.witness, i < gone ? i : i + 1);
            left[i] = stands.hashOf(4);
            bits |= Comparisons.madeInvoiced(table.sectionOf(Tables.MADE), 3, stands)
                | Comparisons.madeInvoiced(table.sectionOf(Tables.DRAWN), 2, stands);
            bool inherited = i == 0 && state & States.INHERITED != 0;
            if (inherited) continue;
            bits |= Comparisons.quotedInvoiced(table.sectionOf(Tables.QUOTED), stands, state.glassmakerOf() == 0);
        }
        table.places[Tables.INVOICED] = Tables.joined(left);
        state = (state & ~(States.OF_INVOICES | States.INCOMPARABLE)).withoutInvoice(invoice).withCompared(bits);
        return state.withTable(table.hash());
    }

    /// @dev The exceptions of item number `i`, in `state` before, with what the invoices that still stand correct.
    function _reviewed(Step calldata step, uint256 i, uint256 start, uint256 state) private view returns (uint256) {
        bytes16 item = bytes16(step.words[i]);
        uint256 exceptions = _withoutInvoices(item, _items[item].exceptions);
        uint256 gone = state.invoicesBefore(step.head.first());
        uint256 invoices = state.invoicesOf();
        for (uint256 each = 0; each < invoices; each++) {
            if (each == gone) continue;
            bool inherited = each == 0 && state & States.INHERITED != 0;
            exceptions = _withInvoice(item, step.witness, start + 5 * each + 1, inherited, state, exceptions);
        }
        return exceptions;
    }

    /// @dev Store the items, and list the dossier's state, then item after item.
    function _storeAll(
        bytes16 dossier,
        bytes32[] calldata words,
        uint256[] memory states,
        uint256[] memory exceptions
    ) private returns (uint256[] memory logged) {
        uint256 size = 1;
        for (uint256 i = 0; i < states.length; i++) {
            size += states[i] & States.EXCEPTIONAL == 0 ? 1 : 2;
        }
        logged = new uint256[](size);
        uint256 next = 1;
        for (uint256 i = 0; i < states.length; i++) {
            bytes16 item = bytes16(words[i]);
            if (exceptions[i] != 0) _items[item].exceptions = exceptions[i];
            (logged[next++],) = _store(item, dossier, states[i], exceptions[i]);
            if (exceptions[i] != 0) logged[next++] = exceptions[i];
        }
        logged[0] = _dossiers[dossier];
    }
}
