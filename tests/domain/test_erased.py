"""Erasures, of a whole record and of single groups: whom the ledger takes them from, and what they change."""

from app.domain import details
from app.domain.kinds import Kind
from app.domain.outcomes import Outcome
from tests.domain.trade import DOSSIER, FIRST, ITEM, MAKER, OPTICIAN, OTHER_MAKER, SECOND, Trade

RECORDED, REPEATED, NOT_ALLOWED = Outcome.RECORDED, Outcome.REPEATED, Outcome.NOT_ALLOWED
UNKNOWN, NOT_NAMED = Outcome.UNKNOWN_SUBJECT, Outcome.NOT_YET_NAMED


def test_an_item_or_a_dossier_is_erased_by_each_who_takes_part() -> None:
    trade = Trade()
    for party in (OPTICIAN, MAKER, FIRST):
        assert trade.say(party, Kind.ERASED, ITEM) is UNKNOWN
    trade.quote()
    trade.bill()
    assert trade.say(OTHER_MAKER, Kind.ERASED, ITEM) is trade.say(MAKER, Kind.ERASED, DOSSIER) is NOT_ALLOWED
    assert trade.say(SECOND, Kind.ERASED, DOSSIER) is trade.say(FIRST, Kind.ERASED, ITEM) is NOT_NAMED
    for party, subject in ((OPTICIAN, ITEM), (OPTICIAN, DOSSIER), (MAKER, ITEM), (FIRST, DOSSIER)):
        assert trade.say(party, Kind.ERASED, subject) is RECORDED
        assert trade.say(party, Kind.ERASED, subject) is REPEATED


def test_groups_are_erased_beside_the_whole_record_each_once() -> None:
    trade = Trade()
    trade.quote()
    groups = details.erased_detail(["correction", "price"])
    assert trade.say(OPTICIAN, Kind.ERASED, ITEM, detail=groups, occurrence=3) is RECORDED
    assert trade.say(OPTICIAN, Kind.ERASED, ITEM, detail=groups, occurrence=3) is REPEATED
    assert trade.say(OPTICIAN, Kind.ERASED, ITEM, detail=details.erased_detail(["device"]), occurrence=6) is RECORDED
    assert trade.say(MAKER, Kind.ERASED, ITEM, detail=groups, occurrence=3) is RECORDED
    assert trade.say(OPTICIAN, Kind.ERASED, ITEM) is RECORDED


def test_an_erasure_is_recorded_where_its_author_has_a_part() -> None:
    trade = Trade()
    trade.quote()
    trade.bill()
    trade.say(MAKER, Kind.ERASED, ITEM)
    assert trade.logged() == (trade.item().packed,)
    assert trade.item().has(Kind.ERASED)
    trade.say(FIRST, Kind.ERASED, DOSSIER)
    assert trade.logged() == (trade.dossier().packed,)
    assert trade.dossier().has(Kind.ERASED)


def test_groups_that_are_erased_change_no_state() -> None:
    trade = Trade()
    trade.quote()
    trade.bill()
    item, dossier = trade.item(), trade.dossier()
    for party, subject, state in ((MAKER, ITEM, item), (OPTICIAN, DOSSIER, dossier), (FIRST, DOSSIER, dossier)):
        trade.say(party, Kind.ERASED, subject, details.erased_detail(["price"]), occurrence=5)
        assert trade.logged() == (state.packed,)
    assert (trade.item(), trade.dossier()) == (item, dossier)


def test_what_is_both_item_and_dossier_is_erased_by_each_as_what_concerns_it() -> None:
    trade = Trade()
    trade.quote(DOSSIER)
    trade.bill(DOSSIER)
    trade.say(OPTICIAN, Kind.ERASED, DOSSIER)
    assert trade.logged() == (trade.item(DOSSIER).packed,)
    trade.say(FIRST, Kind.ERASED, DOSSIER)
    assert trade.logged() == (trade.dossier().packed,)
