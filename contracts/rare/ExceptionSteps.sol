// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {Exceptions} from "../libraries/Exceptions.sol";
import {Heads} from "../libraries/Heads.sol";
import {Kinds} from "../libraries/Kinds.sol";
import {Sides} from "../libraries/Sides.sol";
import {States} from "../libraries/States.sol";
import {Tables} from "../libraries/Tables.sol";
import {RareStore} from "./RareStore.sol";

/// @title Exceptions in the life of one item
/// @dev From substituted to credited, and errors declared. What an exception explains is judged when it is asked for.
abstract contract ExceptionSteps is RareStore {
    using Exceptions for uint256;
    using Heads for bytes32;
    using States for uint256;
    using Tables for Tables.Section;
    using Tables for Tables.Table;

    uint256 private constant _FOR_SUBSTITUTED = (1 << Tables.ORDERED) | (1 << Tables.MADE);
    uint256 private constant _FOR_CANCELLED = 1 << Tables.MADE;
    uint256 private constant _FOR_ERRORS = (1 << Tables.QUOTED) | (1 << Tables.ORDERED) | (1 << Tables.MADE)
        | (1 << Tables.DELIVERED) | (1 << Tables.DRAWN) | (1 << Tables.INVOICED);

    /// @dev Any exception but an exchange.
    function _takeException(Author memory author, Step calldata step) internal returns (Outcome) {
        bytes32 head = step.head;
        uint8 kind = head.kind();
        uint256 state = _items[head.subject()].state;
        bool isGlassmaker = author.role == IPartyRegistry.Role.Glassmaker;
        if (state == 0) return isGlassmaker ? Outcome.UnknownSubject : Outcome.PredecessorMissing;
        if (isGlassmaker && state.glassmakerOf() != author.party) return Outcome.NotAllowed;
        if (state.glassmakerOf() == 0 && kind == Kinds.SUBSTITUTED) return Outcome.NotAllowed;
        if (_isRepeated(head, isGlassmaker, state)) return Outcome.Repeated;
        if (kind == Kinds.CREDITED && !state.has(Kinds.MANUFACTURED) && !state.has(Kinds.DRAWN)) {
            return Outcome.PredecessorMissing;
        }
        if (_needsNoTable(kind)) {
            // The mark of being open does not hang on these, so no dossier is asked.
            state = state.withStep(kind);
            _items[head.subject()].state = state;
            _log(author, head, _list(state, _items[head.subject()].exceptions, 0), step.words);
            return Outcome.Recorded;
        }

        Tables.Table memory table = Tables.read(state, step.witness, 0, _expanded(kind), 0);
        if (!table.matches(state, step.witness.length)) return Outcome.StaleWitness;
        _log(author, head, _record(step, table, isGlassmaker, state.withStep(kind)), step.words);
        return Outcome.Recorded;
    }

    function _needsNoTable(uint8 kind) private pure returns (bool) {
        return kind == Kinds.REFUSED_ON_ARRIVAL || kind == Kinds.BROKEN_AT_EDGING || kind == Kinds.RETURNED;
    }

    function _expanded(uint8 kind) private pure returns (uint256) {
        if (kind == Kinds.SUBSTITUTED) return _FOR_SUBSTITUTED;
        if (kind == Kinds.CANCELLED) return _FOR_CANCELLED;
        return kind == Kinds.ERROR_DECLARED ? _FOR_ERRORS : 0;
    }

    function _isRepeated(bytes32 head, bool isGlassmaker, uint256 state) private view returns (bool) {
        uint8 kind = head.kind();
        uint256 exceptions = _items[head.subject()].exceptions;
        if (kind == Kinds.SUBSTITUTED) {
            return exceptions
                & (isGlassmaker ? Exceptions.SUBSTITUTED_BY_GLASSMAKER : Exceptions.SUBSTITUTED_BY_OPTICIAN) != 0;
        }
        if (kind == Kinds.CANCELLED) {
            return exceptions & (isGlassmaker ? Exceptions.CANCELLED_BY_GLASSMAKER : Exceptions.CANCELLED_BY_OPTICIAN)
                != 0;
        }
        if (kind == Kinds.ERROR_DECLARED) {
            uint256 by = isGlassmaker ? Exceptions.DECLARED_BY_GLASSMAKER : Exceptions.DECLARED_BY_OPTICIAN;
            return exceptions & (1 << (by + head.occurrence())) != 0;
        }
        return state.has(kind);
    }

    function _record(Step calldata step, Tables.Table memory table, bool isGlassmaker, uint256 state)
        private
        returns (uint256[] memory)
    {
        bytes32 head = step.head;
        uint8 kind = head.kind();
        bytes16 item = head.subject();
        uint256 exceptions = _items[item].exceptions;
        bytes16 dossier = bytes16(table.places[0]);
        if (kind == Kinds.CREDITED) {
            _free(step.words[0], item);
            (uint256 settled, uint256 group) = _store(item, dossier, state, exceptions);
            return _list(settled, exceptions, group);
        }
        if (kind == Kinds.SUBSTITUTED) exceptions = _substituted(step, table, isGlassmaker, exceptions);
        else if (kind == Kinds.CANCELLED) exceptions = _cancelled(head, table, isGlassmaker, exceptions);
        else exceptions = _declared(step, table, isGlassmaker, exceptions, state);
        return _storeExceptions(item, dossier, state, exceptions);
    }

    function _cancelled(bytes32 head, Tables.Table memory table, bool isGlassmaker, uint256 exceptions)
        private
        pure
        returns (uint256)
    {
        if (isGlassmaker) return exceptions | Exceptions.CANCELLED_BY_GLASSMAKER;
        exceptions = exceptions.withCancelledAt(head.claimedAt()) | Exceptions.CANCELLED_BY_OPTICIAN;
        if (table.sections[Tables.MADE] != 0 && head.claimedAt() > table.sectionOf(Tables.MADE).head.claimedAt()) {
            exceptions |= Exceptions.CANCELLED_LATE;
        }
        return exceptions;
    }

    function _substituted(Step calldata step, Tables.Table memory table, bool isGlassmaker, uint256 exceptions)
        private
        returns (uint256)
    {
        Substitution storage known = _substitutions[step.head.subject()];
        bytes32 said = _said(step.head, step.words);
        if (isGlassmaker) {
            known.glassmaker = said;
            exceptions |= Exceptions.SUBSTITUTED_BY_GLASSMAKER;
        } else {
            known.optician = said;
            exceptions |= Exceptions.SUBSTITUTED_BY_OPTICIAN;
        }
        if (known.optician == known.glassmaker) {
            (known.head, known.product, known.supplements) = (step.head, step.words[0], step.words[1]);
            exceptions |= Exceptions.SUBSTITUTED_ALIKE;
            exceptions = _asSubstituted(exceptions, known, table.sectionOf(Tables.ORDERED), 0);
            exceptions = _asSubstituted(exceptions, known, table.sectionOf(Tables.MADE), 2);
        }
        exceptions = exceptions.withSubstitutedAt(step.head.claimedAt());
        bool made = table.sections[Tables.MADE] != 0;
        return made ? _lateIfAfter(exceptions, table.sectionOf(Tables.MADE).head) : exceptions;
    }

    function _lateIfAfter(uint256 exceptions, bytes32 made) internal pure returns (uint256) {
        return exceptions.substitutedAt() > made.claimedAt() ? exceptions | Exceptions.SUBSTITUTED_LATE : exceptions;
    }

    /// @dev Note where product and supplements of a section are the ones substituted: bits `from` and the next.
    function _asSubstituted(
        uint256 exceptions,
        Substitution storage known,
        Tables.Section memory section,
        uint256 from
    ) internal view returns (uint256) {
        if (section.roots == 0) return exceptions;
        bytes32 head = known.head;
        if (section.head[29] == head[29] && section.root(0) == known.product) {
            exceptions |= 1 << (Exceptions.AS_SUBSTITUTED + from);
        }
        if (section.head[30] == head[30] && section.root(1) == known.supplements) {
            exceptions |= 1 << (Exceptions.AS_SUBSTITUTED + from + 1);
        }
        return exceptions;
    }

    function _declared(
        Step calldata step,
        Tables.Table memory table,
        bool isGlassmaker,
        uint256 exceptions,
        uint256 state
    ) private returns (uint256) {
        bytes32 head = step.head;
        uint8 comparison = head.occurrence();
        Declaration storage known = _declarations[head.subject()][comparison];
        bytes32 said = _said(head, step.words);
        if (head.claimedAt() > known.claimedAt) known.claimedAt = head.claimedAt();
        if (isGlassmaker) {
            known.glassmaker = said;
            exceptions |= 1 << (Exceptions.DECLARED_BY_GLASSMAKER + comparison);
        } else {
            known.optician = said;
            known.inError = head.first();
            exceptions |= 1 << (Exceptions.DECLARED_BY_OPTICIAN + comparison);
            if (step.words.length == 1) {
                known.root = step.words[0];
                if (_stands(known, comparison, table, step.witness, state)) {
                    exceptions |= 1 << (Exceptions.CORRECTED + comparison);
                }
            }
        }
        if (known.optician != known.glassmaker) return exceptions;
        if (head.second() == 1) exceptions |= Exceptions.notOccurred(head.first());
        return exceptions | (1 << (Exceptions.DECLARED_ALIKE + comparison));
    }

    /// @dev Whether the corrected root is one that stands on the other side of that comparison.
    function _stands(
        Declaration storage known,
        uint8 comparison,
        Tables.Table memory table,
        bytes32[] calldata witness,
        uint256 state
    ) internal view returns (bool) {
        if (!_isMade(comparison, state)) return false;
        uint8 other = Sides.other(known.inError, comparison);
        bytes32 root = known.root;
        if (other == Kinds.INVOICED) return _isInvoiced(root, comparison, table, witness, state);
        if (other == Kinds.MANUFACTURED) return _isOfMade(root, comparison, table);
        Tables.Section memory section = table.sectionOf(
            other == Kinds.QUOTED ? Tables.QUOTED : other == Kinds.ORDERED ? Tables.ORDERED : Tables.DELIVERED
        );
        return section.roots != 0 && section.root(Sides.rootOf(other, comparison)) == root;
    }

    /// @dev Whether that comparison is made for an item in `state`.
    function _isMade(uint8 comparison, uint256 state) internal pure returns (bool) {
        return (comparison != 10 && comparison != 11) || state.glassmakerOf() == 0;
    }

    /// @dev Whether `root` is that of an invoice that stands; of the item's own, where the quote is the other side.
    function _isInvoiced(
        bytes32 root,
        uint8 comparison,
        Tables.Table memory table,
        bytes32[] calldata witness,
        uint256 state
    ) private pure returns (bool) {
        uint256 invoices = state.invoicesOf();
        uint256 from = comparison >= 8 && state & States.INHERITED != 0 ? 1 : 0;
        for (uint256 i = from; i < invoices; i++) {
            if (table.invoice(witness, i).root(Sides.rootOf(Kinds.INVOICED, comparison)) == root) return true;
        }
        return false;
    }

    /// @dev Whether `root` is what was manufactured, or for comparisons 5 to 7 and 12 what was drawn.
    function _isOfMade(bytes32 root, uint8 comparison, Tables.Table memory table) private pure returns (bool) {
        Tables.Section memory unit = table.sectionOf(Tables.DRAWN);
        if (comparison == 12) {
            return table.places[Tables.DEVICE] == root || (unit.roots != 0 && unit.root(3) == root);
        }
        Tables.Section memory made = table.sectionOf(Tables.MADE);
        uint256 place = Sides.rootOf(Kinds.MANUFACTURED, comparison);
        if (made.roots != 0 && made.root(place) == root) return true;
        if (comparison < 5 || unit.roots == 0) return false;
        return unit.root(place == 3 ? 2 : place) == root;
    }
}
