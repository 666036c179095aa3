// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Comparisons} from "../libraries/Comparisons.sol";
import {Heads} from "../libraries/Heads.sol";
import {Kinds} from "../libraries/Kinds.sol";
import {States} from "../libraries/States.sol";
import {Tables} from "../libraries/Tables.sol";
import {RareCalls} from "./RareCalls.sol";

/// @title The steps of every life whose subject is a dossier
/// @dev Recorded whole or skipped whole: all items are judged before anything is written. The step is well formed and
/// its author may sign such a step: `Steps` has seen to it.
abstract contract DossierSteps is RareCalls {
    using Heads for bytes32;
    using States for uint256;
    using Tables for Tables.Section;
    using Tables for Tables.Table;

    uint256 private constant _FOR_INVOICED =
        (1 << Tables.QUOTED) | (1 << Tables.MADE) | (1 << Tables.DRAWN) | Tables.LISTED;

    function _takeInvoice(Author memory author, Step calldata step) internal returns (Outcome) {
        bytes32 head = step.head;
        bytes16 dossier = head.subject();
        uint256 group = _dossiers[dossier];
        if (group.hasInvoice(head.occurrence())) return Outcome.Repeated;
        bool fit;
        (group, fit) = group.withInsurers(head.firstInsurer(), head.secondInsurer());
        if (!fit) return Outcome.NotAllowed;
        (bool known, uint256[] memory states) = _statesOf(step.words);
        if (!known) return Outcome.PredecessorMissing;
        group = group.withInvoice(head.occurrence(), head.first() == 0).withStep(Kinds.INVOICED);
        (bool current, uint256 exceptional, uint256 opened) = _compareInvoiced(step, states, group);
        if (!current) return Outcome.StaleWitness;

        _dossiers[dossier] = opened;
        _writeInvoiced(author, step, states, exceptional);
        return Outcome.Recorded;
    }

    function _takeVerification(Author memory author, bytes32 head, bytes32[] calldata words)
        internal
        returns (Outcome)
    {
        bytes16 dossier = head.subject();
        uint256 group = _dossiers[dossier];
        if (group == 0) return Outcome.UnknownSubject;
        if (!group.names(author.party)) return Outcome.NotYetNamed;
        bool hasBit = author.party == group.firstInsurerOf() && head.occurrence() == 0;
        bytes32 identity = _identity(dossier, Kinds.VERIFIED, author.party, head.occurrence());
        if (hasBit ? group & States.FIRST_CHECK != 0 : _recorded[identity]) return Outcome.Repeated;
        if (head.invoiceChecked() >= Kinds.MAX_INVOICES || !group.hasInvoice(head.invoiceChecked())) {
            return Outcome.PredecessorMissing;
        }

        group = group.withStep(Kinds.VERIFIED).withCheck(head.claimedAt());
        if (hasBit) group |= States.FIRST_CHECK;
        else _recorded[identity] = true;
        _dossiers[dossier] = group;
        _log(author, head, group, words);
        return Outcome.Recorded;
    }

    /// @dev The states of the items of an invoice, and whether all are known.
    function _statesOf(bytes32[] calldata words) private view returns (bool known, uint256[] memory states) {
        states = new uint256[]((words.length - Kinds.INVOICE_HEADER) / Kinds.INVOICE_WIDTH);
        for (uint256 i = 0; i < states.length; i++) {
            states[i] = _items[bytes16(words[_word(i)])].state;
            if (states[i] == 0) return (false, states);
        }
        return (true, states);
    }

    /// @dev Check the witness of each item, compare, and put the step into its state.
    /// @return current whether the witness is exactly that of the tables recorded
    /// @return exceptional how many of the items are
    /// @return opened the dossier's state with as many fewer items open
    function _compareInvoiced(Step calldata step, uint256[] memory states, uint256 group)
        private
        pure
        returns (bool current, uint256 exceptional, uint256 opened)
    {
        opened = group;
        uint256 read = 0;
        for (uint256 i = 0; i < states.length; i++) {
            uint256 state = states[i];
            Tables.Table memory table = _read(step, state, read);
            read = table.end;
            if (read > step.witness.length || !table.matches(state, read)) return (false, 0, 0);

            states[i] = _withInvoice(state, table, step, _word(i));
            opened = opened.withOpen(state, states[i]);
            if (state & States.EXCEPTIONAL != 0) exceptional++;
        }
        return (read == step.witness.length, exceptional, opened);
    }

    function _read(Step calldata step, uint256 state, uint256 start) private pure returns (Tables.Table memory) {
        return Tables.read(state, step.witness, start, _FOR_INVOICED, bytes32(step.head.subject()));
    }

    /// @dev The item's state with the invoice of `step`, whose words for it begin at `word`, compared and in its table.
    function _withInvoice(uint256 state, Tables.Table memory table, Step calldata step, uint256 word)
        private
        pure
        returns (uint256)
    {
        uint8 occurrence = step.head.occurrence();
        bytes32 named = step.words[word] | bytes32(uint256(occurrence) << 120);
        Tables.Section memory own = Tables.section(named, step.words, word + 1);
        uint256 bits = Comparisons.madeInvoiced(table.sectionOf(Tables.MADE), 3, own)
            | Comparisons.madeInvoiced(table.sectionOf(Tables.DRAWN), 2, own)
            | Comparisons.quotedInvoiced(table.sectionOf(Tables.QUOTED), own, state.glassmakerOf() == 0);
        table.insert(step.witness, state, occurrence, own.hashOf(4));
        state = state.withCompared(bits).withInvoice(occurrence).withStep(Kinds.INVOICED) & ~States.OPEN;
        return state.withTable(table.hash());
    }

    /// @dev Store the items' states, with what their exceptions make of them, and log the step.
    function _writeInvoiced(Author memory author, Step calldata step, uint256[] memory states, uint256 exceptional)
        private
    {
        bytes32 head = step.head;
        uint256[] memory logged = new uint256[](1 + states.length + exceptional);
        uint256 next = 1;
        for (uint256 i = 0; i < states.length; i++) {
            bytes16 item = bytes16(step.words[_word(i)]);
            if (states[i] & States.EXCEPTIONAL == 0) {
                _items[item].state = states[i];
                logged[next++] = states[i];
                continue;
            }
            bytes32[] calldata roots = step.words[_word(i) + 1:_word(i) + Kinds.INVOICE_WIDTH];
            uint256[] memory pair = _reconciled(item, head, roots, 0, states[i]);
            (logged[next++], logged[next++]) = (pair[0], pair[1]);
        }
        logged[0] = _dossiers[head.subject()];
        _log(author, head, logged, step.words);
    }

    /// @dev Where the words of item number `i` begin in an invoice.
    function _word(uint256 i) private pure returns (uint256) {
        unchecked {
            return Kinds.INVOICE_HEADER + i * Kinds.INVOICE_WIDTH;
        }
    }
}
