"""What justifies a mismatch, and what ends an item so that nothing more is expected of it."""

import pytest

from app.domain.conformity import (
    Assurance,
    Verdict,
    item_assurance,
)
from app.domain.justification import bits_of
from app.domain.kinds import Kind
from app.domain.merkle import root as merkle_root
from app.domain.outcomes import Outcome
from tests.domain.trade import (
    ITEM,
    MAKER,
    NEXT,
    OPTICIAN,
    OTHER_MAKER,
    Trade,
    name,
    root,
    unit_leaves,
)

CONFORM, JUSTIFIED, INCOMPLETE, NON_CONFORM = Verdict


def verdict(trade: Trade, item: bytes = ITEM) -> Verdict:
    """The verdict of an item."""
    return trade.judged(item).verdict


def test_a_substitution_signed_by_both_before_manufacture_justifies_what_it_causes() -> None:
    trade = Trade()
    trade.quote()
    trade.substitute(OPTICIAN, product="new")
    trade.order(product="new")
    trade.make(product="new", coding="new")
    trade.deliver()
    trade.bill(product="new", coding="new")
    assert verdict(trade) is NON_CONFORM
    trade.substitute(MAKER, product="new", at=trade.now - 600)
    assert bits_of(trade.shelf, ITEM).by == {0: (Kind.SUBSTITUTED,), 8: (Kind.SUBSTITUTED,)}
    assert verdict(trade) is JUSTIFIED


def test_a_substitution_after_the_order_justifies_what_was_made_instead() -> None:
    trade = Trade()
    trade.quote()
    trade.order()
    for party in (OPTICIAN, MAKER):
        trade.substitute(party, product="new", supplements="new")
    trade.make(product="new", supplements="new")
    assert bits_of(trade.shelf, ITEM).justified == 0b1100
    assert bits_of(trade.shelf, ITEM).mismatches == 0b1100


def test_a_substitution_after_manufacture_justifies_nothing() -> None:
    trade = Trade()
    trade.quote()
    trade.order(product="new")
    trade.make(product="new")
    for party in (OPTICIAN, MAKER):
        trade.substitute(party, product="new")
    assert bits_of(trade.shelf, ITEM).justified == 0


def exchanged(**missing: bool) -> Trade:
    """An exchange under warranty, credible unless something is missing."""
    trade = Trade()
    trade.quote()
    trade.order()
    trade.make(product="wrong" if missing.get("as_invoiced") else "")
    if not missing.get("delivered"):
        trade.deliver()
    trade.bill()
    if missing.get("replaces"):
        trade.quote(name("third"))
        trade.replace(NEXT, name("third"))
    else:
        trade.replace()
    trade.order(NEXT, product="adapted")
    trade.make(NEXT, warranty=not missing.get("warranty"), product="adapted", coding="adapted")
    trade.deliver(NEXT)
    assert trade.exchange() is (Outcome.NOT_ALLOWED if missing.get("replaces") else Outcome.RECORDED)
    return trade


def test_an_exchange_under_warranty_inherits_the_invoice_and_justifies_what_it_causes() -> None:
    trade = exchanged()
    bits = bits_of(trade.shelf, NEXT)
    assert bits.mismatches == bits.justified == 0b10100001
    assert (verdict(trade, NEXT), verdict(trade)) == (JUSTIFIED, CONFORM)
    trade.because(OPTICIAN, Kind.RETURNED)
    trade.credit()
    assert (verdict(trade, NEXT), verdict(trade)) == (JUSTIFIED, CONFORM)
    trade.withdraw()
    assert verdict(trade, NEXT) is NON_CONFORM
    assert bits_of(trade.shelf, NEXT).justified == 0


@pytest.mark.parametrize("missing", ["as_invoiced", "delivered", "warranty"])
def test_an_exchange_that_lacks_a_condition_justifies_nothing(missing: str) -> None:
    trade = exchanged(**{missing: True})
    assert bits_of(trade.shelf, NEXT).justified == 0
    assert verdict(trade, NEXT) is NON_CONFORM


