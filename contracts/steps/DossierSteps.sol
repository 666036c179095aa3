// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Heads} from "../libraries/Heads.sol";
import {Kinds} from "../libraries/Kinds.sol";
import {RootTable} from "../libraries/RootTable.sol";
import {States} from "../libraries/States.sol";
import {LedgerStore} from "./LedgerStore.sol";

/// @title Steps whose subject is a dossier
/// @dev Recorded whole or skipped whole: all items are judged before anything is written. The step is well formed and
/// its author may sign such a step: `Steps` has seen to it.
abstract contract DossierSteps is LedgerStore {
    using Heads for bytes16;
    using Heads for bytes32;
    using RootTable for bytes32[18];
    using States for uint256;

    function _takeInvoice(Author memory author, Step calldata step) internal returns (Outcome) {
        bytes32 head = step.head;
        bytes16 dossier = head.subject();
        uint256 group = _dossiers[dossier];
        if (_hasInvoice(group, dossier, head.occurrence())) return Outcome.Repeated;
        (uint256 named, bool fit) = group.withInsurers(head.firstInsurer(), head.secondInsurer());
        if (!fit) return Outcome.NotAllowed;
        (Outcome outcome, uint256[] memory states) = _judgeInvoiced(dossier, step.words);
        if (outcome != Outcome.Recorded) return outcome;
        bytes32[] memory roots = new bytes32[](states.length);
        if (!_compareInvoiced(step, states, roots)) return Outcome.StaleWitness;

        uint256 newly = _writeInvoiced(step.words, states, roots);
        group = named.withInvoice(states.length, newly, head.partialByte() == 0).withStep(Kinds.INVOICED);
        _dossiers[dossier] = _rememberInvoice(group, dossier, head.occurrence());
        _logDossierStep(author, head, step.words, _dossiers[dossier], states);
        return Outcome.Recorded;
    }

    function _takeVerification(Author memory author, Step calldata step) internal returns (Outcome) {
        bytes32 head = step.head;
        bytes16 dossier = head.subject();
        uint256 group = _dossiers[dossier];
        if (group == 0) return Outcome.UnknownSubject;
        bool first = author.party == group.firstInsurerOf();
        if (!first && author.party != group.secondInsurerOf()) return Outcome.NotYetNamed;

        bytes32 identity = _identity(dossier, Kinds.VERIFIED, author.party, head.occurrence());
        bool hasBit = first && head.occurrence() == 0;
        if (hasBit ? group & States.VERIFICATION_ZERO != 0 : _recorded[identity]) return Outcome.Repeated;
        if (!_hasInvoice(group, dossier, head.invoiceChecked())) return Outcome.PredecessorMissing;
        (bool invoiced, uint256[] memory states) = _judgeVerified(dossier, step.words);
        if (!invoiced) return Outcome.PredecessorMissing;

        bytes32[] calldata words = step.words;
        for (uint256 i = 0; i < states.length; i++) {
            _items[bytes16(words[i])].state = states[i];
        }
        group = group.withStep(Kinds.VERIFIED);
        if (hasBit) group |= States.VERIFICATION_ZERO;
        else _recorded[identity] = true;
        _dossiers[dossier] = group;
        _logDossierStep(author, head, words, group, states);
        return Outcome.Recorded;
    }

    /// @dev Whether the invoice of `occurrence` is recorded for `dossier` in state `group`.
    function _hasInvoice(uint256 group, bytes16 dossier, uint8 occurrence) private view returns (bool) {
        if (occurrence == 0) return group & States.INVOICE_ZERO != 0;
        return _recorded[_identity(dossier, Kinds.INVOICED, dossier.creatorOf(), occurrence)];
    }

    /// @dev Remember the invoice of `occurrence`, by its bit in the dossier's state or in a slot of its own.
    function _rememberInvoice(uint256 group, bytes16 dossier, uint8 occurrence) private returns (uint256) {
        if (occurrence == 0) return group | States.INVOICE_ZERO;
        _recorded[_identity(dossier, Kinds.INVOICED, dossier.creatorOf(), occurrence)] = true;
        return group;
    }

    /// @dev The states of the items of an invoice, and whether they are this dossier's. An item of another one is found
    /// before one that is missing: the former is final.
    function _judgeInvoiced(bytes16 dossier, bytes32[] calldata words)
        private
        view
        returns (Outcome outcome, uint256[] memory states)
    {
        states = new uint256[]((words.length - Kinds.INVOICE_HEADER) / Kinds.INVOICE_WIDTH);
        for (uint256 i = 0; i < states.length; i++) {
            bytes16 item = bytes16(words[_invoiceWord(i)]);
            uint256 state = _items[item].state;
            if (state == 0) outcome = Outcome.PredecessorMissing;
            else if (States.dossierOf(item, state) != dossier) return (Outcome.NotAllowed, states);
            states[i] = state;
        }
    }

    /// @dev Check the witness of each item, compare, and put the step into its state. `roots` is filled with the hash
    /// of each new table, and left zero where the table keeps the roots of an earlier invoice.
    /// @return current whether the witness is exactly that of the tables recorded
    function _compareInvoiced(Step calldata step, uint256[] memory states, bytes32[] memory roots)
        private
        view
        returns (bool current)
    {
        bytes32[] calldata words = step.words;
        uint256 read = 0;
        for (uint256 i = 0; i < states.length; i++) {
            uint256 state = states[i];
            uint256 word = _invoiceWord(i);
            bytes32[18] memory table;
            (table, read) = RootTable.read(state, step.witness, read);
            if (table.hash() != _items[bytes16(words[word])].roots) return false;

            table.write(Kinds.INVOICED, words, word + 1);
            if (state.has(Kinds.INVOICED)) state |= States.INVOICED_TWICE;
            else roots[i] = table.hash();
            state = state.withMismatches(table.mismatches(Kinds.INVOICED, state.glassmakerOf() == 0));
            states[i] = state.withStep(Kinds.INVOICED);
        }
        return read == step.witness.length;
    }

    /// @return newly how many of the items were not invoiced before
    function _writeInvoiced(bytes32[] calldata words, uint256[] memory states, bytes32[] memory roots)
        private
        returns (uint256 newly)
    {
        for (uint256 i = 0; i < states.length; i++) {
            Item storage item = _items[bytes16(words[_invoiceWord(i)])];
            item.state = states[i];
            bytes32 root = roots[i];
            if (root == 0) continue;
            item.roots = root;
            newly++;
        }
    }

    /// @dev The states, after the step, of the items of a verification, if all are invoiced items of `dossier`.
    function _judgeVerified(bytes16 dossier, bytes32[] calldata words)
        private
        view
        returns (bool invoiced, uint256[] memory states)
    {
        states = new uint256[](words.length);
        for (uint256 i = 0; i < states.length; i++) {
            bytes16 item = bytes16(words[i]);
            uint256 state = _items[item].state;
            if (!state.has(Kinds.INVOICED) || States.dossierOf(item, state) != dossier) return (false, states);
            states[i] = state.withStep(Kinds.VERIFIED);
        }
        return (true, states);
    }

    /// @dev Where the words of item number `at` begin in an invoice.
    function _invoiceWord(uint256 i) private pure returns (uint256) {
        unchecked {
            return Kinds.INVOICE_HEADER + i * Kinds.INVOICE_WIDTH;
        }
    }
}
