"""Verdict, cases and assurance: what follows from the facts, and what justifies it."""

from typing import Any

import pytest

from app.domain import details
from app.domain.conformity import (
    CASE_OF_GROUP,
    Assurance,
    Case,
    Verdict,
    dossier_assurance,
    dossier_findings,
    dossier_verdict,
    item_assurance,
)
from app.domain.kinds import Kind
from tests.domain.trade import (
    DAY,
    DOSSIER,
    ITEM,
    MAKER,
    NEXT,
    OPTICIAN,
    Trade,
    name,
)

CONFORM, JUSTIFIED, INCOMPLETE, NON_CONFORM = Verdict


def verdict(trade: Trade, item: bytes = ITEM) -> Verdict:
    """The verdict of an item."""
    return trade.judged(item).verdict


def test_an_honest_life_is_conform_only_when_it_is_whole() -> None:
    trade = Trade()
    trade.live()
    steps, again, seen = [each.step for each in trade.seen], Trade(), []
    for step in steps:
        again.now = step.claimed_at
        again.take(MAKER if step.kind in (Kind.MANUFACTURED, Kind.SHIPPED) else OPTICIAN, step)
        seen.append((verdict(again), item_assurance(again.item())))
    assert [each for each, _ in seen] == [INCOMPLETE] * 6 + [CONFORM]
    assert [level for _, level in seen] == [Assurance(n) for n in (1, 1, 2, 2, 3, 3, 3)]
    assert trade.verdict() == "conform"


def test_each_group_names_its_case_and_nothing_justifies_it_by_itself() -> None:
    for group, case in CASE_OF_GROUP.items():
        trade = Trade()
        other: dict[str, Any] = {group: "other"}
        quoted = group in ("coding", "price")
        trade.quote(**(other if quoted else {}))
        trade.order()
        trade.make(**({} if quoted else other))
        trade.deliver()
        trade.bill()
        assert set(trade.cases()) == {case.name}
        assert verdict(trade) is NON_CONFORM


def test_a_frame_is_compared_with_its_quote_and_a_lens_with_its_maker() -> None:
    for maker, expected in ((0, {"PRODUCT_MISMATCH"}), (MAKER, set())):
        trade = Trade()
        trade.quote(maker=maker)
        trade.bill(product="other")
        assert set(trade.cases()) == expected


# -- what ends an item --


def test_a_cancellation_ends_what_is_expected_but_never_a_standing_invoice() -> None:
    trade = Trade()
    trade.quote()
    trade.order()
    trade.because(OPTICIAN, Kind.CANCELLED)
    assert verdict(trade) is JUSTIFIED
    assert trade.judged().by == (Kind.CANCELLED,)
    trade.bill()
    assert trade.cases() == ["CANCELLED_BUT_INVOICED"]
    trade.withdraw()
    assert verdict(trade) is JUSTIFIED


def test_a_cancellation_after_manufacture_needs_the_glassmaker() -> None:
    trade = Trade()
    trade.quote()
    trade.make()
    trade.because(OPTICIAN, Kind.CANCELLED)
    assert verdict(trade) is INCOMPLETE
    trade.because(MAKER, Kind.CANCELLED)
    assert verdict(trade) is JUSTIFIED
    alone = Trade()
    alone.quote()
    alone.because(MAKER, Kind.CANCELLED)
    assert verdict(alone) is INCOMPLETE


def test_a_return_needs_both_parties() -> None:
    for acts, expected in (("r", INCOMPLETE), ("c", INCOMPLETE), ("rc", JUSTIFIED)):
        trade = Trade()
        trade.quote()
        trade.order(product="wrong")
        trade.make()
        if "r" in acts:
            trade.because(OPTICIAN, Kind.RETURNED)
        if "c" in acts:
            trade.credit()
        assert verdict(trade) is (expected if acts == "rc" else NON_CONFORM)


def test_a_credited_item_with_a_standing_invoice_is_a_case_whoever_is_silent() -> None:
    trade = Trade()
    trade.live()
    trade.credit()
    assert trade.cases() == ["RETURN_NOT_DECLARED"]
    trade.because(OPTICIAN, Kind.RETURNED)
    assert trade.cases() == ["CANCELLED_BUT_INVOICED"]
    trade.withdraw()
    assert verdict(trade) is JUSTIFIED


@pytest.mark.parametrize("kind", [Kind.REFUSED_ON_ARRIVAL, Kind.BROKEN_AT_EDGING])
def test_a_refusal_or_breakage_explains_only_with_a_replacement_and_without_an_invoice(kind: Kind) -> None:
    trade = Trade()
    trade.quote()
    trade.order()
    trade.make(correction="wrong")
    trade.because(OPTICIAN, kind)
    assert verdict(trade) is NON_CONFORM
    trade.replace()
    assert (verdict(trade), trade.judged().by) == (JUSTIFIED, (kind,))
    assert trade.judged().findings[0].by == (kind,)
    trade.bill()
    assert trade.cases() == ["CORRECTION_MISMATCH", "CANCELLED_BUT_INVOICED"]


