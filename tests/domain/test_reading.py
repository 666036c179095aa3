"""What is judged when it is read: late steps, claims that contradict each other, prices that were quoted too late."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.conformity import Verdict
from app.domain.delays import is_false_renewal, is_out_of_warranty, months_after
from app.domain.kinds import Kind
from app.domain.reading import IN_ORDER, LATE, TOLERANCE, Reading
from tests.domain.trade import DAY, FIRST, ITEM, MAKER, OPTICIAN, START, Trade


def test_a_step_is_late_two_days_behind_its_block_unless_there_was_an_outage() -> None:
    trade = Trade()
    trade.quote()
    for delay, late in ((LATE, False), (LATE + 1, True)):
        trade.say(OPTICIAN, Kind.MOUNTED, ITEM, block_time=trade.now + 60 + delay)
        seen = trade.seen.pop()
        trade = Trade()
        trade.quote()
        assert Reading(trade.now, [seen]).is_late(seen) is late
        claimed = seen.step.claimed_at
        assert not Reading(trade.now, [seen], ((claimed, claimed),)).is_late(seen)
        assert Reading(trade.now, [seen], ((claimed + 1, claimed + 9), (0, claimed - 1))).is_late(seen) is late


@pytest.mark.parametrize("pair", IN_ORDER)
@pytest.mark.parametrize("by", [TOLERANCE, TOLERANCE + 1])
def test_two_parties_claims_may_contradict_each_other_by_fifteen_minutes(pair: tuple[Kind, Kind], by: int) -> None:
    trade = Trade()
    trade.quote()
    second = START + 5 * DAY
    at = {pair[0]: second + by, pair[1]: second}
    trade.now = second + DAY
    trade.order(at=at.get(Kind.ORDERED, START))
    if Kind.ACKNOWLEDGED in pair:
        trade.say(MAKER, Kind.ACKNOWLEDGED, ITEM, at=second)
    trade.make(at=at.get(Kind.MANUFACTURED, second + 3600 if Kind.ORDERED in pair else START + DAY))
    if Kind.SHIPPED in pair:
        trade.say(MAKER, Kind.SHIPPED, ITEM, at=at[Kind.SHIPPED])
    if Kind.RECEIVED in pair:
        trade.say(OPTICIAN, Kind.RECEIVED, ITEM, at=second)
    trade.deliver(at=at.get(Kind.DELIVERED, START + 6 * DAY))
    trade.bill(at=at.get(Kind.INVOICED, START + 7 * DAY))
    if Kind.VERIFIED in pair:
        trade.check(at=second)
    expected = ["OUT_OF_SEQUENCE"] if by > TOLERANCE else []
    assert trade.cases() == expected
    assert trade.judged().verdict is (Verdict.NON_CONFORM if expected else Verdict.CONFORM)


def test_one_partys_own_claims_contradict_nothing() -> None:
    trade = Trade()
    trade.live()
    trade.say(OPTICIAN, Kind.MOUNTED, ITEM, at=START)
    assert trade.cases() == []


def test_a_check_of_another_invoice_contradicts_nothing() -> None:
    trade = Trade()
    trade.live()
    trade.check(FIRST, at=trade.now + 60)
    trade.bill(occurrence=1, at=trade.now + DAY)
    trade.withdraw(invoice=1)
    assert trade.cases() == []


def test_a_step_that_both_deny_contradicts_nothing() -> None:
    trade = Trade()
    trade.quote()
    trade.make(at=START + DAY)
    trade.deliver(at=START)
    trade.bill()
    assert "OUT_OF_SEQUENCE" in trade.cases()
    for party in (OPTICIAN, MAKER):
        trade.err(party, 12, Kind.DELIVERED, None)
    assert trade.cases() == []


@pytest.mark.parametrize(
    ("delay", "made_after", "expected"),
    [
        (LATE, 60, Verdict.CONFORM),
        (LATE + 1, 60, Verdict.INCOMPLETE),
        (LATE + 1, LATE + 1, Verdict.INCOMPLETE),
        (LATE + 1, LATE + 2, Verdict.CONFORM),
    ],
)
def test_a_price_is_proven_by_a_quote_that_is_not_late_or_older_than_what_was_made(
    delay: int, made_after: int, expected: Verdict
) -> None:
    trade = Trade()
    trade.quote()
    quoted = trade.seen[0]
    trade.seen[0] = replace(quoted, block_time=quoted.step.claimed_at + delay)
    trade.make(at=quoted.step.claimed_at + made_after)
    trade.now += 9 * DAY
    trade.deliver()
    trade.bill()
    assert trade.judged().verdict is expected


def test_a_renewal_is_false_if_it_comes_too_soon_without_a_statement() -> None:
    last = date(2024, 2, 29)
    for sale, young, false in (
        (date(2026, 2, 27), False, True),
        (date(2026, 2, 28), False, False),
        (date(2025, 2, 27), True, True),
        (date(2025, 2, 28), True, False),
    ):
        assert is_false_renewal(last, sale, False, under_16=young) is false
        assert not is_false_renewal(last, sale, True, under_16=young)
        assert not is_false_renewal(None, sale, False, under_16=young)


def test_a_warranty_ends_on_the_same_day_of_its_last_month() -> None:
    day = 24 * 3600
    assert months_after(date(2023, 8, 31), 18) == date(2025, 2, 28)
    assert months_after(date(2023, 12, 1), 12) == date(2024, 12, 1)
    assert not is_out_of_warranty(0, 731 * day - 1)
    assert is_out_of_warranty(0, 731 * day)
