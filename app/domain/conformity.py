"""
The ledger's rules a second time, in Python: what a recorded step does to an item and its dossier, and what follows.

The contract decides what is recorded. Anybody who replays the logs must reach the same states, so the rules stand here
too, pure, and the indexer compares each state it computes with the one in the log. Verdict, cases and assurance are
then read from the states alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Literal, cast

from app.domain.comparisons import COMPARISONS, OFFSET, PLACES, ZERO, Comparison
from app.domain.steps import Kind, Step

VerdictLabel = Literal["conform", "justified", "incomplete", "non_conform"]
AssuranceLabel = Literal["optician_only", "glassmaker_confirmed", "glassmaker_and_reception"]

INVOICED_TWICE = 1
LEFT_OUT = 1
INVOICED_WHOLE = 2
FIRST_INVOICE = 4
FIRST_CHECK = 8


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
    """One case with the comparison that shows it; `comparison` is None where no comparison does."""

    case: Case
    comparison: Comparison | None
    justified: bool = False


@dataclass(frozen=True, slots=True)
class ItemState:
    """What the ledger knows of one item."""

    dossier: bytes
    glassmaker: int
    recorded: int = 0
    mismatches: int = 0
    justified: int = 0
    flags: int = 0
    sequence: int = 0
    roots: tuple[bytes, ...] = field(default=(ZERO,) * PLACES)

    def has(self, kind: Kind) -> bool:
        """Whether a step of this kind is recorded for the item."""
        return bool(self.recorded >> kind & 1)

    @property
    def packed(self) -> int:
        """The state as the contract packs it into 256 bits."""
        return (
            self.recorded
            | self.mismatches << 32
            | self.justified << 48
            | self.flags << 64
            | self.sequence << 80
            | self.glassmaker << 112
            | int.from_bytes(self.dossier[4:], "big") << 144
        )

    @property
    def witness(self) -> tuple[bytes, ...]:
        """The roots recorded so far, in the order of the table: what a relayer adds to a step."""
        return tuple(root for root in self.roots if root != ZERO)


@dataclass(frozen=True, slots=True)
class DossierState:
    """What the ledger knows of one dossier."""

    recorded: int = 0
    quoted: int = 0
    invoiced: int = 0
    flags: int = 0
    sequence: int = 0
    insurers: tuple[int, ...] = ()

    @property
    def packed(self) -> int:
        """The state as the contract packs it into 256 bits."""
        first, second = (*self.insurers, 0, 0)[:2]
        return (
            self.recorded
            | self.quoted << 32
            | self.invoiced << 48
            | self.flags << 64
            | self.sequence << 80
            | first << 112
            | second << 144
        )


def after_quote(step: Step, dossier: DossierState | None) -> tuple[ItemState, DossierState]:
    """Open an item; its dossier counts it, and shows it if a whole invoice came first."""
    before = dossier or DossierState()
    flags = before.flags | (LEFT_OUT if before.flags & INVOICED_WHOLE else 0)
    item = ItemState(dossier=step.dossier, glassmaker=step.glassmaker)
    opened = replace(before, quoted=before.quoted + 1, flags=flags)
    return after_item_step(item, step), _with_step(opened, step.kind)


def after_item_step(item: ItemState, step: Step) -> ItemState:
    """Record a step whose subject is `item`, with every comparison whose second side it brings."""
    return _with_roots(item, step.kind, step.roots_of(step.subject))


def after_invoice(
    step: Step, dossier: DossierState, items: Mapping[bytes, ItemState]
) -> tuple[DossierState, dict[bytes, ItemState]]:
    """Record an invoice: its items, its insurers, and whether it leaves an item out without saying so."""
    after: dict[bytes, ItemState] = {}
    first_time = 0
    for name in step.items:
        first_time += not items[name].has(Kind.INVOICED)
        after[name] = _with_roots(items[name], Kind.INVOICED, step.roots_of(name))
    flags = dossier.flags | (FIRST_INVOICE if step.occurrence == 0 else 0)
    if not step.partial:
        flags |= INVOICED_WHOLE | (LEFT_OUT if len(step.items) < dossier.quoted else 0)
    named = dossier.insurers + tuple(n for n in step.insurers if n not in dossier.insurers)
    changed = replace(dossier, invoiced=dossier.invoiced + first_time, flags=flags, insurers=named)
    return _with_step(changed, step.kind), after


def after_check(
    step: Step, party: int, dossier: DossierState, items: Mapping[bytes, ItemState]
) -> tuple[DossierState, dict[bytes, ItemState]]:
    """Record the check of an invoice by the insurer `party`."""
    first = step.occurrence == 0 and dossier.insurers[:1] == (party,)
    changed = replace(dossier, flags=dossier.flags | (FIRST_CHECK if first else 0))
    after = {name: _with_roots(items[name], Kind.VERIFIED, ()) for name in step.items}
    return _with_step(changed, step.kind), after


def _with_step(dossier: DossierState, kind: Kind) -> DossierState:
    return replace(dossier, recorded=dossier.recorded | 1 << kind, sequence=dossier.sequence + 1)


def _with_roots(item: ItemState, kind: Kind, roots: tuple[bytes, ...]) -> ItemState:
    again = item.has(kind)
    table = list(item.roots)
    for place, root in enumerate(roots, OFFSET.get(kind, 0)):
        table[place] = root
    mismatches = item.mismatches | _mismatches(item.glassmaker, table)
    return replace(
        item,
        recorded=item.recorded | 1 << kind,
        mismatches=mismatches,
        flags=item.flags | (INVOICED_TWICE if again and kind is Kind.INVOICED else 0),
        sequence=item.sequence + 1,
        # A second invoice is compared, but the first one's roots stay in the table.
        roots=item.roots if again else tuple(table),
    )


def _mismatches(glassmaker: int, table: list[bytes]) -> int:
    bits = 0
    for bit, comparison in enumerate(COMPARISONS):
        if comparison.without_glassmaker and glassmaker:
            continue
        first, second = (table[place] for place in comparison.places)
        if first != ZERO and second != ZERO and first != second:
            bits |= 1 << bit
    return bits


def item_findings(item: ItemState) -> tuple[Finding, ...]:
    """The cases of an item, in the order of the comparisons."""
    found = [
        Finding(CASE_OF_GROUP[comparison.group], comparison, bool(item.justified >> bit & 1))
        for bit, comparison in enumerate(COMPARISONS)
        if item.mismatches >> bit & 1
    ]
    if item.flags & INVOICED_TWICE:
        found.append(Finding(Case.DUPLICATE_USE, None))
    return tuple(found)


def item_verdict(item: ItemState) -> Verdict:
    """The worst that can be said of an item from the ledger alone."""
    findings = item_findings(item)
    if any(not finding.justified for finding in findings):
        return Verdict.NON_CONFORM
    expected = [Kind.DELIVERED, Kind.INVOICED] + ([Kind.MANUFACTURED] if item.glassmaker else [])
    if not all(item.has(kind) for kind in expected):
        return Verdict.INCOMPLETE
    return Verdict.JUSTIFIED if findings else Verdict.CONFORM


def item_assurance(item: ItemState) -> Assurance:
    """How many hands stand behind an item: its glassmaker's, and the shop's on arrival."""
    if not item.has(Kind.MANUFACTURED):
        return Assurance.OPTICIAN_ONLY
    if item.has(Kind.SHIPPED) and item.has(Kind.RECEIVED):
        return Assurance.GLASSMAKER_AND_RECEPTION
    return Assurance.GLASSMAKER_CONFIRMED


def dossier_findings(dossier: DossierState) -> tuple[Finding, ...]:
    """The cases of a dossier as such, beside those of its items."""
    return (Finding(Case.HIDDEN_ITEM, None),) if dossier.flags & LEFT_OUT else ()


def dossier_verdict(dossier: DossierState, items: Iterable[ItemState]) -> Verdict:
    """The worst item's verdict; non-conform if an item was left out."""
    if dossier_findings(dossier):
        return Verdict.NON_CONFORM
    return max((item_verdict(item) for item in items), default=Verdict.INCOMPLETE)


def dossier_assurance(items: Iterable[ItemState]) -> Assurance:
    """The lowest among the items that name a glassmaker; frames are shown apart."""
    return min((item_assurance(item) for item in items if item.glassmaker), default=Assurance.OPTICIAN_ONLY)
