// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {Heads} from "../libraries/Heads.sol";
import {Kinds} from "../libraries/Kinds.sol";
import {States} from "../libraries/States.sol";
import {RareStore} from "./RareStore.sol";

/// @title Cover, decisions, demands, and what else is said of a dossier
abstract contract ClaimSteps is RareStore {
    using Heads for bytes32;
    using States for uint256;

    /// @dev Any rarer step on a dossier but a withdrawal.
    function _takeOfDossier(Author memory author, Step calldata step) internal returns (Outcome) {
        bytes32 head = step.head;
        bytes16 dossier = head.subject();
        uint256 group = _dossiers[dossier];
        bool isOptician = author.role == IPartyRegistry.Role.Optician;
        if (group == 0) return isOptician ? Outcome.PredecessorMissing : Outcome.UnknownSubject;
        if (!_isNamed(author, head, group)) return Outcome.NotYetNamed;
        bytes32 identity = _identity(dossier, head.kind(), author.party, head.occurrence());
        if (_recorded[identity]) return Outcome.Repeated;
        Outcome outcome = _judgeReference(author.party, head, step.words);
        if (outcome != Outcome.Recorded) return outcome;

        _recorded[identity] = true;
        if (head.kind() == Kinds.COVER_REQUESTED) {
            _covers[identity] = head.number();
            _recorded[_asked(dossier, head.number())] = true;
        }
        group = group.withStep(head.kind());
        _dossiers[dossier] = group;
        if (head.kind() == Kinds.BREAKAGE_REPLACED) {
            bytes16 first = bytes16(step.words[0]);
            _dossiers[first] = _dossiers[first].withBreakage();
            _log(author, head, group, _dossiers[first], step.words);
        } else {
            _log(author, head, group, step.words);
        }
        return Outcome.Recorded;
    }

    /// @dev Somebody who takes part destroyed its copy of a record, or of some groups of it, which changes no state.
    function _takeErasure(Author memory author, Step calldata step) internal returns (Outcome) {
        bytes32 head = step.head;
        bytes16 subject = head.subject();
        uint256 state = _items[subject].state;
        uint256 group = _dossiers[subject];
        if (state == 0 && group == 0) return Outcome.UnknownSubject;
        if (author.role == IPartyRegistry.Role.Glassmaker && (state == 0 || state.glassmakerOf() != author.party)) {
            return Outcome.NotAllowed;
        }
        if (author.role == IPartyRegistry.Role.Insurer && (group == 0 || !_holdsOf(subject, group, author.party))) {
            return Outcome.NotYetNamed;
        }
        if (!_remember(_identity(subject, Kinds.ERASED, author.party, head.occurrence()))) return Outcome.Repeated;

        if (state != 0 && author.role != IPartyRegistry.Role.Insurer) {
            if (head.detail() == 0) {
                state = state.withStep(Kinds.ERASED);
                _items[subject].state = state;
            }
            _log(author, head, _list(state, _items[subject].exceptions, 0), step.words);
        } else {
            if (head.detail() == 0) {
                group = group.withStep(Kinds.ERASED);
                _dossiers[subject] = group;
            }
            _log(author, head, group, step.words);
        }
        return Outcome.Recorded;
    }

    function _isNamed(Author memory author, bytes32 head, uint256 group) private view returns (bool) {
        if (author.role != IPartyRegistry.Role.Insurer) return true;
        if (head.kind() != Kinds.COVER_ANSWERED) return group.names(author.party);
        return _covers[_requestOf(head, head.second())] == author.party;
    }

    /// @dev Whether an insurer may hold something of a dossier: an invoice names it, or a request for cover did.
    function _holdsOf(bytes16 dossier, uint256 group, uint32 insurer) private view returns (bool) {
        return group.names(insurer) || _recorded[_asked(dossier, insurer)];
    }

    /// @dev Under this identity, of a kind that no step has, stands that an insurer was asked for cover.
    function _asked(bytes16 dossier, uint32 insurer) private pure returns (bytes32) {
        return _identity(dossier, 0, insurer, 0);
    }

    /// @dev What stands against what a step refers to.
    function _judgeReference(uint32 party, bytes32 head, bytes32[] calldata words) private view returns (Outcome) {
        uint8 kind = head.kind();
        if (kind == Kinds.DECIDED && !_hasCheck(party, head)) return Outcome.PredecessorMissing;
        if (kind == Kinds.COVER_CANCELLED && !_recorded[_requestOf(head, head.first())]) {
            return Outcome.PredecessorMissing;
        }
        if (kind == Kinds.OPENING_DEMANDED && _items[bytes16(words[0])].state == 0) return Outcome.UnknownSubject;
        if (kind == Kinds.BREAKAGE_REPLACED && _dossiers[bytes16(words[0])] == 0) return Outcome.UnknownSubject;
        return Outcome.Recorded;
    }

    /// @dev Whether the check that a decision rests on is recorded.
    function _hasCheck(uint32 insurer, bytes32 head) private view returns (bool) {
        uint256 group = _dossiers[head.subject()];
        uint8 occurrence = head.checkDecided();
        if (occurrence == 0 && insurer == group.firstInsurerOf()) return group & States.FIRST_CHECK != 0;
        return _recorded[_identity(head.subject(), Kinds.VERIFIED, insurer, occurrence)];
    }

    /// @dev The identity of a request for cover.
    function _requestOf(bytes32 head, uint8 occurrence) private pure returns (bytes32) {
        bytes16 dossier = head.subject();
        return _identity(dossier, Kinds.COVER_REQUESTED, Heads.creatorOf(dossier), occurrence);
    }
}
