"""
The same lens has the same bytes, and two different lenses never do: over many pairs drawn by chance.

What a lens *is* stands here a second time, and not as the code has it: by its two principal meridians. Half of the
pairs are one lens in two spellings, or with one thing changed, because two lenses of chance are hardly ever alike.
"""

from __future__ import annotations

from dataclasses import asdict, astuple, dataclass, replace
from random import Random

import pytest

from app.domain.commitment import group_root
from app.domain.records import GroupValues, group_values

KEY = bytes(range(32))
DIAMETERS = range(500, 800, 5)


@dataclass(frozen=True)
class Lens:
    """A lens as a prescriber may write it down: hundredths of a dioptre, degrees, tenths of a millimetre."""

    eye: str
    sphere: int
    cylinder: int
    axis: int
    addition: int
    prism: int
    prism_base: int
    diameter: int

    @property
    def meaning(self) -> tuple[object, ...]:
        """What it is on the nose: the power along each meridian that has one of its own, and what goes with it."""
        meridians = frozenset(
            {(self.sphere, self.axis % 180), (self.sphere + self.cylinder, (self.axis + 90) % 180)}
            if self.cylinder
            else {self.sphere}
        )
        prism = (self.prism, self.prism_base % 360) if self.prism else None
        return self.eye, meridians, self.addition, prism, self.diameter

    def correction(self, chance: Random) -> GroupValues:
        """Its correction, from values spelled in one of their ways."""
        places = {"diameter": 1}
        trade = {
            name: value if name in ("eye", "axis", "prism_base") else spelled(value, places.get(name, 2), chance)
            for name, value in asdict(self).items()
        }
        return group_values("optics.lens/1", "correction", trade)


def spelled(number: int, places: int, chance: Random) -> str:
    """A number of units of 10^-places in one of the ways in which people type it; nothing may have a sign too."""
    whole, rest = divmod(abs(number), 10**places)
    minus = chance.choice(("-", "\N{MINUS SIGN}"))
    sign = minus if number < 0 else chance.choice(("", "+", minus)) if number == 0 else chance.choice(("", "+"))
    decimals = f"{rest:0{places}}"
    if chance.random() < 0.5:
        decimals = decimals.rstrip("0")
    mark = chance.choice(".,") if decimals else ""
    space = chance.choice(("", " "))
    return f"{space}{sign}{'0' * chance.randrange(2)}{whole}{mark}{decimals}{space}"


def drawn(chance: Random) -> Lens:
    """A lens of the kind that shops sell."""
    return Lens(
        eye=chance.choice(("right", "left")),
        sphere=25 * chance.randrange(-60, 61),
        cylinder=25 * chance.randrange(-16, 17),
        axis=chance.randrange(0, 181),
        addition=chance.choice((0, 75, 200, 350)),
        prism=chance.choice((0, 0, 50, 200)),
        prism_base=chance.choice((0, 90, 360)),
        diameter=chance.choice(DIAMETERS),
    )


def transposed(lens: Lens) -> Lens:
    """The same lens in the other cylinder form."""
    axis = lens.axis + 90 if lens.axis <= 90 else lens.axis - 90
    return replace(lens, sphere=lens.sphere + lens.cylinder, cylinder=-lens.cylinder, axis=axis)


def beside(lens: Lens, chance: Random) -> Lens:
    """A lens that is the same or nearly so: in the other form, with one thing of another, or a sign turned."""
    other = drawn(chance)
    name = chance.choice(list(asdict(lens)))
    turned = replace(lens, sphere=-lens.sphere)
    near = replace(lens, **{name: getattr(other, name)})
    return chance.choice((transposed(lens), near, transposed(near), turned, lens))


def test_two_lenses_agree_where_they_are_one_and_nowhere_else(draws: int) -> None:
    seed = Random().getrandbits(64)
    chance = Random(seed)
    alike = 0
    for number in range(draws):
        one = drawn(chance)
        other = beside(one, chance) if chance.random() < 0.5 else drawn(chance)
        same = one.meaning == other.meaning
        alike += same
        pair = one.correction(chance), other.correction(chance)
        assert (pair[0] == pair[1]) is same, f"seed {seed}: {astuple(one)} and {astuple(other)}"
        # Equal values have equal roots; to make them takes ten times as long, so not all are made.
        if number % 20 == 0:
            assert (group_root(pair[0], KEY) == group_root(pair[1], KEY)) is same, f"seed {seed}"
    # Both halves of the sentence were tried.
    assert draws // 10 < alike < 9 * draws // 10


@pytest.mark.parametrize("number", range(20))
def test_one_lens_has_one_root_however_it_is_written(number: int) -> None:
    chance = Random(number)
    lens = drawn(chance)
    spellings = [each.correction(chance) for _ in range(20) for each in (lens, transposed(lens))]
    roots = {group_root(each, KEY) for each in spellings}
    assert len(roots) == 1
