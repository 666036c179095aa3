"""
The comparisons of the ledger: which kinds of step an honest life keeps equal, group by group, and in which bit.

*Made* is what was manufactured and what was drawn from stock, each by itself.
"""

from dataclasses import dataclass

from app.domain.kinds import Kind

MADE = (Kind.MANUFACTURED, Kind.DRAWN)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides that an honest life keeps equal; a side is of one of its kinds."""

    first: tuple[Kind, ...]
    second: tuple[Kind, ...]
    group: str
    without_glassmaker: bool = False

    @property
    def name(self) -> str:
        """The two sides in words: `quoted = ordered`."""
        return f"{self.first[0].label} = {self.second[0].label}"

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Every kind that may stand on a side."""
        return self.first + self.second

    def applies_to(self, glassmaker: int) -> bool:
        """Whether it is made for an item of this glassmaker; 0 is none on the network."""
        return not (self.without_glassmaker and glassmaker)

    def other_side(self, kind: Kind) -> tuple[Kind, ...]:
        """The kinds on the other side than `kind`, which stands on one."""
        return self.second if kind in self.first else self.first


_QUOTED, _ORDERED, _MANUFACTURED = (Kind.QUOTED,), (Kind.ORDERED,), (Kind.MANUFACTURED,)
_INVOICED, _DELIVERED = (Kind.INVOICED,), (Kind.DELIVERED,)

COMPARISONS: tuple[Comparison, ...] = (
    Comparison(_QUOTED, _ORDERED, "product"),
    Comparison(_QUOTED, _ORDERED, "supplements"),
    Comparison(_ORDERED, _MANUFACTURED, "product"),
    Comparison(_ORDERED, _MANUFACTURED, "supplements"),
    Comparison(_ORDERED, _MANUFACTURED, "correction"),
    Comparison(MADE, _INVOICED, "product"),
    Comparison(MADE, _INVOICED, "supplements"),
    Comparison(MADE, _INVOICED, "coding"),
    Comparison(_QUOTED, _INVOICED, "coding"),
    Comparison(_QUOTED, _INVOICED, "price"),
    Comparison(_QUOTED, _INVOICED, "product", without_glassmaker=True),
    Comparison(_QUOTED, _INVOICED, "supplements", without_glassmaker=True),
    Comparison(MADE, _DELIVERED, "device"),
)
"""The place in this tuple is the number of the bit."""

WITH_INVOICE = sum(1 << bit for bit, each in enumerate(COMPARISONS) if Kind.INVOICED in each.second)
"""The bits that a withdrawn invoice may take back."""

MADE_WITH_INVOICE = sum(1 << bit for bit in (5, 6, 7))
QUOTED_CODING = 8
OPTICIANS_ALONE = range(8, 12)
"""Comparisons of the optician's own steps: an error in one is declared by the optician alone."""
