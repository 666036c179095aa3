"""What becomes of a step, in the order in which the manual judges it."""

from dataclasses import replace

import pytest

from app.domain import details
from app.domain.facts import MAX_QUOTED
from app.domain.kinds import Kind
from app.domain.lifecycle import outcome
from app.domain.merkle import root as merkle_root
from app.domain.outcomes import Outcome
from app.domain.steps import Step
from tests.domain.trade import (
    AUDITOR,
    DOSSIER,
    FIRST,
    ITEM,
    MAKER,
    NEXT,
    OPTICIAN,
    OTHER_MAKER,
    RIVAL,
    SECOND,
    START,
    THIRD,
    Trade,
    name,
    root,
    unit_leaves,
)

RECORDED, REPEATED, NOT_ALLOWED = Outcome.RECORDED, Outcome.REPEATED, Outcome.NOT_ALLOWED
UNKNOWN, MISSING, NOT_NAMED = Outcome.UNKNOWN_SUBJECT, Outcome.PREDECESSOR_MISSING, Outcome.NOT_YET_NAMED


def shipped(subject: bytes = ITEM, at: int = START) -> Step:
    """A step that a glassmaker signs."""
    return Step(Kind.SHIPPED, 0, at, subject, details.NO_DETAIL, ())


def test_shape_comes_before_author_author_before_time_and_time_before_the_facts() -> None:
    shelf = Trade().shelf
    late = START + 10_000
    bad = replace(shipped(at=late), detail=b"\1" * 9)
    assert outcome(shelf, OPTICIAN, bad, START) is Outcome.MALFORMED
    assert outcome(shelf, OPTICIAN, shipped(at=late), START) is NOT_ALLOWED
    assert outcome(shelf, MAKER, shipped(at=late), START, START) is Outcome.CLAIMED_AHEAD
    assert outcome(shelf, MAKER, shipped(at=START + 900), START, START) is Outcome.CLAIMED_AFTER_RETIREMENT
    assert outcome(shelf, MAKER, shipped(at=START), START, START) is UNKNOWN


@pytest.mark.parametrize(
    ("party", "kind", "subject", "words"),
    [
        (MAKER, Kind.RECEIVED, ITEM, ()),
        (RIVAL, Kind.RECEIVED, ITEM, ()),
        (OPTICIAN, Kind.SHIPPED, ITEM, ()),
        (99, Kind.SHIPPED, ITEM, ()),
        (OPTICIAN, Kind.BREAKAGE_REPLACED, name("theirs", RIVAL), (details.id_word(DOSSIER),)),
        (AUDITOR, Kind.ERASED, ITEM, ()),
    ],
)
def test_a_step_is_signed_in_its_role_and_by_whoever_made_the_subject(
    party: int, kind: Kind, subject: bytes, words: tuple[bytes, ...]
) -> None:
    assert Trade().say(party, kind, subject, words=words) is NOT_ALLOWED


def test_an_optician_names_only_what_it_made_but_for_the_first_dossier_of_a_breakage() -> None:
    theirs = name("theirs", RIVAL)
    trade = Trade()
    assert trade.quote(dossier=theirs) is NOT_ALLOWED
    assert trade.replace(old=theirs) is NOT_ALLOWED
    assert trade.exchange(first=theirs) is NOT_ALLOWED
    assert trade.bill(theirs) is NOT_ALLOWED
    assert trade.withdraw(theirs) is NOT_ALLOWED
    trade.quote()
    assert trade.say(OPTICIAN, Kind.BREAKAGE_REPLACED, DOSSIER, words=[details.id_word(theirs)]) is UNKNOWN


def test_whoever_is_named_by_number_was_admitted_in_that_role() -> None:
    trade = Trade()
    assert trade.quote(maker=FIRST) is NOT_ALLOWED
    assert trade.quote() is RECORDED
    assert trade.bill(insurers=[MAKER]) is NOT_ALLOWED
    for kind, detail in (
        (Kind.COVER_REQUESTED, details.party_detail(MAKER)),
        (Kind.ANSWERED, details.answered_detail(MAKER, 0, Kind.DECIDED)),
    ):
        assert trade.say(OPTICIAN, kind, DOSSIER, detail, [root("x")]) is NOT_ALLOWED
    assert trade.ship_lot(root("units"), buyer=FIRST) is NOT_ALLOWED
    assert trade.ship_lot(root("units"), name("lot", OTHER_MAKER)) is NOT_ALLOWED
    assert trade.ship_lot(root("units")) is RECORDED
    assert trade.hand_on(OPTICIAN, MAKER) is NOT_ALLOWED


