"""Stock: whom a lot was shipped to, who may draw from it, and what is drawn."""

from app.domain import details
from app.domain.kinds import Kind
from app.domain.merkle import root as merkle_root
from app.domain.outcomes import Outcome
from tests.domain.trade import (
    LOT,
    MAKER,
    NEXT,
    OPTICIAN,
    OTHER_MAKER,
    RIVAL,
    Trade,
    root,
    unit_leaves,
)

RECORDED, REPEATED, NOT_ALLOWED = Outcome.RECORDED, Outcome.REPEATED, Outcome.NOT_ALLOWED
UNKNOWN, MISSING, NOT_NAMED = Outcome.UNKNOWN_SUBJECT, Outcome.PREDECESSOR_MISSING, Outcome.NOT_YET_NAMED


def test_a_unit_is_drawn_from_a_lot_of_the_items_glassmaker_by_who_holds_it() -> None:
    trade = Trade()
    trade.quote()
    assert trade.draw() is UNKNOWN
    trade.ship_lot(merkle_root(unit_leaves(3)), buyer=RIVAL)
    trade.quote(NEXT, OTHER_MAKER)
    assert trade.draw(NEXT, count=3) is NOT_ALLOWED
    assert trade.draw(count=2) is Outcome.MALFORMED
    assert trade.draw(product="other", count=3) is Outcome.MALFORMED
    assert trade.draw(count=3) is NOT_NAMED
    trade.hand_on(RIVAL, OPTICIAN)
    assert trade.draw(count=3) is NOT_NAMED
    trade.hand_on(OPTICIAN, OPTICIAN)
    assert trade.draw(count=3) is RECORDED
    assert trade.draw(count=3) is REPEATED


def test_a_lot_goes_on_when_a_holder_and_the_next_both_signed() -> None:
    trade = Trade()
    assert trade.hand_on(OPTICIAN, OPTICIAN) is UNKNOWN
    assert [trade.ship_lot(root("units")), trade.ship_lot(root("units"))] == [RECORDED, REPEATED]
    assert trade.hand_on(RIVAL, OPTICIAN) is NOT_NAMED
    assert [trade.hand_on(OPTICIAN, RIVAL), trade.hand_on(OPTICIAN, RIVAL)] == [RECORDED, REPEATED]
    assert trade.hand_on(RIVAL, OPTICIAN) is NOT_NAMED
    assert trade.hand_on(RIVAL, RIVAL) is RECORDED
    assert trade.hand_on(RIVAL, OPTICIAN, occurrence=1) is RECORDED


def test_the_maker_of_a_lot_alone_ships_it() -> None:
    assert Trade().say(OTHER_MAKER, Kind.LOT_SHIPPED, LOT, details.party_detail(OPTICIAN), [root("u")]) is NOT_ALLOWED


def test_a_lot_is_known_with_its_root() -> None:
    trade = Trade()
    trade.ship_lot(root("units"))
    lot = trade.shelf.lot(LOT)
    assert lot is not None
    assert (lot.glassmaker, lot.buyer, lot.root) == (MAKER, OPTICIAN, root("units"))
