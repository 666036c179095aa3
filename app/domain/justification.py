"""
Which mismatches count, which of them are justified, and by what.

The rules are the paragraph *Justified* of `contracts/interfaces/IEquipmentLedger.sol`. Conditions are read from the
facts as they stand, so an explanation may come late, and may fall.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain import derived
from app.domain.comparisons import MADE_WITH_INVOICE, OPTICIANS_ALONE, QUOTED_CODING
from app.domain.facts import WARRANTY, ItemState
from app.domain.kinds import Kind
from app.domain.shelf import Facts, first_of, known_dossier, known_item, optician_of


@dataclass(frozen=True, slots=True)
class Bits:
    """The mismatch bits of an item that count, and for each justified one the kinds of step that justify it."""

    mismatches: int
    by: Mapping[int, tuple[Kind, ...]] = field(default_factory=dict)

    @property
    def justified(self) -> int:
        """Those of the mismatches that are justified, as bits."""
        return sum(1 << bit for bit in self.by)


def bits_of(shelf: Facts, name: bytes) -> Bits:
    """The mismatches of an item that count, with what justifies them."""
    item = known_item(shelf, name)
    mismatches = item.mismatches
    if item.has(Kind.DRAWN):
        # A drawn unit's coding is committed under its own key, so it never equals the quoted one.
        mismatches &= ~(1 << QUOTED_CODING)
    explained = {
        Kind.SUBSTITUTED: _substituted(item),
        Kind.EXCHANGED: _exchanged(shelf, item),
        Kind.ERROR_DECLARED: errors_credible(shelf, name, item),
    }
    by = {}
    for bit in range(16):
        kinds = tuple(kind for kind, bits in explained.items() if bits >> bit & 1)
        if mismatches >> bit & 1 and kinds:
            by[bit] = kinds
    return Bits(mismatches, by)


def substitution_holds(item: ItemState) -> bool:
    """Whether optician and glassmaker say the same of a substitution, and not after the item was made."""
    bits = item.exceptions
    return bool(bits & derived.BOTH_SUBSTITUTED) and not bits & derived.SUBSTITUTED_LATE


def _substituted(item: ItemState) -> int:
    if not substitution_holds(item):
        return 0
    ordered = item.exceptions >> derived.ORDERED_SUBSTITUTED & 0b11
    manufactured = item.exceptions >> derived.MANUFACTURED_SUBSTITUTED & 0b11
    return ordered | manufactured << 2 | 1 << QUOTED_CODING


def exchange_is_credible(shelf: Facts, item: ItemState) -> bool:
    """Whether the item is what an adaptation warranty gives for the first one, by the word of both parties."""
    first = first_of(shelf, item)
    if first is None or item.replaces != item.first or item.glassmaker != first.glassmaker:
        return False
    as_invoiced = first.has(Kind.MANUFACTURED) and bool(first.billed) and not first.mismatches & MADE_WITH_INVOICE
    return as_invoiced and item.is_marked(WARRANTY) and bool(item.exceptions & derived.EXCHANGED_DELIVERED)


def _exchanged(shelf: Facts, item: ItemState) -> int:
    return 0b11 | MADE_WITH_INVOICE if exchange_is_credible(shelf, item) else 0


def errors_credible(shelf: Facts, name: bytes, item: ItemState) -> int:
    """The comparisons in which an error is declared by all who must, to the other side's value, before any check."""
    dossier = known_dossier(shelf, item.dossier)
    claims: dict[int, dict[bool, int]] = {}
    for author, step in shelf.steps_on(name, (Kind.ERROR_DECLARED,)):
        claims.setdefault(step.occurrence, {})[author == optician_of(name)] = step.claimed_at
    bits = 0
    for number, claimed in claims.items():
        alone = number in OPTICIANS_ALONE
        agreed = alone or bool(item.exceptions >> derived.ERROR_AGREED + number & 1)
        fits = bool(item.exceptions >> derived.ERROR_FITS + number & 1)
        if agreed and fits and not (dossier.has(Kind.VERIFIED) and dossier.checked_at < max(claimed.values())):
            bits |= 1 << number
    return bits
