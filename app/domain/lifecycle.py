"""
Whether the ledger records a step: the judgement of `contracts/interfaces/IEquipmentLedger.sol`, in its order.

What is judged of a whole list stands elsewhere, and a witness is taken to be right: whoever relays builds it from the
same facts. `StaleWitness` is left where even the right table would not do.
"""

from collections.abc import Mapping

from app.domain.comparisons import OPTICIANS_ALONE
from app.domain.details import unit_leaf
from app.domain.facts import (
    EXCHANGED,
    MAX_QUOTED,
    PLACE,
    REPLACED,
    REPLACEMENT,
    ZERO,
    DossierState,
    ItemState,
)
from app.domain.kinds import AUDITOR, DOSSIER_KINDS, GLASSMAKER, INSURER, OPTICIAN, ROLES, Kind
from app.domain.merkle import leads_to
from app.domain.outcomes import Outcome
from app.domain.shapes import is_well_formed
from app.domain.shelf import Facts, holds, known_dossier, optician_of
from app.domain.steps import Step

CLOCK_TOLERANCE = 15 * 60
"""Seconds that a claimed time may be ahead of the block: clocks differ."""

PREDECESSORS: Mapping[Kind, tuple[Kind, ...]] = {
    Kind.RECEIVED: (Kind.ORDERED,),
    Kind.SHIPPED: (Kind.MANUFACTURED,),
    Kind.CREDITED: (Kind.MANUFACTURED, Kind.DRAWN),
}
"""The steps of which one must come first."""

WITH_GLASSMAKER = frozenset({Kind.ORDERED, Kind.RECEIVED, Kind.DRAWN, Kind.SUBSTITUTED})
"""Steps that make no sense for an item whose maker is not on the network."""

INSTEAD = {Kind.ORDERED: Kind.DRAWN, Kind.DRAWN: Kind.ORDERED}
"""An item is ordered or drawn from stock, not both."""

MUST_BE_NAMED = frozenset({Kind.VERIFIED, Kind.DECIDED, Kind.OPENING_DEMANDED})


def outcome(shelf: Facts, party: int, step: Step, block_time: int, claims_until: int | None = None) -> Outcome:
    """What becomes of a step by `party` in a block of this time; a retired key is good for claims until then."""
    if not is_well_formed(step):
        return Outcome.MALFORMED
    if not _may_author(shelf, party, step):
        return Outcome.NOT_ALLOWED
    if step.claimed_at > block_time + CLOCK_TOLERANCE:
        return Outcome.CLAIMED_AHEAD
    if claims_until is not None and step.claimed_at > claims_until:
        return Outcome.CLAIMED_AFTER_RETIREMENT
    judge = _JUDGES.get(step.kind)
    if judge is not None:
        return judge(shelf, party, step)
    return (_dossier_step if step.kind in DOSSIER_KINDS else _item_step)(shelf, party, step)


# -- who may sign, whatever is recorded --


def _may_author(shelf: Facts, party: int, step: Step) -> bool:
    role = shelf.role(party)
    if role not in ROLES[step.kind] or not _names_lawfully(shelf, step):
        return False
    if step.kind is Kind.LOT_SHIPPED:
        return optician_of(step.subject) == party
    if step.kind is Kind.ERROR_DECLARED and role == GLASSMAKER:
        return step.occurrence not in OPTICIANS_ALONE
    if role != OPTICIAN or step.kind is Kind.LOT_TRANSFERRED:
        return True
    return all(optician_of(name) == party for name in _own_names(step))


def _own_names(step: Step) -> tuple[bytes, ...]:
    """Subject, dossier to join and items named: what an optician must have created."""
    if step.kind is Kind.QUOTED:
        replaced = () if step.replaces is None else (step.replaces,)
        return (step.subject, step.dossier, *replaced)
    if step.kind is Kind.EXCHANGED:
        return (step.subject, step.named)
    return (step.subject, *step.items)


