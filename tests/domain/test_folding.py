"""What a recorded step changes, bit by bit, and what the ledger logs of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.domain import details
from app.domain.comparisons import COMPARISONS
from app.domain.conformity import hides_an_item
from app.domain.facts import (
    FIRST_CHECK,
    INCOMPARABLE,
    MAX_BREAKAGES,
    OPEN,
    REPLACED,
    REPLACEMENT,
    UNQUOTED,
    DossierState,
)
from app.domain.keccak import keccak256
from app.domain.kinds import Kind
from app.domain.merkle import root as merkle_root
from app.domain.outcomes import Outcome
from tests.domain.trade import (
    DOSSIER,
    FIRST,
    ITEM,
    MAKER,
    NEXT,
    OPTICIAN,
    OTHER_MAKER,
    RIVAL,
    SECOND,
    Trade,
    bits,
    field_of,
    name,
    root,
    roots,
    unit_leaves,
)

ZERO = bytes(32)
RECORDED = Outcome.RECORDED


def test_an_item_is_packed_as_the_manual_says() -> None:
    trade = Trade()
    trade.quote()
    step = trade.seen[0].step
    state, dossier = trade.logged()
    quoted = keccak256(step.head + b"".join(roots(Kind.QUOTED)))
    table = keccak256(DOSSIER.ljust(32, b"\0") + quoted + ZERO * 6)
    assert field_of(state, 0, 24) == 1 << Kind.QUOTED
    assert (field_of(state, 24, 8), field_of(state, 32, 16), field_of(state, 48, 16)) == (0, 0, OPEN)
    assert field_of(state, 64, 32) == MAKER
    assert field_of(state, 96, 160) == int.from_bytes(table[12:], "big")
    assert dossier == 1 << Kind.QUOTED | 1 << 32 | 1 << 48


def test_the_table_holds_the_section_of_each_step() -> None:
    trade = Trade()
    trade.live()
    heads = {seen.step.kind: seen.step.head for seen in trade.seen}
    made = roots(Kind.MANUFACTURED)
    word = ITEM + bytes(13) + b"\1\1\0"
    sections = [
        keccak256(heads[Kind.QUOTED] + b"".join(roots(Kind.QUOTED))),
        keccak256(heads[Kind.ORDERED] + b"".join(roots(Kind.ORDERED))),
        keccak256(heads[Kind.MANUFACTURED] + b"".join(made[:4])),
        made[4],
        keccak256(heads[Kind.DELIVERED] + root("device")),
        ZERO,
        keccak256(word + b"".join(roots(Kind.INVOICED))),
    ]
    assert trade.item().table == (DOSSIER.ljust(32, b"\0"), *sections)
    trade.bill(occurrence=3)
    second = keccak256(ITEM + b"\3" + bytes(12) + b"\1\1\0" + b"".join(roots(Kind.INVOICED)))
    assert trade.item().table[7] == keccak256(sections[6] + second)
    assert field_of(trade.item().packed, 24, 8) == 0b1001
    assert not trade.item().mismatches


def test_a_drawn_unit_has_its_place_and_its_roots_are_what_was_made() -> None:
    trade = Trade()
    trade.quote()
    trade.ship_lot(merkle_root(unit_leaves(5)))
    assert trade.logged() == (MAKER | OPTICIAN << 32,)
    assert trade.draw(unit=4, count=5) is RECORDED
    step = trade.seen[-1].step
    by_group = dict(zip(("product", "supplements", "correction", "coding", "device"), roots(Kind.DRAWN), strict=True))
    section = [by_group[group] for group in ("product", "supplements", "coding", "device")]
    assert trade.item().table[6] == keccak256(step.head + b"".join(section))
    trade.bill(product="other")
    trade.deliver(device="other")
    assert bits(trade) == {5, 12}
    trade.hand_on(OPTICIAN, RIVAL)
    assert trade.logged() == (MAKER | OPTICIAN << 32,)


@pytest.mark.parametrize("bit", range(len(COMPARISONS)))
@pytest.mark.parametrize("late", [False, True])
def test_each_comparison_sets_its_own_bit_whichever_side_comes_last(bit: int, late: bool) -> None:
    comparison = COMPARISONS[bit]
    trade = Trade()
    trade.quote(maker=0 if comparison.without_glassmaker else MAKER)
    say: dict[Kind, Callable[..., Outcome]] = {
        Kind.ORDERED: trade.order,
        Kind.MANUFACTURED: trade.make,
        Kind.DELIVERED: trade.deliver,
        Kind.INVOICED: trade.bill,
    }
    wrong = comparison.second[0]
    sides = [kind for kind in (comparison.first[0], wrong) if kind is not Kind.QUOTED]
    for kind in reversed(sides) if late else sides:
        assert say[kind](**({comparison.group: "other"} if kind is wrong else {})) is RECORDED
    # An invoiced coding stands in two comparisons: with the quote and with what was made.
    same = {n for n, each in enumerate(COMPARISONS) if each.group == comparison.group and wrong in each.second}
    assert bit in bits(trade)
    assert bits(trade) <= same


def test_sides_of_different_versions_are_not_compared() -> None:
    trade = Trade()
    trade.quote()
    trade.order(version=2, product="other")
    assert bits(trade) == set()
    assert trade.item().is_marked(INCOMPARABLE)
    trade.make(product="third")
    trade.bill(version=3, product="other")
    assert bits(trade) == set()


def test_a_bit_falls_only_when_an_invoice_is_withdrawn() -> None:
    trade = Trade()
    trade.quote()
    trade.order(supplements="other")
    trade.make()
    trade.bill(coding="other")
    trade.bill(occurrence=1, price="other")
    assert bits(trade) == {1, 3, 7, 8, 9}
    trade.withdraw()
    assert bits(trade) == {1, 3, 9}
    trade.withdraw(invoice=1, occurrence=1)
    assert bits(trade) == {1, 3}
    assert trade.item().table[7] == ZERO
    assert trade.item().has(Kind.INVOICED)


def test_a_replacement_of_the_same_glassmaker_has_the_quote_of_the_first() -> None:
    trade = Trade()
    trade.quote()
    assert trade.replace() is RECORDED
    assert trade.logged() == (trade.item(NEXT).packed, trade.item().packed, trade.dossier().packed)
    assert trade.item(NEXT).table[1] == trade.item().table[1]
    assert trade.item(NEXT).flags == REPLACEMENT | OPEN
    assert trade.item().flags == REPLACED
    assert (trade.dossier().quoted, trade.dossier().open) == (2, 1)
    trade.order(NEXT, product="other")
    assert bits(trade, NEXT) == {0}


def test_a_replacement_of_another_glassmaker_or_of_an_unquoted_item_has_none() -> None:
    trade = Trade()
    trade.quote()
    trade.replace(maker=OTHER_MAKER)
    trade.replace(name("third"), NEXT, OTHER_MAKER)
    for item in (NEXT, name("third")):
        assert trade.item(item).is_marked(UNQUOTED)
        assert trade.item(item).table[1] == ZERO
    trade.order(NEXT, product="other")
    trade.bill(NEXT, price="other")
    assert bits(trade, NEXT) == set()


def test_a_dossier_counts_what_is_open_and_shows_what_is_hidden() -> None:
    trade = Trade()
    for item in (ITEM, NEXT, name("third")):
        trade.quote(item)
    assert trade.dossier().open == 3
    trade.bill(ITEM, partial=True)
    assert (trade.dossier().open, hides_an_item(trade.shelf, DOSSIER), trade.dossier().whole) == (2, False, 0)
    trade.bill(NEXT, occurrence=1)
    assert (trade.dossier().open, hides_an_item(trade.shelf, DOSSIER), trade.dossier().invoices) == (1, True, 0b11)
    assert trade.because(MAKER, Kind.CANCELLED, name("third")) is RECORDED
    assert trade.logged()[-1] == trade.dossier().packed
    assert not hides_an_item(trade.shelf, DOSSIER)
    trade.withdraw(NEXT, invoice=1)
    assert (trade.dossier().open, trade.dossier().whole, hides_an_item(trade.shelf, DOSSIER)) == (1, 0b10, False)


def test_an_invoice_stands_as_long_as_it_stands_for_one_item() -> None:
    trade = Trade()
    trade.quote()
    trade.quote(NEXT)
    trade.bill(ITEM, NEXT)
    trade.withdraw(ITEM)
    assert (trade.dossier().open, trade.dossier().whole, hides_an_item(trade.shelf, DOSSIER)) == (1, 1, True)
    trade.withdraw(NEXT, occurrence=1)
    assert (trade.dossier().open, trade.dossier().whole, hides_an_item(trade.shelf, DOSSIER)) == (2, 1, False)


def test_credit_closes_an_item_and_a_return_alone_does_not() -> None:
    trade = Trade()
    trade.quote()
    trade.make()
    assert trade.because(OPTICIAN, Kind.RETURNED) is RECORDED
    assert trade.logged() == (trade.item().packed,)
    assert trade.credit() is RECORDED
    assert trade.logged() == (trade.item().packed, trade.dossier().packed)
    assert trade.dossier().open == 0


def test_a_dossier_is_packed_as_the_manual_says() -> None:
    trade = Trade()
    trade.quote()
    trade.bill(insurers=[FIRST, SECOND])
    assert trade.logged() == (trade.dossier().packed, trade.item().packed)
    trade.check(SECOND, at=trade.now + 500)
    trade.check(SECOND, occurrence=1, at=trade.now + 100)
    first = trade.now + 100 - 60
    assert (trade.dossier().checked_at, trade.dossier().flags) == (first, 0)
    trade.check(FIRST, at=trade.now + 300)
    state = trade.logged()[0]
    assert field_of(state, 0, 32) == 1 << Kind.QUOTED | 1 << Kind.INVOICED | 1 << Kind.VERIFIED
    assert [field_of(state, start, 16) for start in (32, 48)] == [1, 0]
    assert [field_of(state, start, 8) for start in (64, 72, 80, 88)] == [1, 1, FIRST_CHECK, 0]
    assert (field_of(state, 96, 32), field_of(state, 128, 32), field_of(state, 160, 40)) == (FIRST, SECOND, first)


def test_only_the_first_insurers_first_check_has_a_flag() -> None:
    for party, occurrence, expected in ((FIRST, 0, True), (SECOND, 0, False), (FIRST, 1, False)):
        trade = Trade()
        trade.quote()
        trade.bill(insurers=[FIRST, SECOND])
        trade.check(party, occurrence=occurrence)
        assert bool(trade.dossier().flags & FIRST_CHECK) is expected


def test_a_breakage_counts_in_the_first_dossier() -> None:
    trade, theirs = Trade(), name("theirs", RIVAL)
    trade.quote()
    trade.shelf.put_dossier(theirs, DossierState(breakages=MAX_BREAKAGES - 1))
    for occurrence in range(2):
        words = [details.id_word(theirs)]
        trade.say(OPTICIAN, Kind.BREAKAGE_REPLACED, DOSSIER, words=words, occurrence=occurrence)
        assert trade.logged() == (trade.dossier().packed, trade.dossier(theirs).packed)
        assert trade.dossier(theirs).breakages == MAX_BREAKAGES


def test_no_two_fields_of_a_packed_state_share_a_bit() -> None:
    trade = Trade()
    trade.quote(maker=0)
    empty = replace(trade.item(), recorded=0, flags=0)
    seen, base = 0, empty.packed
    for one, size in (("recorded", 24), ("mismatches", 16), ("flags", 16), ("glassmaker", 32)):
        filled: dict[str, Any] = {one: (1 << size) - 1}
        value = replace(empty, **filled).packed ^ base
        assert value
        assert not value & seen
        seen |= value
    assert seen < 1 << 96
    seen = 0
    sizes = {"recorded": 32, "quoted": 16, "open": 16, "invoices": 8, "whole": 8, "flags": 8, "breakages": 8}
    for one, size in (sizes | {"checked_at": 40}).items():
        filled = {one: (1 << size) - 1}
        value = replace(DossierState(), **filled).packed
        assert not value & seen
        seen |= value
    named = DossierState(insurers=((1 << 32) - 1, (1 << 32) - 1)).packed
    assert (seen | named, seen & named) == ((1 << 200) - 1, 0)
