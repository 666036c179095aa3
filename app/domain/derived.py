"""
What follows from the facts of an item: its mismatches, its exceptions, whether it is open.

The contract makes each comparison when its second side arrives; made over the whole table at once they come out the
same, since a side never changes and only an invoice can be withdrawn.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from app.domain.comparisons import COMPARISONS, Comparison
from app.domain.facts import (
    EXCEPTIONAL,
    INCOMPARABLE,
    OPEN,
    RELIEVED,
    REPLACED,
    ZERO,
    ItemState,
    Section,
)
from app.domain.kinds import Kind, Nature
from app.domain.shelf import Facts, optician_of
from app.domain.steps import Step

BOTH_SUBSTITUTED = 1 << 2
SUBSTITUTED_LATE = 1 << 3
CANCELLED_BY_OPTICIAN = 1 << 8
CANCELLED_BY_GLASSMAKER = 1 << 9
CANCELLED_LATE = 1 << 10
EXCHANGED_DELIVERED = 1 << 11
ORDERED_SUBSTITUTED = 4
MANUFACTURED_SUBSTITUTED = 6
ERROR_BY_OPTICIAN = 16
ERROR_BY_GLASSMAKER = 32
ERROR_AGREED = 48
ERROR_FITS = 64
SUBSTITUTED_AT = 96
CANCELLED_AT = 136

DID_NOT_OCCUR: Mapping[Kind, int] = {Kind.ORDERED: 1 << 13, Kind.MANUFACTURED: 1 << 14, Kind.DELIVERED: 1 << 15}
"""The bit of the exceptions that says that both agree that a step of this kind did not occur."""

DECLARATIONS = (Kind.SUBSTITUTED, Kind.CANCELLED, Kind.ERROR_DECLARED)
"""The kinds whose steps the exceptions follow from, beside the table."""


def settled(shelf: Facts, name: bytes, item: ItemState) -> ItemState:
    """The item with everything that follows from its facts."""
    mismatches, incomparable = _compared(item)
    exceptions = _exceptions(shelf, name, item)
    flags = item.flags & ~(OPEN | EXCEPTIONAL | INCOMPARABLE) | (INCOMPARABLE if incomparable else 0)
    flags |= (EXCEPTIONAL if exceptions else 0) | (OPEN if _is_open(item) else 0)
    return replace(item, mismatches=mismatches, exceptions=exceptions, flags=flags)


def _is_open(item: ItemState) -> bool:
    closed = item.is_marked(REPLACED | RELIEVED) or item.has(Kind.CANCELLED) or item.has(Kind.CREDITED)
    return not item.billed and not closed


# -- comparisons --


def _compared(item: ItemState) -> tuple[int, bool]:
    """The mismatch bits, and whether two sides could not be compared."""
    bits, incomparable = 0, False
    for bit, comparison in enumerate(COMPARISONS):
        if not comparison.applies_to(item.glassmaker):
            continue
        for first in _sides(item, comparison, comparison.first):
            for second in _sides(item, comparison, comparison.second):
                if first[0] != second[0]:
                    incomparable = True
                elif first[1] != second[1]:
                    bits |= 1 << bit
    return bits, incomparable


def _sides(item: ItemState, comparison: Comparison, kinds: tuple[Kind, ...]) -> Iterator[tuple[int, bytes]]:
    """Version and root of all that stands on one side of a comparison."""
    for kind in kinds:
        if (kind, comparison.group) == (Kind.MANUFACTURED, "device"):
            if item.device != ZERO:
                yield 0, item.device
            continue
        for section in _comparable(item, comparison, kind):
            root = section.root(comparison.group)
            if root is not None:
                yield section.version(comparison.group), root


def _comparable(item: ItemState, comparison: Comparison, kind: Kind) -> Iterator[Section]:
    """The sections of a kind; an invoice that was inherited is not compared with this item's quote."""
    sections = item.sections_of(kind)
    if Kind.QUOTED in comparison.first:
        return (section for section in sections if section is not item.inherited)
    return sections


# -- exceptions --