def _names_lawfully(shelf: Facts, step: Step) -> bool:
    """Whether every party that the step names was admitted in the role that the word says."""
    if step.kind is Kind.QUOTED:
        return step.number == 0 or shelf.role(step.number) == GLASSMAKER
    if step.kind is Kind.INVOICED:
        return all(shelf.role(number) == INSURER for number in step.insurers)
    if step.kind is Kind.COVER_REQUESTED:
        return shelf.role(step.number) == INSURER
    if step.kind is Kind.ANSWERED:
        return shelf.role(step.number) in (INSURER, AUDITOR)
    if step.kind in (Kind.LOT_SHIPPED, Kind.LOT_TRANSFERRED):
        return shelf.role(step.number) == OPTICIAN
    return True


# -- what the facts say, kind by kind --


def _quoted(shelf: Facts, _party: int, step: Step) -> Outcome:
    if shelf.item(step.subject) is not None:
        return Outcome.REPEATED
    if known_dossier(shelf, step.dossier).quoted == MAX_QUOTED:
        return Outcome.NOT_ALLOWED
    if step.replaces is None:
        return Outcome.RECORDED
    replaced = shelf.item(step.replaces)
    if replaced is None:
        return Outcome.PREDECESSOR_MISSING
    if replaced.is_marked(REPLACED) or replaced.dossier != step.dossier:
        return Outcome.NOT_ALLOWED
    return Outcome.RECORDED


def _item_step(shelf: Facts, party: int, step: Step) -> Outcome:
    item, by_optician = shelf.item(step.subject), shelf.role(party) == OPTICIAN
    if item is None:
        return Outcome.PREDECESSOR_MISSING if by_optician else Outcome.UNKNOWN_SUBJECT
    if not by_optician and item.glassmaker != party:
        return Outcome.NOT_ALLOWED
    if item.glassmaker == 0 and step.kind in WITH_GLASSMAKER:
        return Outcome.NOT_ALLOWED
    if _is_repeated(shelf, party, step):
        return Outcome.REPEATED
    if step.kind in INSTEAD and item.has(INSTEAD[step.kind]):
        return Outcome.NOT_ALLOWED
    before = PREDECESSORS.get(step.kind, ())
    if before and not any(item.has(kind) for kind in before):
        return Outcome.PREDECESSOR_MISSING
    if step.kind is Kind.DRAWN:
        return _drawn(shelf, party, step, item)
    return _exchanged(shelf, step, item) if step.kind is Kind.EXCHANGED else Outcome.RECORDED


def _drawn(shelf: Facts, party: int, step: Step, item: ItemState) -> Outcome:
    lot = shelf.lot(step.named)
    if lot is None:
        return Outcome.UNKNOWN_SUBJECT
    if lot.glassmaker != item.glassmaker:
        return Outcome.NOT_ALLOWED
    if leads_to(unit_leaf(step.number, step.words[1:7]), step.siblings) != lot.root:
        return Outcome.MALFORMED
    return Outcome.RECORDED if holds(shelf, step.named, party) else Outcome.NOT_YET_NAMED


def _exchanged(shelf: Facts, step: Step, item: ItemState) -> Outcome:
    first = shelf.item(step.named)
    if first is None:
        return Outcome.PREDECESSOR_MISSING
    if step.named == step.subject or not item.is_marked(REPLACEMENT) or first.is_marked(EXCHANGED):
        return Outcome.NOT_ALLOWED
    if len(first.billed) != 1:
        return Outcome.PREDECESSOR_MISSING
    quote = item.table[PLACE[Kind.QUOTED]]
    # Two items without a quote have none in common.
    shared = quote != ZERO and quote == first.table[PLACE[Kind.QUOTED]]
    return Outcome.RECORDED if shared else Outcome.NOT_ALLOWED


def _invoiced(shelf: Facts, party: int, step: Step) -> Outcome:
    if _is_repeated(shelf, party, step):
        return Outcome.REPEATED
    named = {*known_dossier(shelf, step.subject).insurers, *step.insurers}
    if len(named) > 2:
        return Outcome.NOT_ALLOWED
    return _of_dossier(shelf, step, None)


def _withdrawn(shelf: Facts, party: int, step: Step) -> Outcome:
    if shelf.step(step.subject, Kind.INVOICED, party, step.invoice) is None:
        return Outcome.PREDECESSOR_MISSING
    return Outcome.REPEATED if _is_repeated(shelf, party, step) else _of_dossier(shelf, step, step.invoice)


