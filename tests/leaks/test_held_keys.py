"""
The keys that the model of `insider` takes for granted are those that packages really hold and steps really use.

One sale with everything in it: a lens that was ordered, one drawn from stock, cover asked of two insurers, an invoice
to two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from app.domain.disclosures import ForGlassmaker, ForHolder
from app.domain.stock import DRAWN_CODING
from app.store.database import Database
from app.store.outbox import EventRow
from tests.gateway.sales import CODING, PROGRESSIVE, RIGHT, SUPPLEMENTS, billed_lens, invoiced, ordered, quoted_lens
from tests.leaks.insider import ASKED, INSIDERS, Name, named
from tests.support.keys import KEYS
from tests.support.worlds import INSURER, MAKER, OTHER_INSURER, OTHER_MAKER, SHOP, THIRD_INSURER, World

COVER = {"amount": "200.00", "currency": "EUR", "request_date": "2026-03-02"}
UNIT = {"schema": "optics.lens/1", "product": PROGRESSIVE, "supplements": SUPPLEMENTS, "correction": RIGHT}
ORDERED_CORRECTION = 2
"""Where the root of the correction stands among the words of an order."""


@dataclass(frozen=True)
class Sold:
    """A sale, with the lot that one of its lenses was drawn from."""

    world: World
    dossier: str
    lot: str

    def keys(self, sender: int, recipient: int, dossier: str = "") -> set[Name]:
        """The keys in the package from the one to the other, as the model names them."""
        package = self.world.give(sender, recipient, dossier=dossier or self.dossier)
        items = "unit" if dossier == self.lot else "item"
        found = {(items, group) for item in package["items"] for group in item["groups"]}
        found = {("unit", "coding") if group == DRAWN_CODING else (subject, group) for subject, group in found}
        return found | {("dossier", group) for group in package["groups"]}


@pytest.fixture(scope="module")
def sold(new_database: Callable[[], str]) -> Iterator[Sold]:
    database = Database(new_database(), KEYS)
    yield _sold(World(database))
    database.close()


def _sold(world: World) -> Sold:
    first, second = (str(each.item) for each in world.record(SHOP, quoted_lens("A"), quoted_lens("B")))
    unit = UNIT | {"coding": CODING, "device": {"number": "S-1"}}
    (lot,) = world.record(MAKER, {"type": "lot_shipped", "buyer": SHOP, "units": [unit]})
    world.take(SHOP, world.give(MAKER, SHOP, dossier=lot.dossier))
    drawn = {"type": "drawn", "item": second, "lot": lot.dossier, "unit": 1}
    (order, _) = world.record(SHOP, ordered(first, RIGHT), drawn)
    asked = {"type": "cover_requested", "dossier": order.dossier, "cover": COVER}
    world.record(SHOP, *(asked | {"insurer": each} for each in (INSURER, OTHER_INSURER)))
    lines = [billed_lens(first), billed_lens(second)]
    world.record(SHOP, invoiced(order.dossier, *lines, insurers=[INSURER, THIRD_INSURER]))
    return Sold(world, order.dossier, lot.dossier)


def test_a_glassmaker_is_given_the_keys_of_the_model(sold: Sold) -> None:
    assert sold.keys(SHOP, MAKER) == named(ForGlassmaker)
    assert sold.keys(SHOP, MAKER) < INSIDERS["the glassmaker"]


def test_a_holder_of_a_lot_is_given_the_keys_of_the_model(sold: Sold) -> None:
    assert sold.keys(MAKER, SHOP, sold.lot) == named(ForHolder) == INSIDERS["a holder of the lot"]


@pytest.mark.parametrize(
    ("insurer", "who"),
    [(INSURER, "the insurer"), (OTHER_INSURER, ASKED), (THIRD_INSURER, "an insurer that was never asked")],
)
def test_an_insurer_is_given_the_keys_of_the_model(sold: Sold, insurer: int, who: str) -> None:
    assert sold.keys(SHOP, insurer) == INSIDERS[who]


# -- the same values, committed to again --


def ordering(world: World, **quoted: Any) -> tuple[str, bytes]:
    """A lens quoted and ordered: its item, and the root of its correction."""
    (quote,) = world.record(SHOP, quoted_lens(**quoted))
    (order,) = world.record(SHOP, ordered(str(quote.item), RIGHT))
    return str(quote.item), order.step.words[ORDERED_CORRECTION]


def replaced(world: World, item: str, maker: int) -> EventRow:
    """The order of a lens that takes another's place, of the same values."""
    new = {"type": "quoted", "item_reference": f"{item}-2", "schema": "optics.lens/1", "glassmaker": maker}
    (quote,) = world.record(SHOP, new | {"replaces": item})
    return world.record(SHOP, ordered(str(quote.item), RIGHT))[0]


def test_a_declared_error_and_a_replacement_by_the_same_maker_commit_under_the_same_key(sold: Sold) -> None:
    item, root = ordering(sold.world, reference="C", dossier="D1-again", glassmaker=MAKER)
    wrong = {"comparison": "ordered = manufactured", "group": "correction", "in_error": "manufactured"}
    declared = {"type": "error_declared", "item": item, "nature": "incorrect_data", "corrected": RIGHT, **wrong}
    (error,) = sold.world.record(SHOP, declared)
    assert error.step.words == (root,)
    assert replaced(sold.world, item, MAKER).step.words[ORDERED_CORRECTION] == root


def test_a_replacement_by_another_maker_and_another_sale_commit_under_other_keys(sold: Sold) -> None:
    item, root = ordering(sold.world, reference="D", dossier="D1-elsewhere", glassmaker=MAKER)
    _, elsewhere = ordering(sold.world, reference="D", dossier="D1-another", glassmaker=MAKER)
    assert len({root, elsewhere, replaced(sold.world, item, OTHER_MAKER).step.words[ORDERED_CORRECTION]}) == 3
