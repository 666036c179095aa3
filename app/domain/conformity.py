"""
Verdict, cases and assurance of items and dossiers: what follows from the facts of the ledger, and from the reading.

Nothing here depends on the order in which different parties' steps arrived. What the insurer alone can see, by opening,
comes on top elsewhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, cast

from app.domain import life
from app.domain.comparisons import COMPARISONS, Comparison
from app.domain.delays import is_out_of_warranty
from app.domain.facts import ItemState
from app.domain.justification import bits_of
from app.domain.kinds import Kind
from app.domain.reading import UNMADE, Reading, contradictions
from app.domain.shelf import Facts, known_dossier, known_item
from app.domain.steps import Step

VerdictLabel = Literal["conform", "justified", "incomplete", "non_conform"]
AssuranceLabel = Literal["optician_only", "glassmaker_confirmed", "glassmaker_and_reception"]


class Verdict(IntEnum):
    """From best to worst, so that the worst of several is their maximum."""

    CONFORM = 1
    JUSTIFIED = 2
    INCOMPLETE = 3
    NON_CONFORM = 4

    @property
    def label(self) -> VerdictLabel:
        """The verdict as it is written in JSON and on pages."""
        return cast(VerdictLabel, self.name.lower())


class Assurance(IntEnum):
    """How many independent hands stand behind a verdict, from least to most."""

    OPTICIAN_ONLY = 1
    GLASSMAKER_CONFIRMED = 2
    GLASSMAKER_AND_RECEPTION = 3

    @property
    def label(self) -> AssuranceLabel:
        """The level as it is written in JSON and on pages."""
        return cast(AssuranceLabel, self.name.lower())


class Case(IntEnum):
    """What may be wrong; the number is the bit in a recorded check."""

    PRODUCT_MISMATCH = 0
    SUPPLEMENT_NOT_SUPPLIED = 1
    CORRECTION_MISMATCH = 2
    CODING_MISMATCH = 3
    PRICE_SHIFT = 4
    DEVICE_MISMATCH = 5
    HIDDEN_ITEM = 6
    DUPLICATE_USE = 7
    RETURN_NOT_DECLARED = 8
    CANCELLED_BUT_INVOICED = 9
    FICTITIOUS_EQUIPMENT = 10
    FALSE_RENEWAL = 11
    FALSE_BREAKAGE = 12
    OUT_OF_SEQUENCE = 13


CASE_OF_GROUP: Mapping[str, Case] = {
    "product": Case.PRODUCT_MISMATCH,
    "supplements": Case.SUPPLEMENT_NOT_SUPPLIED,
    "correction": Case.CORRECTION_MISMATCH,
    "coding": Case.CODING_MISMATCH,
    "price": Case.PRICE_SHIFT,
    "device": Case.DEVICE_MISMATCH,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One case, with the comparison that shows it if one does, and the kinds of step that show it.

    `by` are the kinds of step that justify it; empty while nothing does.
    """

    case: Case
    shown_by: tuple[Kind, ...]
    comparison: Comparison | None = None
    by: tuple[Kind, ...] = ()

    @property
    def justified(self) -> bool:
        """Whether anything explains it."""
        return bool(self.by)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What can be said of an item: verdict, cases, and the kinds of step that justify the verdict beside the cases'."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    by: tuple[Kind, ...] = ()


# -- items --


def judged_item(shelf: Facts, name: bytes, reading: Reading) -> Judgement:
    """Judge one item."""
    item = known_item(shelf, name)
    moot = life.kinds_that_end(item) if not item.invoices else ()
    found = (*_mismatches(shelf, name, moot), *_uses(shelf, name, item, reading), *_order(name, item, reading))
    if any(not finding.justified for finding in found):
        return Judgement(Verdict.NON_CONFORM, found)
    if moot:
        return Judgement(Verdict.JUSTIFIED, found, moot)
    if not life.is_whole(shelf, item) or not life.is_price_proven(item, reading):
        return Judgement(Verdict.INCOMPLETE, found)
    gaps = life.explained_gaps(shelf, name, item)
    if gaps is None:
        return Judgement(Verdict.INCOMPLETE, found)
    return Judgement(Verdict.JUSTIFIED if found or gaps else Verdict.CONFORM, found, gaps)


def _mismatches(shelf: Facts, name: bytes, moot: tuple[Kind, ...]) -> Iterable[Finding]:
    bits = bits_of(shelf, name)
    for bit, comparison in enumerate(COMPARISONS):
        if bits.mismatches >> bit & 1:
            case = CASE_OF_GROUP[comparison.group]
            # What is neither sold nor kept harms nobody, whatever was wrong with it.
            yield Finding(case, comparison.kinds, comparison, bits.by.get(bit, moot))