def _exceptions(shelf: Facts, name: bytes, item: ItemState) -> int:
    if not any(item.has(kind) for kind in DECLARATIONS):
        return item.exceptions
    by_optician: dict[tuple[Kind, int], Step] = {}
    by_glassmaker: dict[tuple[Kind, int], Step] = {}
    for author, step in shelf.steps_on(name, DECLARATIONS):
        declared = by_optician if author == optician_of(name) else by_glassmaker
        declared[(step.kind, step.occurrence)] = step
    bits = item.exceptions & EXCHANGED_DELIVERED
    substituted = (Kind.SUBSTITUTED, 0)
    bits |= _substituted(item, by_optician.get(substituted), by_glassmaker.get(substituted))
    cancelled = (Kind.CANCELLED, 0)
    bits |= _cancelled(item, by_optician.get(cancelled), by_glassmaker.get(cancelled))
    for number, comparison in enumerate(COMPARISONS):
        place = (Kind.ERROR_DECLARED, number)
        bits |= _error(item, comparison, by_optician.get(place), by_glassmaker.get(place)) << number
        bits |= _denied(by_optician.get(place), by_glassmaker.get(place))
    return bits


def _substituted(item: ItemState, by_optician: Step | None, by_glassmaker: Step | None) -> int:
    said = [step for step in (by_optician, by_glassmaker) if step is not None]
    if not said:
        return 0
    claimed = max(step.claimed_at for step in said)
    bits = (by_optician is not None) | (by_glassmaker is not None) << 1 | claimed << SUBSTITUTED_AT
    made = item.sections.get(Kind.MANUFACTURED)
    if made is not None and claimed > made.claimed_at:
        bits |= SUBSTITUTED_LATE
    if not _agree(by_optician, by_glassmaker):
        return bits
    for kind, start in ((Kind.ORDERED, ORDERED_SUBSTITUTED), (Kind.MANUFACTURED, MANUFACTURED_SUBSTITUTED)):
        for place, group in enumerate(("product", "supplements")):
            section = item.sections.get(kind)
            if section is not None and _is_substitute(section, said[0], place, group):
                bits |= 1 << start + place
    return bits | BOTH_SUBSTITUTED


def _is_substitute(section: Section, step: Step, place: int, group: str) -> bool:
    return section.root(group) == step.words[place] and section.version(group) == step.detail[6 + place]


def _cancelled(item: ItemState, by_optician: Step | None, by_glassmaker: Step | None) -> int:
    bits = CANCELLED_BY_GLASSMAKER if by_glassmaker is not None else 0
    if by_optician is None:
        return bits
    made = item.sections.get(Kind.MANUFACTURED)
    late = made is not None and by_optician.claimed_at > made.claimed_at
    return bits | CANCELLED_BY_OPTICIAN | (CANCELLED_LATE if late else 0) | by_optician.claimed_at << CANCELLED_AT


def _error(item: ItemState, comparison: Comparison, by_optician: Step | None, by_glassmaker: Step | None) -> int:
    """The bits of the declarations of one error, for comparison 0."""
    bits = (by_optician is not None) << ERROR_BY_OPTICIAN | (by_glassmaker is not None) << ERROR_BY_GLASSMAKER
    bits |= _agree(by_optician, by_glassmaker) << ERROR_AGREED
    if by_optician is None or by_optician.nature != Nature.INCORRECT_DATA or not comparison.applies_to(item.glassmaker):
        return bits
    others = _sides(item, comparison, comparison.other_side(Kind(by_optician.code)))
    return bits | any(root == by_optician.words[0] for _, root in others) << ERROR_FITS


def _denied(by_optician: Step | None, by_glassmaker: Step | None) -> int:
    """The bit of a step that both say did not occur."""
    if by_optician is None or not _agree(by_optician, by_glassmaker) or by_optician.nature != Nature.DID_NOT_OCCUR:
        return 0
    return DID_NOT_OCCUR.get(Kind(by_optician.code), 0)


def _agree(one: Step | None, other: Step | None) -> bool:
    """Whether both were signed and say the same; when each was claimed is its own affair."""
    return one is not None and other is not None and (one.detail, one.words) == (other.detail, other.words)
