"""Where an item is in its life: cancelled, sent back, made, handed over, billed, and whether anything is missing."""

from collections.abc import Iterator

from app.domain import derived
from app.domain.facts import EXCHANGED, INCOMPARABLE, REPLACED, UNQUOTED, ItemState, Section
from app.domain.justification import errors_credible, exchange_is_credible, substitution_holds
from app.domain.kinds import WITH_NULLIFIER, Kind
from app.domain.reading import Reading
from app.domain.shelf import Facts, known_item, optician_of
from app.domain.steps import ID_LENGTH, Step

REFUSALS = (Kind.REFUSED_ON_ARRIVAL, Kind.BROKEN_AT_EDGING)


def is_cancelled(item: ItemState) -> bool:
    """Whether the cancellation counts: the optician's, and the glassmaker's too if it was made by then."""
    bits = item.exceptions
    late_alone = bits & derived.CANCELLED_LATE and not bits & derived.CANCELLED_BY_GLASSMAKER
    return bool(bits & derived.CANCELLED_BY_OPTICIAN) and not late_alone


def is_sent_back(item: ItemState) -> bool:
    """Whether both say that it went back to the glassmaker, for nothing in exchange."""
    return item.has(Kind.RETURNED) and item.has(Kind.CREDITED) and not item.is_marked(EXCHANGED)


def is_returned_unsaid(item: ItemState) -> bool:
    """Whether the glassmaker credited it and the optician does not say that it went back."""
    return item.has(Kind.CREDITED) and not item.has(Kind.RETURNED) and not item.is_marked(EXCHANGED)


def is_void(item: ItemState) -> bool:
    """Whether it is no longer part of the sale."""
    return is_cancelled(item) or (item.has(Kind.CREDITED) and not item.is_marked(EXCHANGED))


def is_live(item: ItemState) -> bool:
    """Whether it is part of the sale: neither void nor replaced by another."""
    return not is_void(item) and not item.is_marked(REPLACED)


def kinds_that_end(item: ItemState, *, replaced: bool = False) -> tuple[Kind, ...]:
    """
    The kinds of step after which nothing more is expected of the item; none if it lives on.

    A refusal or breakage counts only if a replacement names the item; with `replaced` true it counts in any case.
    """
    if is_cancelled(item):
        return (Kind.CANCELLED,)
    if is_sent_back(item):
        return (Kind.RETURNED, Kind.CREDITED)
    if replaced or item.is_marked(REPLACED):
        return tuple(kind for kind in REFUSALS if item.has(kind))
    return ()


def denied(item: ItemState) -> tuple[Kind, ...]:
    """The kinds of which both parties say that they did not occur."""
    return tuple(kind for kind, bit in derived.DID_NOT_OCCUR.items() if item.exceptions & bit)


def is_made(item: ItemState) -> bool:
    """Whether the glassmaker made it, or made it for stock."""
    return item.has(Kind.DRAWN) or (item.has(Kind.MANUFACTURED) and Kind.MANUFACTURED not in denied(item))


def is_delivered(item: ItemState) -> bool:
    """Whether it was handed to the wearer."""
    return item.has(Kind.DELIVERED) and Kind.DELIVERED not in denied(item)


def handed_over_at(item: ItemState) -> Iterator[int]:
    """When it was handed to the wearer, if it was and is still part of the sale."""
    if is_delivered(item) and is_live(item):
        yield item.sections[Kind.DELIVERED].claimed_at


def standing_invoices(shelf: Facts, item: ItemState) -> tuple[Step, ...]:
    """The invoices of the item that stand, the inherited one first if it still does."""
    return tuple(step for section in item.billed if (step := _invoice_of(shelf, section)) is not None)


def _invoice_of(shelf: Facts, section: Section) -> Step | None:
    """The invoice that a section is of, if it still stands for the item that it was written for."""
    billed = known_item(shelf, section.head[:ID_LENGTH])
    if section.occurrence not in billed.invoices:
        return None
    return shelf.step(billed.dossier, Kind.INVOICED, optician_of(billed.dossier), section.occurrence)


def is_duplicate(shelf: Facts, name: bytes, item: ItemState) -> bool:
    """
    Whether it was both made and drawn, or what it is stands behind another item too.

    Not the mark of the ledger is asked, which says that two items shared a device once, but the steps: what was
    credited has given its device back, whether that arrived before or after the device was seen again.
    """
    if item.has(Kind.DRAWN) and item.has(Kind.MANUFACTURED):
        return True
    shown = {step.nullifier for _, step in shelf.steps_on(name, WITH_NULLIFIER) if step.kind is not Kind.CREDITED}
    behind = (_behind(shelf, nullifier) for nullifier in shown if nullifier is not None)
    return any(name in items and len(items) > 1 for items in behind)


def _behind(shelf: Facts, nullifier: bytes) -> set[bytes]:
    """The items behind a nullifier: of steps that neither a credit gave back nor both say did not occur."""
    steps = shelf.steps_with(nullifier)
    credited = {step.subject for step in steps if step.kind is Kind.CREDITED}
    items = {step.subject for step in steps if step.kind not in denied(known_item(shelf, step.subject))}
    return items - credited


def is_whole(shelf: Facts, item: ItemState) -> bool:
    """Whether it was made where a glassmaker is named, handed over and invoiced, by itself or by exchange."""
    inherits = exchange_is_credible(shelf, item) and bool(standing_invoices(shelf, item))
    return is_delivered(item) and (bool(item.invoices) or inherits) and (is_made(item) or not item.glassmaker)


def is_price_proven(item: ItemState, reading: Reading) -> bool:
    """Whether the quote was on the ledger in time to bind the price: not late, or older than what was made."""
    quoted, made = item.sections.get(Kind.QUOTED), item.sections.get(Kind.MANUFACTURED)
    seen = None if quoted is None else reading.with_head(quoted.head)
    if seen is None or not reading.is_late(seen):
        return True
    return made is not None and seen.block_time < made.claimed_at


def explained_gaps(shelf: Facts, name: bytes, item: ItemState) -> tuple[Kind, ...] | None:
    """The kinds that explain why something could not be compared: none where all could, None where nothing does."""
    holds = {Kind.SUBSTITUTED: substitution_holds(item), Kind.ERROR_DECLARED: errors_credible(shelf, name, item) > 0}
    general = tuple(kind for kind, explains in holds.items() if explains)
    found: tuple[Kind, ...] = ()
    if item.is_marked(INCOMPARABLE):
        if not general:
            return None
        found = general
    if item.is_marked(UNQUOTED):
        replaced = known_item(shelf, item.replaces)
        reasons = (*general, *(kind for kind in REFUSALS if replaced.has(kind)))
        if not reasons:
            return None
        found = (*found, *(kind for kind in reasons if kind not in found))
    return found
