"""The witness of a step leads to the hash of the table that the ledger keeps, read as the contract reads it."""

from collections.abc import Collection, Sequence

import pytest

from app.domain import details
from app.domain.facts import INHERITED, ItemState
from app.domain.keccak import keccak256
from app.domain.kinds import Kind
from app.domain.merkle import root as merkle_root
from app.domain.steps import Step
from app.domain.witness import witness
from tests.domain.trade import (
    DOSSIER,
    ITEM,
    NEXT,
    Trade,
    nullifier,
    root,
    roots,
    unit_leaves,
)

SIZES = {1: 5, 2: 4, 3: 5, 4: 1, 5: 2, 6: 5}
KINDS = {1: None, 2: Kind.ORDERED, 3: Kind.MANUFACTURED, 4: Kind.MANUFACTURED, 5: Kind.DELIVERED, 6: Kind.DRAWN}
UNQUOTED = 1 << 3


def read(
    item: ItemState, words: Sequence[bytes], expanded: Collection[int], hashes: bool, dossier: bytes | None
) -> tuple[int, Sequence[bytes]]:
    """The low 160 bits of the table's hash that a witness leads to, and what is left of it, from the state alone."""
    rest = list(words)
    places = [dossier.ljust(32, b"\0") if dossier is not None else rest.pop(0)]
    for place in range(1, 7):
        kind = KINDS[place]
        if not (item.has(kind) if kind else not item.flags & UNQUOTED):
            places.append(bytes(32))
        elif place in expanded:
            places.append(keccak256(b"".join(rest.pop(0) for _ in range(SIZES[place]))))
        else:
            places.append(rest.pop(0))
    count = item.standing.bit_count() + bool(item.flags & INHERITED)
    places.append(_billed(rest, count, 7 in expanded, hashes))
    return int.from_bytes(keccak256(b"".join(places))[12:], "big"), rest


def _billed(rest: list[bytes], count: int, expanded: bool, hashes: bool) -> bytes:
    if count == 0:
        return bytes(32)
    if not expanded and not hashes:
        return rest.pop(0)
    size = 5 if expanded else 1
    sections = [b"".join(rest.pop(0) for _ in range(size)) for _ in range(count)]
    if expanded:
        sections = [keccak256(section) for section in sections]
    return sections[0] if count == 1 else keccak256(b"".join(sections))


def trade_with(invoices: int, *, drawn: bool = False) -> Trade:
    """An item with every section that it may have."""
    trade = Trade()
    trade.quote()
    if drawn:
        trade.ship_lot(merkle_root(unit_leaves(1)))
        trade.draw()
    else:
        trade.order()
    trade.make()
    trade.deliver()
    for occurrence in range(invoices):
        trade.bill(occurrence=occurrence)
    return trade


def item_step(kind: Kind, *words: bytes) -> Step:
    """A step on the item; only its kind and subject matter here."""
    return Step(kind, 0, 1, ITEM, details.NO_DETAIL, words)


EXPANDED = {
    Kind.CREDITED: (),
    Kind.ORDERED: (1, 3),
    Kind.MANUFACTURED: (2, 5, 7),
    Kind.DELIVERED: (6,),
    Kind.DRAWN: (5, 7),
    Kind.SUBSTITUTED: (2, 3),
    Kind.CANCELLED: (3,),
    Kind.ERROR_DECLARED: (1, 2, 3, 5, 6, 7),
}


@pytest.mark.parametrize("kind", EXPANDED)
@pytest.mark.parametrize("invoices", [0, 1, 3])
@pytest.mark.parametrize("drawn", [False, True])
def test_the_witness_of_an_item_step_leads_to_its_table(kind: Kind, invoices: int, drawn: bool) -> None:
    trade = trade_with(invoices, drawn=drawn)
    words = witness(trade.shelf, item_step(kind))
    found, rest = read(trade.item(), words, EXPANDED[kind], False, None)
    assert (found, rest) == (trade.item().packed >> 96, [])
    assert words[0] == DOSSIER.ljust(32, b"\0")