def test_an_exchange_for_an_item_that_it_does_not_replace_justifies_nothing() -> None:
    trade = Trade()
    trade.live()
    trade.replace()
    trade.replace(name("third"), NEXT)
    trade.make(name("third"), warranty=True, product="adapted")
    trade.deliver(name("third"))
    assert trade.exchange(name("third")) is Outcome.RECORDED
    assert bits_of(trade.shelf, name("third")).justified == 0


def test_a_credible_exchange_without_a_mismatch_counts_as_invoiced() -> None:
    trade = Trade()
    trade.live()
    trade.replace()
    trade.make(NEXT, warranty=True)
    trade.exchange()
    assert verdict(trade, NEXT) is INCOMPLETE
    trade.deliver(NEXT)
    assert verdict(trade, NEXT) is CONFORM
    trade.withdraw()
    assert verdict(trade, NEXT) is INCOMPLETE


def test_an_error_declared_by_all_concerned_before_any_check_justifies_its_one_comparison() -> None:
    trade = Trade()
    trade.live()
    trade.err(OPTICIAN, 4, Kind.ORDERED, root("correction"))
    assert verdict(trade) is CONFORM
    trade = Trade()
    trade.quote()
    trade.order(correction="wrong", product="wrong")
    trade.make()
    trade.deliver()
    trade.bill()
    for party in (OPTICIAN, MAKER):
        trade.err(party, 4, Kind.ORDERED, root("correction"))
    assert bits_of(trade.shelf, ITEM).by == {4: (Kind.ERROR_DECLARED,)}
    assert verdict(trade) is NON_CONFORM
    trade.check(at=trade.now - 30)
    assert bits_of(trade.shelf, ITEM).justified == 0


def test_an_error_in_the_opticians_own_comparisons_needs_nobody_else() -> None:
    trade = Trade()
    trade.quote(price="wrong")
    trade.order()
    trade.make()
    trade.deliver()
    trade.bill()
    trade.err(OPTICIAN, 9, Kind.QUOTED, root("price"))
    assert bits_of(trade.shelf, ITEM).by == {9: (Kind.ERROR_DECLARED,)}
    assert verdict(trade) is JUSTIFIED
    trade.check()
    assert verdict(trade) is JUSTIFIED


def test_the_quoted_coding_of_a_drawn_item_does_not_count() -> None:
    trade = Trade()
    trade.quote()
    trade.ship_lot(merkle_root(unit_leaves(1)))
    trade.draw()
    trade.deliver()
    trade.quote(NEXT)
    trade.bill(coding="unit")
    assert trade.item().mismatches >> 8 & 1
    assert bits_of(trade.shelf, ITEM).mismatches == 1 << 7
    assert item_assurance(trade.item()) is Assurance.GLASSMAKER_CONFIRMED


def test_what_could_not_be_compared_is_at_best_justified() -> None:
    for substituted, expected in ((False, INCOMPLETE), (True, JUSTIFIED)):
        trade = Trade()
        trade.quote()
        trade.order(version=2)
        if substituted:
            trade.substitute(OPTICIAN, product="new")
            trade.substitute(MAKER, product="new")
        trade.make()
        trade.deliver()
        trade.bill()
        assert verdict(trade) is expected


def test_an_item_of_another_glassmaker_than_the_quoted_one_needs_a_reason() -> None:
    for refused, expected in ((False, INCOMPLETE), (True, JUSTIFIED)):
        trade = Trade()
        trade.quote()
        if refused:
            trade.because(OPTICIAN, Kind.BROKEN_AT_EDGING)
        trade.replace(maker=OTHER_MAKER)
        trade.order(NEXT)
        trade.make(NEXT, maker=OTHER_MAKER)
        trade.deliver(NEXT)
        trade.bill(NEXT)
        assert verdict(trade, NEXT) is expected
        if refused:
            assert trade.judged(NEXT).by == (Kind.BROKEN_AT_EDGING,)