def test_a_glassmaker_declares_no_error_in_the_opticians_own_comparisons() -> None:
    trade = Trade()
    trade.quote()
    for comparison in (8, 9, 10, 11):
        assert trade.err(MAKER, comparison, Kind.INVOICED, root("x")) is NOT_ALLOWED
        assert trade.err(OPTICIAN, comparison, Kind.INVOICED, root("x")) is RECORDED
    assert trade.err(MAKER, 2, Kind.ORDERED, root("x")) is RECORDED


def test_an_item_is_quoted_once_into_a_dossier_with_room() -> None:
    trade = Trade()
    assert trade.quote() is RECORDED
    assert trade.quote() is REPEATED
    trade.shelf.put_dossier(DOSSIER, replace(trade.dossier(), quoted=MAX_QUOTED))
    assert trade.quote(NEXT) is NOT_ALLOWED


def test_a_replacement_names_a_known_item_of_its_dossier_that_was_not_replaced() -> None:
    trade = Trade()
    assert trade.replace() is MISSING
    trade.quote()
    assert trade.replace(dossier=name("other")) is NOT_ALLOWED
    assert trade.replace() is RECORDED
    assert trade.replace(name("third")) is NOT_ALLOWED


def test_a_step_on_an_unknown_item_waits_for_whoever_quotes_it() -> None:
    trade = Trade()
    assert trade.order() is MISSING
    assert trade.make() is UNKNOWN
    trade.quote()
    assert trade.make(maker=OTHER_MAKER) is NOT_ALLOWED


def test_a_frame_is_neither_ordered_nor_received_nor_drawn_nor_substituted() -> None:
    trade = Trade()
    trade.quote(maker=0)
    assert [trade.order(), trade.say(OPTICIAN, Kind.RECEIVED, ITEM), trade.draw()] == [NOT_ALLOWED] * 3
    assert trade.substitute(OPTICIAN) is NOT_ALLOWED
    assert trade.make() is NOT_ALLOWED
    assert trade.deliver() is RECORDED


def test_a_step_follows_its_partys_own_predecessor_and_is_not_repeated() -> None:
    trade = Trade()
    trade.quote()
    assert trade.say(MAKER, Kind.SHIPPED, ITEM) is MISSING
    assert trade.credit() is MISSING
    assert trade.say(OPTICIAN, Kind.RECEIVED, ITEM) is MISSING
    assert [trade.order(), trade.order(), trade.make(), trade.make()] == [RECORDED, REPEATED, RECORDED, REPEATED]
    assert trade.substitute(OPTICIAN) is trade.substitute(MAKER) is RECORDED
    assert trade.substitute(MAKER) is REPEATED
    assert trade.say(MAKER, Kind.SHIPPED, ITEM) is trade.credit() is RECORDED
    assert trade.say(OPTICIAN, Kind.RECEIVED, ITEM) is RECORDED


def test_an_item_is_ordered_or_drawn() -> None:
    for first, second in (("order", "draw"), ("draw", "order")):
        trade = Trade()
        trade.quote()
        trade.ship_lot(merkle_root(unit_leaves(1)))
        assert [getattr(trade, first)(), getattr(trade, second)()] == [RECORDED, NOT_ALLOWED]


def test_an_exchange_needs_a_replacement_and_a_first_item_with_one_invoice() -> None:
    trade = Trade()
    trade.quote(NEXT)
    assert trade.exchange() is MISSING
    trade.quote()
    assert trade.exchange() is NOT_ALLOWED
    trade.replace(name("third"))
    assert trade.exchange(name("third"), name("third")) is NOT_ALLOWED
    assert trade.exchange(name("third")) is MISSING
    trade.bill()
    assert trade.exchange(name("third")) is RECORDED
    assert trade.exchange(name("third"), NEXT) is REPEATED
    trade.replace(name("fourth"), NEXT)
    assert trade.exchange(name("fourth")) is NOT_ALLOWED


def test_an_exchange_is_of_items_with_one_quote() -> None:
    trade = Trade()
    trade.quote()
    trade.replace(maker=OTHER_MAKER)
    trade.bill()
    assert trade.exchange() is NOT_ALLOWED


def test_two_items_without_a_quote_have_none_in_common_to_be_exchanged_under() -> None:
    trade = Trade()
    trade.quote()
    trade.replace(maker=OTHER_MAKER)
    trade.bill(NEXT)
    for maker in (MAKER, OTHER_MAKER):
        third = name(f"third {maker}")
        unquoted = Trade()
        for seen in trade.seen:
            unquoted.take(seen.party, seen.step)
        unquoted.replace(third, NEXT, maker=maker)
        assert unquoted.item(NEXT).table[1] == unquoted.item(third).table[1] == bytes(32)
        assert unquoted.exchange(third, NEXT) is NOT_ALLOWED


