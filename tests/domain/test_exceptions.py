"""The exceptions of an item: what declarations, cancellations and exchanges leave on it."""

import pytest

from app.domain.facts import (
    EXCEPTIONAL,
    EXCHANGED,
    INHERITED,
    RELIEVED,
    REPLACEMENT,
    WARRANTY,
)
from app.domain.keccak import keccak256
from app.domain.kinds import Kind
from app.domain.outcomes import Outcome
from tests.domain.trade import (
    MAKER,
    NEXT,
    OPTICIAN,
    Trade,
    bits,
    exceptions,
    field_of,
    root,
    roots,
)

ZERO = bytes(32)
RECORDED = Outcome.RECORDED


def test_a_substitution_counts_once_both_say_the_same() -> None:
    trade = Trade()
    trade.quote()
    trade.order(product="new")
    trade.make(product="new", supplements="old")
    trade.substitute(MAKER, product="new")
    assert exceptions(trade) == {1, 3}
    assert trade.logged() == (trade.item().packed, trade.item().exceptions)
    assert trade.item().is_marked(EXCEPTIONAL)
    at = trade.now + 500
    trade.substitute(OPTICIAN, product="new", at=at)
    assert exceptions(trade) == {0, 1, 2, 3, 4, 5, 6}
    assert field_of(trade.item().exceptions, 96, 40) == at


def test_a_substitution_in_other_words_or_before_manufacture() -> None:
    trade = Trade()
    trade.quote()
    trade.substitute(OPTICIAN, product="new")
    trade.substitute(MAKER, product="newer")
    trade.order(product="new")
    trade.make(product="new")
    assert exceptions(trade) == {0, 1}


def test_a_cancellation_says_by_whom_and_whether_it_came_late() -> None:
    trade = Trade()
    trade.quote()
    trade.because(MAKER, Kind.CANCELLED)
    assert exceptions(trade) == {9}
    at = trade.now + 1000
    trade.because(OPTICIAN, Kind.CANCELLED, at=at)
    assert exceptions(trade) == {8, 9}
    assert field_of(trade.item().exceptions, 136, 40) == at
    trade.make(at=at - 1)
    assert exceptions(trade) == {8, 9, 10}


def test_an_exchange_gives_the_item_the_first_ones_invoice() -> None:
    trade = Trade()
    trade.live()
    trade.replace()
    trade.make(NEXT, warranty=True, coding="other")
    assert trade.exchange() is RECORDED
    item, first = trade.item(NEXT), trade.item()
    assert trade.logged() == (item.packed, item.exceptions, first.packed)
    assert item.flags == REPLACEMENT | RELIEVED | WARRANTY | INHERITED | EXCEPTIONAL
    assert item.table[7] == first.table[7]
    assert first.is_marked(EXCHANGED)
    assert exceptions(trade, NEXT) == {11}
    assert bits(trade, NEXT) == {7}
    assert trade.dossier().open == 0
    trade.bill(NEXT, occurrence=1)
    own = keccak256(NEXT + b"\1" + bytes(12) + b"\1\1\0" + b"".join(roots(Kind.INVOICED)))
    assert trade.item(NEXT).table[7] == keccak256(first.table[7] + own)


def test_an_exchange_says_whether_the_first_item_was_delivered_earlier() -> None:
    for minutes, expected in ((1, set()), (0, set()), (-1, {11})):
        trade = Trade()
        trade.quote()
        trade.bill()
        trade.replace()
        at = trade.now + 5000
        trade.deliver(at=at + minutes * 60)
        trade.exchange(at=at)
        assert exceptions(trade, NEXT) == expected


def test_an_inherited_invoice_is_not_compared_with_the_quote() -> None:
    trade = Trade()
    trade.quote()
    trade.bill(price="other", coding="other")
    assert bits(trade) == {8, 9}
    trade.replace()
    trade.exchange()
    assert bits(trade, NEXT) == set()


def test_an_error_is_declared_comparison_by_comparison() -> None:
    trade = Trade()
    trade.quote()
    trade.order(correction="wrong")
    trade.err(OPTICIAN, 4, Kind.ORDERED, root("correction"))
    assert exceptions(trade) == {16 + 4}
    trade.make()
    assert exceptions(trade) == {16 + 4, 64 + 4}
    trade.err(MAKER, 4, Kind.ORDERED, root("correction", "another"))
    assert exceptions(trade) == {16 + 4, 32 + 4, 64 + 4}
    trade.err(OPTICIAN, 2, Kind.ORDERED, root("x"))
    trade.err(MAKER, 2, Kind.ORDERED, root("x"))
    assert {16 + 2, 32 + 2, 48 + 2} <= exceptions(trade)
    assert 64 + 2 not in exceptions(trade)


def test_a_corrected_root_is_measured_against_the_other_side_alone() -> None:
    trade = Trade()
    trade.quote(price="wrong")
    trade.bill()
    trade.err(OPTICIAN, 9, Kind.QUOTED, root("price"))
    trade.err(OPTICIAN, 8, Kind.INVOICED, root("coding", "x"))
    trade.err(OPTICIAN, 10, Kind.INVOICED, root("product"))
    assert exceptions(trade) == {16 + 9, 64 + 9, 16 + 8, 16 + 10}
    trade.withdraw()
    assert 64 + 9 not in exceptions(trade)


def test_an_inherited_invoice_is_no_other_side_of_a_quote() -> None:
    trade = Trade()
    trade.quote()
    trade.bill()
    trade.replace()
    trade.exchange()
    trade.err(OPTICIAN, 9, Kind.QUOTED, root("price"), NEXT)
    trade.err(OPTICIAN, 5, Kind.MANUFACTURED, root("product"), NEXT)
    assert exceptions(trade, NEXT) == {16 + 9, 16 + 5, 64 + 5}


@pytest.mark.parametrize(
    ("comparison", "kind", "bit"),
    [(0, Kind.ORDERED, 13), (2, Kind.MANUFACTURED, 14), (12, Kind.DELIVERED, 15), (5, Kind.INVOICED, None)],
)
def test_a_step_did_not_occur_if_both_say_so(comparison: int, kind: Kind, bit: int | None) -> None:
    trade = Trade()
    trade.quote()
    trade.err(OPTICIAN, comparison, kind, None)
    assert not exceptions(trade) & {13, 14, 15}
    trade.err(MAKER, comparison, kind, None)
    assert exceptions(trade) & {13, 14, 15} == ({bit} if bit else set())