def _uses(shelf: Facts, name: bytes, item: ItemState, reading: Reading) -> Iterable[Finding]:
    """What is wrong with how the item is used and billed; nothing justifies it."""
    ended = life.kinds_that_end(item, replaced=True)
    if item.invoices and ended:
        yield Finding(Case.CANCELLED_BUT_INVOICED, (Kind.INVOICED, *ended))
    invoices = life.standing_invoices(shelf, item)
    if invoices and life.is_returned_unsaid(item):
        yield Finding(Case.RETURN_NOT_DECLARED, (Kind.INVOICED, Kind.CREDITED))
    if life.is_duplicate(shelf, name, item) or len(invoices) > 1:
        yield Finding(Case.DUPLICATE_USE, (Kind.INVOICED, Kind.MANUFACTURED, Kind.DRAWN, Kind.DELIVERED))
    if item.glassmaker and invoices and not life.is_made(item) and _is_due(shelf, item, invoices, reading):
        yield Finding(Case.FICTITIOUS_EQUIPMENT, (Kind.INVOICED, Kind.VERIFIED))


def _is_due(shelf: Facts, item: ItemState, invoices: tuple[Step, ...], reading: Reading) -> bool:
    """Whether what was invoiced must have been made by now."""
    oldest = min(invoice.claimed_at for invoice in invoices)
    return known_dossier(shelf, item.dossier).has(Kind.VERIFIED) or reading.now - oldest > UNMADE


def _order(name: bytes, item: ItemState, reading: Reading) -> Iterable[Finding]:
    for pair in contradictions(reading.about(name), life.denied(item)):
        yield Finding(Case.OUT_OF_SEQUENCE, pair)


def item_assurance(item: ItemState) -> Assurance:
    """How many hands stand behind an item: its glassmaker's, and the shop's on arrival."""
    if not life.is_made(item):
        return Assurance.OPTICIAN_ONLY
    if item.has(Kind.SHIPPED) and item.has(Kind.RECEIVED):
        return Assurance.GLASSMAKER_AND_RECEPTION
    return Assurance.GLASSMAKER_CONFIRMED


# -- dossiers --


def dossier_findings(shelf: Facts, dossier: bytes) -> tuple[Finding, ...]:
    """The cases of a dossier as such, beside those of its items."""
    found = [Finding(Case.HIDDEN_ITEM, (Kind.QUOTED, Kind.INVOICED))] if hides_an_item(shelf, dossier) else []
    if any(_is_false_breakage(shelf, step) for _, step in shelf.steps_on(dossier, (Kind.BREAKAGE_REPLACED,))):
        found.append(Finding(Case.FALSE_BREAKAGE, (Kind.BREAKAGE_REPLACED,)))
    return tuple(found)


def hides_an_item(shelf: Facts, dossier: bytes) -> bool:
    """Whether an item is open while an invoice that does not say partial stands for an item of the dossier."""
    state = known_dossier(shelf, dossier)
    if not state.open or not state.whole:
        return False
    items = (known_item(shelf, name) for name in shelf.items_of(dossier))
    return any(state.whole >> occurrence & 1 for item in items for occurrence in item.invoices)


def _is_false_breakage(shelf: Facts, step: Step) -> bool:
    """Whether the dossier named as broken was not handed over, before and in time, is not sold, or was named before."""
    if known_dossier(shelf, step.named).breakages > 1:
        return True
    items = (known_item(shelf, name) for name in shelf.items_of(step.named))
    handed_over = [at for item in items for at in life.handed_over_at(item) if at <= step.claimed_at]
    return not handed_over or is_out_of_warranty(max(handed_over), step.claimed_at)


def dossier_verdict(findings: Iterable[Finding], items: Iterable[Verdict]) -> Verdict:
    """The worst item's verdict; non-conform if a case of the dossier itself stands. Without items it is incomplete."""
    if any(not finding.justified for finding in findings):
        return Verdict.NON_CONFORM
    return max(items, default=Verdict.INCOMPLETE)


def judged_dossier(shelf: Facts, dossier: bytes, reading: Reading) -> Verdict:
    """The verdict of a whole dossier."""
    items = [judged_item(shelf, name, reading).verdict for name in shelf.items_of(dossier)]
    return dossier_verdict(dossier_findings(shelf, dossier), items)


def dossier_assurance(items: Iterable[ItemState]) -> Assurance:
    """The lowest among the items that name a glassmaker; frames are shown apart."""
    return min((item_assurance(item) for item in items if item.glassmaker), default=Assurance.OPTICIAN_ONLY)