def test_an_invoice_lists_known_items_of_its_dossier_and_names_two_insurers_at_most() -> None:
    trade = Trade()
    assert trade.bill() is MISSING
    trade.quote()
    trade.quote(NEXT, dossier=name("other"))
    assert trade.bill(ITEM, NEXT) is Outcome.STALE_WITNESS
    assert [trade.bill(insurers=[FIRST]), trade.bill(insurers=[FIRST])] == [RECORDED, REPEATED]
    assert trade.bill(occurrence=1, insurers=[SECOND, THIRD]) is NOT_ALLOWED
    assert trade.bill(occurrence=1, insurers=[SECOND, FIRST]) is RECORDED


def test_an_invoice_is_withdrawn_for_items_of_which_it_stands() -> None:
    trade = Trade()
    trade.quote()
    trade.quote(NEXT)
    assert trade.withdraw() is MISSING
    trade.bill(ITEM)
    assert trade.withdraw(NEXT) is trade.withdraw(name("third")) is MISSING
    assert trade.withdraw(invoice=1) is MISSING
    assert trade.withdraw(invoice=8) is Outcome.MALFORMED
    other = name("other")
    trade.quote(name("fourth"), dossier=other)
    trade.bill(name("fourth"), dossier=other)
    assert trade.withdraw(ITEM, name("fourth")) is Outcome.STALE_WITNESS
    assert [trade.withdraw(), trade.withdraw()] == [RECORDED, REPEATED]
    assert trade.withdraw(occurrence=1) is MISSING


def test_a_step_on_an_unknown_dossier_waits() -> None:
    trade = Trade()
    assert trade.say(OPTICIAN, Kind.RENEWAL_STATED, DOSSIER, words=[root("x")]) is MISSING
    assert trade.check() is UNKNOWN


def test_only_an_insurer_that_an_invoice_names_checks_decides_and_demands() -> None:
    trade = Trade()
    trade.quote()
    demand = (Kind.OPENING_DEMANDED, DOSSIER, details.demanded_detail(1))
    decision = (Kind.DECIDED, DOSSIER, details.decided_detail(1, 1, 0, 0))
    trade.bill()
    for party in (SECOND, THIRD):
        assert trade.check(party) is NOT_NAMED
        assert trade.say(party, *decision) is NOT_NAMED
        assert trade.say(party, *demand, [details.id_word(ITEM)]) is NOT_NAMED
    assert trade.check(invoice=1) is trade.check(invoice=9) is MISSING
    assert trade.say(FIRST, *decision) is MISSING
    assert [trade.check(), trade.check()] == [RECORDED, REPEATED]
    assert [trade.say(FIRST, *decision), trade.say(FIRST, *decision)] == [RECORDED, REPEATED]
    assert trade.say(FIRST, *demand, [details.id_word(NEXT)]) is UNKNOWN
    assert trade.say(FIRST, *demand, [details.id_word(ITEM)]) is RECORDED
    assert trade.say(AUDITOR, *demand, [details.id_word(ITEM)]) is RECORDED


def test_cover_is_answered_by_whom_it_was_asked_of_and_cancelled_after_it_was_asked() -> None:
    trade = Trade()
    trade.quote()
    ask = (OPTICIAN, Kind.COVER_REQUESTED, DOSSIER, details.party_detail(FIRST), [root("x")])
    answer = (Kind.COVER_ANSWERED, DOSSIER, details.cover_answered_detail(1, 0), [root("y")])
    cancel = (OPTICIAN, Kind.COVER_CANCELLED, DOSSIER, details.occurrence_detail(0))
    assert trade.say(FIRST, *answer) is NOT_NAMED
    assert trade.say(*cancel) is MISSING
    assert trade.say(*ask) is RECORDED
    assert trade.say(SECOND, *answer) is NOT_NAMED
    assert trade.say(FIRST, *answer) is trade.say(*cancel) is RECORDED
    assert trade.say(OPTICIAN, Kind.ANSWERED, DOSSIER, details.answered_detail(FIRST, 0, 21), [root("z")]) is RECORDED


def test_a_breakage_names_a_known_first_dossier() -> None:
    trade = Trade()
    trade.quote()
    theirs = name("theirs", RIVAL)
    broken = (OPTICIAN, Kind.BREAKAGE_REPLACED, DOSSIER)
    assert trade.say(*broken, words=[details.id_word(theirs)]) is UNKNOWN
    assert trade.say(*broken, words=[details.id_word(DOSSIER)]) is Outcome.MALFORMED
    trade.quote(NEXT, dossier=name("other"))
    assert trade.say(*broken, words=[details.id_word(name("other"))]) is RECORDED
