"""Nullifiers: one device or unit behind one item."""

import pytest

from app.domain.facts import (
    DUPLICATE,
    NOBODY,
    Nullifier,
)
from app.domain.merkle import root as merkle_root
from tests.domain.trade import (
    ITEM,
    NEXT,
    Trade,
    bits,
    name,
    nullifier,
    unit_leaves,
)


def test_a_unit_behind_two_items_marks_both() -> None:
    trade = Trade()
    trade.quote()
    trade.quote(NEXT)
    trade.make(unit="u")
    assert trade.doubles() == ()
    trade.make(NEXT, unit="u")
    assert trade.doubles() == ((ITEM, trade.item().packed),)
    assert trade.item().is_marked(DUPLICATE)
    assert trade.item(NEXT).is_marked(DUPLICATE)
    assert trade.shelf.nullifier(nullifier("u")) == Nullifier(ITEM)


@pytest.mark.parametrize("bound_first", [True, False])
def test_a_device_shown_with_another_item_than_it_was_made_for_marks_both(bound_first: bool) -> None:
    trade = Trade()
    trade.quote()
    trade.quote(NEXT)
    if bound_first:
        trade.make(unit="u")
    trade.deliver(NEXT, unit="u")
    if not bound_first:
        trade.make(unit="u")
    other = ITEM if bound_first else NEXT
    assert trade.doubles() == ((other, trade.item(other).packed),)
    assert trade.item().is_marked(DUPLICATE)
    assert trade.item(NEXT).is_marked(DUPLICATE)
    assert trade.shelf.nullifier(nullifier("u")) == Nullifier(ITEM, NEXT)


def test_a_device_is_shown_with_its_own_item_or_nobodys() -> None:
    trade = Trade()
    trade.quote()
    trade.make(unit="u")
    trade.deliver(unit="u")
    assert trade.shelf.nullifier(nullifier("u")) == Nullifier(ITEM)
    assert not trade.item().is_marked(DUPLICATE)


def test_three_items_under_one_nullifier_are_each_named_once() -> None:
    trade = Trade()
    for item in (ITEM, NEXT, name("third")):
        trade.quote(item)
    trade.make(unit="u")
    trade.deliver(NEXT, unit="u")
    trade.deliver(name("third"), unit="u")
    assert [other for other, _ in trade.doubles()] == [ITEM, NEXT]
    assert trade.shelf.nullifier(nullifier("u")) == Nullifier(ITEM, NEXT)


def test_credit_frees_only_what_is_bound_to_its_item() -> None:
    trade = Trade()
    trade.quote()
    trade.quote(NEXT)
    trade.make(unit="u")
    trade.make(NEXT, unit="v")
    trade.credit(NEXT, unit="u")
    assert trade.shelf.nullifier(nullifier("u")).bound == ITEM
    trade.credit(ITEM, unit="u")
    assert trade.shelf.nullifier(nullifier("u")).bound == NOBODY


def test_an_item_both_drawn_and_manufactured_is_a_duplicate() -> None:
    trade = Trade()
    trade.quote()
    trade.ship_lot(merkle_root(unit_leaves(1)))
    trade.draw()
    assert not trade.item().is_marked(DUPLICATE)
    trade.make(product="other")
    trade.bill()
    assert trade.item().is_marked(DUPLICATE)
    assert bits(trade) == {5}