@pytest.mark.parametrize("invoices", [0, 1, 3])
def test_the_witness_of_an_invoice_holds_item_after_item_without_the_dossier(invoices: int) -> None:
    trade = trade_with(invoices)
    trade.quote(NEXT, maker=0)
    lines = [w for item in (NEXT, ITEM) for w in (details.invoiced_item_word(item), *roots(Kind.INVOICED))]
    words = (root("claim"), root("renewal"), *lines)
    bill = Step(Kind.INVOICED, 5, 1, DOSSIER, details.invoiced_detail(False, []), words)
    found, rest = read(trade.item(NEXT), witness(trade.shelf, bill), (1, 3, 6), True, DOSSIER)
    assert found == trade.item(NEXT).packed >> 96
    assert read(trade.item(), rest, (1, 3, 6), True, DOSSIER) == (trade.item().packed >> 96, [])


def test_the_witness_of_a_withdrawal_expands_what_was_invoiced() -> None:
    trade = trade_with(2)
    step = Step(Kind.WITHDRAWN, 0, 1, DOSSIER, details.occurrence_detail(1), (details.id_word(ITEM),))
    found = read(trade.item(), witness(trade.shelf, step), (1, 2, 3, 6, 7), False, DOSSIER)
    assert found == (trade.item().packed >> 96, [])


def test_the_witness_of_an_exchange_is_the_table_of_the_item_and_then_of_the_first() -> None:
    trade = trade_with(1)
    trade.replace()
    trade.bill(NEXT, occurrence=1)
    trade.bill(NEXT, occurrence=2)
    step = Step(Kind.EXCHANGED, 0, 1, NEXT, details.reason_detail(1), (details.id_word(ITEM),))
    found, rest = read(trade.item(NEXT), witness(trade.shelf, step), (3, 6), True, None)
    assert found == trade.item(NEXT).packed >> 96
    assert read(trade.item(), rest, (5, 7), False, None) == (trade.item().packed >> 96, [])


def test_an_inherited_invoice_stands_first_in_the_witness() -> None:
    trade = trade_with(1)
    trade.replace()
    trade.exchange()
    trade.bill(NEXT, occurrence=1)
    step = Step(Kind.MANUFACTURED, 0, 1, NEXT, details.NO_DETAIL, (nullifier("x"),))
    words = witness(trade.shelf, step)
    assert read(trade.item(NEXT), words, (2, 5, 7), False, None) == (trade.item(NEXT).packed >> 96, [])
    assert [words[-10][:17], words[-5][:17]] == [ITEM + b"\0", NEXT + b"\1"]


def test_a_replacing_quote_brings_the_table_of_the_item_replaced_as_it_stands() -> None:
    trade = trade_with(2)
    step = Step(Kind.QUOTED, 0, 1, NEXT, details.NO_DETAIL, (details.id_word(DOSSIER), details.id_word(ITEM)))
    found = read(trade.item(), witness(trade.shelf, step), (), False, None)
    assert found == (trade.item().packed >> 96, [])


@pytest.mark.parametrize(
    "kind",
    [Kind.SHIPPED, Kind.RECEIVED, Kind.ACKNOWLEDGED, Kind.MOUNTED, Kind.RETURNED, Kind.ERASED, Kind.BROKEN_AT_EDGING],
)
def test_other_steps_need_no_witness(kind: Kind) -> None:
    assert witness(trade_with(1).shelf, item_step(kind)) == ()


def test_nothing_is_brought_for_what_is_not_known() -> None:
    trade = Trade()
    assert witness(trade.shelf, item_step(Kind.ORDERED)) == ()
    trade.quote()
    assert witness(trade.shelf, trade.seen[0].step) == ()


def test_an_item_says_every_root_that_stands_under_a_kind() -> None:
    item = trade_with(2).item()
    assert item.roots_of(Kind.INVOICED, "price") == (root("price"),) * 2
    assert item.roots_of(Kind.MANUFACTURED, "device") == item.roots_of(Kind.DELIVERED, "device") == (root("device"),)
    assert item.roots_of(Kind.DRAWN, "coding") == item.roots_of(Kind.ORDERED, "price") == ()
    assert trade_with(0).item().roots_of(Kind.INVOICED, "price") == ()
