"""
What an exception did not cause stays wrong beside it: each exception with each other mismatch, one at a time.

A life in which the exception explains all that differs is played once as it is, and once for every further mismatch.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from app.domain.conformity import Verdict
from app.domain.justification import bits_of
from app.domain.kinds import Kind
from app.domain.outcomes import Outcome
from tests.domain.exactly import COMPARED, ENDINGS
from tests.domain.trade import ITEM, MAKER, NEXT, OPTICIAN, Trade, root

CHAINS: Mapping[str, tuple[tuple[Kind, ...], tuple[int, ...]]] = {
    "product": ((Kind.QUOTED, Kind.ORDERED, Kind.MANUFACTURED, Kind.INVOICED), (0, 2, 5)),
    "supplements": ((Kind.QUOTED, Kind.ORDERED, Kind.MANUFACTURED, Kind.INVOICED), (1, 3, 6)),
    "correction": ((Kind.ORDERED, Kind.MANUFACTURED), (4,)),
    "coding": ((Kind.QUOTED, Kind.INVOICED, Kind.MANUFACTURED), (8, 7)),
    "price": ((Kind.QUOTED, Kind.INVOICED), (9,)),
    "device": ((Kind.MANUFACTURED, Kind.DELIVERED), (12,)),
}
"""How a group goes from step to step, and the mismatch between each and the next."""
FRAMES: Mapping[str, tuple[tuple[Kind, ...], tuple[int, ...]]] = {
    "product": ((Kind.QUOTED, Kind.INVOICED), (10,)),
    "supplements": ((Kind.QUOTED, Kind.INVOICED), (11,)),
    "coding": ((Kind.QUOTED, Kind.INVOICED), (8,)),
    "price": ((Kind.QUOTED, Kind.INVOICED), (9,)),
}
LENS, FRAME = frozenset({*range(10), 12}), frozenset({8, 9, 10, 11})
Wrong = frozenset[int]
Values = Mapping[Kind, dict[str, Any]]


def variants(wrong: Wrong, chains: Mapping[str, tuple[tuple[Kind, ...], tuple[int, ...]]] = CHAINS) -> Values:
    """For each kind the variant of each group with which exactly these comparisons differ."""
    found: dict[Kind, dict[str, Any]] = {kind: {} for kind in Kind}
    for group, (kinds, bits) in chains.items():
        passed = ""
        for place, kind in enumerate(kinds):
            passed += f" {bits[place - 1]}" if place and bits[place - 1] in wrong else ""
            found[kind][group] = passed
    return found


def sold(wrong: Wrong, then: Mapping[Kind, Callable[[Trade, Values], object]], *, billed: bool = True) -> Trade:
    """A lens in whose life exactly these comparisons differ; `then` is called after the step of its kind."""
    trade, values = Trade(), variants(wrong)
    steps: dict[Kind, Callable[..., Outcome]] = {
        Kind.QUOTED: trade.quote,
        Kind.ORDERED: trade.order,
        Kind.MANUFACTURED: trade.make,
        Kind.DELIVERED: trade.deliver,
        Kind.INVOICED: trade.bill,
    }
    for kind, sign in steps.items():
        if billed or kind is not Kind.INVOICED:
            assert sign(**values[kind]) is Outcome.RECORDED
        if kind in then:
            then[kind](trade, values)
    return trade


# -- the exceptions that explain single mismatches --


def substituted_before_the_order(wrong: Wrong) -> Trade:
    """Another product, which the order then has; the supplements are those quoted."""

    def both(trade: Trade, values: Values) -> None:
        for party in (OPTICIAN, MAKER):
            trade.substitute(party, product=values[Kind.ORDERED]["product"])

    return sold(wrong, {Kind.QUOTED: both})


def substituted_after_the_order(wrong: Wrong) -> Trade:
    """Other supplements and another product, which was made then."""

    def both(trade: Trade, values: Values) -> None:
        made = {group: values[Kind.MANUFACTURED][group] for group in ("product", "supplements")}
        for party in (OPTICIAN, MAKER):
            trade.substitute(party, **made)

    return sold(wrong, {Kind.ORDERED: both})


def exchanged(wrong: Wrong) -> Trade:
    """A lens that is not the quoted and invoiced one, given under warranty for one that was."""
    trade, values = Trade(), variants(wrong - {5, 6, 7})
    trade.live()
    trade.replace()
    trade.order(NEXT, **values[Kind.ORDERED])
    made = values[Kind.MANUFACTURED] | {"coding": "adapted" if 7 in wrong else ""}
    trade.make(NEXT, warranty=True, **made)
    trade.deliver(NEXT, **values[Kind.DELIVERED])
    assert trade.exchange() is Outcome.RECORDED
    return trade


def error_in(bit: int) -> Callable[[Wrong], Trade]:
    """An error in one comparison, declared by both, or by the optician in what it alone says."""

    def declared(wrong: Wrong) -> Trade:
        frame = bit in (10, 11)
        values = variants(wrong, FRAMES if frame else CHAINS)
        trade = sold(wrong, {}) if not frame else Trade()
        if frame:
            trade.quote(maker=0, **values[Kind.QUOTED])
            trade.deliver()
            trade.bill(**values[Kind.INVOICED])
        ones, other, group = COMPARED[bit]
        corrected = root(group, values[other][group])
        for party in (OPTICIAN, MAKER):
            trade.err(party, bit, ones[0], corrected)
        return trade

    return declared


@dataclass(frozen=True)
class Tried:
    """A life with an exception, what the exception explains there, and what could be wrong beside it."""

    life: Callable[[Wrong], Trade]
    explains: Wrong
    beside: Wrong
    item: bytes = ITEM


EXCEPTIONS = {
    "substituted before the order": Tried(substituted_before_the_order, frozenset({0, 8}), LENS - {0, 8}),
    "substituted after the order": Tried(substituted_after_the_order, frozenset({2, 3}), LENS - {2, 3, 8}),
    "exchanged": Tried(exchanged, frozenset({0, 1, 5, 6, 7}), frozenset({2, 3, 4, 12}), NEXT),
    **{
        f"error in {bit}": Tried(error_in(bit), frozenset({bit}), (FRAME if bit in (10, 11) else LENS) - {bit})
        for bit in range(len(COMPARED))
    },
}
PAIRS = [(label, bit) for label, each in EXCEPTIONS.items() for bit in sorted(each.beside)]


@pytest.mark.parametrize("label", EXCEPTIONS)
def test_an_exception_explains_all_that_it_caused(label: str) -> None:
    exception = EXCEPTIONS[label]
    trade = exception.life(exception.explains)
    found = bits_of(trade.shelf, exception.item)
    assert found.mismatches == found.justified == sum(1 << bit for bit in exception.explains)
    assert trade.judged(exception.item).verdict is Verdict.JUSTIFIED


@pytest.mark.parametrize(("label", "beside"), PAIRS)
def test_what_an_exception_did_not_cause_stays_wrong_beside_it(label: str, beside: int) -> None:
    exception = EXCEPTIONS[label]
    trade = exception.life(exception.explains | {beside})
    found = bits_of(trade.shelf, exception.item)
    assert found.mismatches == sum(1 << bit for bit in exception.explains | {beside})
    assert found.justified == sum(1 << bit for bit in exception.explains)
    assert trade.judged(exception.item).verdict is Verdict.NON_CONFORM


# -- what ends an item --


def ended(trade: Trade, kind: Kind) -> None:
    """End the item by this kind, with whatever else it takes."""
    if kind is Kind.CREDITED:
        trade.because(OPTICIAN, Kind.RETURNED)
        trade.credit()
    elif kind is Kind.RETURNED:
        trade.credit()
        trade.because(OPTICIAN, Kind.RETURNED)
    elif kind is Kind.CANCELLED:
        trade.because(OPTICIAN, kind)
        trade.because(MAKER, kind)
    else:
        trade.because(OPTICIAN, kind)
        trade.replace()


@pytest.mark.parametrize("bit", sorted(LENS))
@pytest.mark.parametrize("kind", sorted(ENDINGS))
def test_what_ends_an_item_explains_all_of_it_until_an_invoice_stands_and_nothing_of_another(
    kind: Kind, bit: int
) -> None:
    trade = sold(frozenset({bit}), {Kind.DELIVERED: lambda trade, _: ended(trade, kind)})
    shown = [finding for finding in trade.judged().findings if finding.comparison]
    assert [finding.by for finding in shown] == [()]
    trade.withdraw()
    judged = trade.judged()
    assert judged.verdict is Verdict.JUSTIFIED
    assert kind in judged.by
    left = [finding for finding in judged.findings if finding.comparison]
    assert [kind in finding.by for finding in left] == ([True] if bit in {0, 1, 2, 3, 4, 12} else [])
    other = b"".join([OPTICIAN.to_bytes(4, "big"), b"another item"])
    trade.quote(other)
    trade.order(other, product="wrong")
    assert trade.judged(other).verdict is Verdict.NON_CONFORM