def _of_dossier(shelf: Facts, step: Step, standing: int | None) -> Outcome:
    """Whether all items are known, have the invoice `standing` if one is asked for, and are of the dossier."""
    items = [shelf.item(name) for name in step.items]
    if any(item is None or standing not in (None, *item.invoices) for item in items):
        return Outcome.PREDECESSOR_MISSING
    # The table is hashed with the step's own dossier in place 0, so no witness fits another one's item.
    if any(item is not None and item.dossier != step.subject for item in items):
        return Outcome.STALE_WITNESS
    return Outcome.RECORDED


def _dossier_step(shelf: Facts, party: int, step: Step) -> Outcome:
    role, dossier = shelf.role(party), shelf.dossier(step.subject)
    if dossier is None:
        return Outcome.PREDECESSOR_MISSING if role == OPTICIAN else Outcome.UNKNOWN_SUBJECT
    if role == INSURER and step.kind in MUST_BE_NAMED and party not in dossier.insurers:
        return Outcome.NOT_YET_NAMED
    if step.kind is Kind.COVER_ANSWERED:
        request = shelf.step(step.subject, Kind.COVER_REQUESTED, optician_of(step.subject), step.about)
        if request is None or request.number != party:
            return Outcome.NOT_YET_NAMED
    if _is_repeated(shelf, party, step):
        return Outcome.REPEATED
    if not _follows(shelf, party, step, dossier):
        return Outcome.PREDECESSOR_MISSING
    if step.kind is Kind.OPENING_DEMANDED and shelf.item(step.named) is None:
        return Outcome.UNKNOWN_SUBJECT
    if step.kind is Kind.BREAKAGE_REPLACED and shelf.dossier(step.named) is None:
        return Outcome.UNKNOWN_SUBJECT
    return Outcome.RECORDED


def _follows(shelf: Facts, party: int, step: Step, dossier: DossierState) -> bool:
    """Whether what the step is about is recorded."""
    if step.kind is Kind.VERIFIED:
        return bool(dossier.invoices >> step.about & 1)
    if step.kind is Kind.DECIDED:
        return shelf.step(step.subject, Kind.VERIFIED, party, step.about) is not None
    if step.kind is Kind.COVER_CANCELLED:
        return shelf.step(step.subject, Kind.COVER_REQUESTED, party, step.about) is not None
    return True


def _erased(shelf: Facts, party: int, step: Step) -> Outcome:
    item, dossier, role = shelf.item(step.subject), shelf.dossier(step.subject), shelf.role(party)
    if item is None and dossier is None:
        return Outcome.UNKNOWN_SUBJECT
    if role == GLASSMAKER and (item is None or item.glassmaker != party):
        return Outcome.NOT_ALLOWED
    if role == INSURER and (dossier is None or not may_hold(shelf, step.subject, party)):
        return Outcome.NOT_YET_NAMED
    return Outcome.REPEATED if _is_repeated(shelf, party, step) else Outcome.RECORDED


def may_hold(shelf: Facts, dossier: bytes, insurer: int) -> bool:
    """Whether an insurer may hold something of a dossier: an invoice names it, or a request for cover did."""
    asked = (step.number for _, step in shelf.steps_on(dossier, (Kind.COVER_REQUESTED,)))
    return insurer in known_dossier(shelf, dossier).insurers or insurer in asked


def _lot_shipped(shelf: Facts, _party: int, step: Step) -> Outcome:
    return Outcome.RECORDED if shelf.lot(step.subject) is None else Outcome.REPEATED


def _lot_transferred(shelf: Facts, party: int, step: Step) -> Outcome:
    if shelf.lot(step.subject) is None:
        return Outcome.UNKNOWN_SUBJECT
    if step.number != party and not holds(shelf, step.subject, party):
        return Outcome.NOT_YET_NAMED
    return Outcome.REPEATED if _is_repeated(shelf, party, step) else Outcome.RECORDED


def _is_repeated(shelf: Facts, party: int, step: Step) -> bool:
    return shelf.step(step.subject, step.kind, party, step.occurrence) is not None


_JUDGES = {
    Kind.QUOTED: _quoted,
    Kind.INVOICED: _invoiced,
    Kind.WITHDRAWN: _withdrawn,
    Kind.ERASED: _erased,
    Kind.LOT_SHIPPED: _lot_shipped,
    Kind.LOT_TRANSFERRED: _lot_transferred,
}