def test_a_step_that_both_say_did_not_occur_is_missing() -> None:
    for kind, comparison in ((Kind.MANUFACTURED, 2), (Kind.DELIVERED, 12)):
        trade = Trade()
        trade.live()
        for party in (OPTICIAN, MAKER):
            assert verdict(trade) is CONFORM
            trade.err(party, comparison, kind, None)
        assert verdict(trade) is INCOMPLETE


# -- use --


def test_a_second_invoice_or_a_unit_behind_two_items_is_duplicate_use() -> None:
    trade = Trade()
    trade.live()
    trade.bill(occurrence=1)
    assert trade.cases() == ["DUPLICATE_USE"]
    trade.withdraw(invoice=1)
    assert verdict(trade) is CONFORM
    trade.quote(NEXT)
    trade.make(NEXT, unit=ITEM.hex())
    assert trade.cases() == trade.cases(NEXT) == ["DUPLICATE_USE"]


def test_an_exchange_and_an_invoice_of_its_own_are_two_while_the_first_ones_stands() -> None:
    trade = Trade()
    trade.live()
    trade.replace()
    trade.make(NEXT, warranty=True)
    trade.deliver(NEXT)
    trade.exchange()
    trade.bill(NEXT, occurrence=1)
    assert trade.cases(NEXT) == ["DUPLICATE_USE"]
    trade.withdraw()
    assert trade.cases(NEXT) == []


def test_what_was_invoiced_and_never_made_is_fictitious_from_the_check_or_after_thirty_days() -> None:
    trade = Trade()
    trade.quote()
    trade.deliver()
    trade.bill()
    assert (verdict(trade), trade.cases()) == (INCOMPLETE, [])
    assert trade.cases(now=trade.now + 30 * DAY) == []
    assert trade.cases(now=trade.now + 30 * DAY + 1) == ["FICTITIOUS_EQUIPMENT"]
    trade.check()
    assert trade.cases() == ["FICTITIOUS_EQUIPMENT"]
    trade.make()
    assert trade.cases() == []


def test_a_frame_is_never_fictitious() -> None:
    trade = Trade()
    trade.live(maker=0)
    trade.check()
    assert (trade.cases(), verdict(trade)) == ([], CONFORM)


# -- dossiers --


def test_a_dossier_is_as_good_as_its_worst_item_and_hides_none() -> None:
    trade = Trade()
    trade.live()
    assert trade.verdict() == "conform"
    trade.quote(NEXT)
    assert [finding.case for finding in dossier_findings(trade.shelf, DOSSIER)] == [Case.HIDDEN_ITEM]
    assert trade.verdict() == "non_conform"
    assert dossier_verdict((), ()) is INCOMPLETE


def test_the_assurance_of_a_dossier_is_the_lowest_of_its_items_with_a_glassmaker() -> None:
    trade = Trade()
    trade.live()
    whole = trade.item()
    trade.quote(NEXT, maker=0)
    frame = trade.item(NEXT)
    trade.quote(name("third"))
    trade.make(name("third"))
    made = trade.item(name("third"))
    assert dossier_assurance([frame, whole]) is Assurance.GLASSMAKER_AND_RECEPTION
    assert dossier_assurance([frame, whole, made]) is Assurance.GLASSMAKER_CONFIRMED
    assert dossier_assurance([frame]) is Assurance.OPTICIAN_ONLY
    assert dossier_assurance([]).label == "optician_only"


def broken(after: int = DAY, *, delivered: bool = True) -> Trade:
    """A dossier whose equipment was replaced under a breakage warranty, so long after it was delivered."""
    trade = Trade()
    trade.quote()
    if delivered:
        trade.deliver()
    trade.bill()
    second = name("second")
    trade.quote(NEXT, dossier=second)
    trade.now += after
    trade.say(OPTICIAN, Kind.BREAKAGE_REPLACED, second, words=[details.id_word(DOSSIER)])
    return trade


def breakage_cases(trade: Trade) -> list[str]:
    """The cases of the second dossier."""
    return [finding.case.name for finding in dossier_findings(trade.shelf, name("second"))]


def test_a_breakage_names_a_dossier_that_was_handed_over_in_time() -> None:
    assert breakage_cases(broken()) == []
    assert breakage_cases(broken(700 * DAY)) == []
    assert breakage_cases(broken(800 * DAY)) == ["FALSE_BREAKAGE"]
    assert breakage_cases(broken(delivered=False)) == ["FALSE_BREAKAGE"]


def test_a_breakage_names_a_dossier_once_and_not_one_that_was_given_back() -> None:
    trade = broken()
    words = [details.id_word(DOSSIER)]
    trade.say(OPTICIAN, Kind.BREAKAGE_REPLACED, name("second"), words=words, occurrence=1)
    assert breakage_cases(trade) == ["FALSE_BREAKAGE"]
    trade = broken()
    trade.because(OPTICIAN, Kind.CANCELLED)
    assert breakage_cases(trade) == ["FALSE_BREAKAGE"]
    trade = broken()
    trade.make()
    trade.credit()
    assert breakage_cases(trade) == ["FALSE_BREAKAGE"]
