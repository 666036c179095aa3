"""
The table of an item's roots, and the places in it that an honest life keeps equal.

Both are the ledger's (`contracts/interfaces/IEquipmentLedger.sol`): where the roots of each kind stand, and which
comparison has which bit.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.steps import GROUPS, HASH_LENGTH, Kind

ZERO = bytes(HASH_LENGTH)
PLACES = 18

OFFSET: Mapping[Kind, int] = {
    Kind.QUOTED: 0,
    Kind.ORDERED: 4,
    Kind.MANUFACTURED: 7,
    Kind.DELIVERED: 13,
    Kind.INVOICED: 14,
}
"""Where the roots of each kind begin in an item's table."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two places of the table that an honest life keeps equal."""

    first: Kind
    second: Kind
    group: str
    without_glassmaker: bool = False

    @property
    def places(self) -> tuple[int, int]:
        """Where the two sides stand in an item's table of roots."""
        return (
            OFFSET[self.first] + GROUPS[self.first].index(self.group),
            OFFSET[self.second] + GROUPS[self.second].index(self.group),
        )


COMPARISONS: tuple[Comparison, ...] = (
    Comparison(Kind.QUOTED, Kind.ORDERED, "product"),
    Comparison(Kind.QUOTED, Kind.ORDERED, "supplements"),
    Comparison(Kind.ORDERED, Kind.MANUFACTURED, "product"),
    Comparison(Kind.ORDERED, Kind.MANUFACTURED, "supplements"),
    Comparison(Kind.ORDERED, Kind.MANUFACTURED, "correction"),
    Comparison(Kind.MANUFACTURED, Kind.INVOICED, "product"),
    Comparison(Kind.MANUFACTURED, Kind.INVOICED, "supplements"),
    Comparison(Kind.MANUFACTURED, Kind.INVOICED, "coding"),
    Comparison(Kind.QUOTED, Kind.INVOICED, "coding"),
    Comparison(Kind.QUOTED, Kind.INVOICED, "price"),
    Comparison(Kind.QUOTED, Kind.INVOICED, "product", without_glassmaker=True),
    Comparison(Kind.QUOTED, Kind.INVOICED, "supplements", without_glassmaker=True),
    Comparison(Kind.MANUFACTURED, Kind.DELIVERED, "device"),
)
"""The comparisons of the ledger; the place in this tuple is the number of the bit."""
