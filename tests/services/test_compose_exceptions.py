"""Composing what goes otherwise: whose it is, what has to come first, and what it commits to."""

from typing import Any

import pytest

from app.domain.comparisons import COMPARISONS
from app.domain.details import id_word
from app.domain.kinds import Kind
from app.errors import AlreadyRecorded, InvalidRecord, NotFound, NotPermitted, OptiTraceError, OutOfSequence
from app.store import outbox
from app.store.outbox import EventRow
from tests.gateway.sales import PROGRESSIVE, RIGHT, SINGLE, billed_lens, invoiced, manufactured, ordered, quoted_lens
from tests.support.worlds import MAKER, OTHER_MAKER, SHOP, World

REPLACING = {"type": "quoted", "item_reference": "A-2", "schema": "optics.lens/1", "glassmaker": MAKER}


@pytest.fixture
def quote(world: World) -> EventRow:
    """A lens quoted and ordered, which its glassmaker has the package of."""
    (found,) = world.record(SHOP, quoted_lens("A"))
    world.record(SHOP, ordered(str(found.item), RIGHT))
    world.take(MAKER, world.give(SHOP, MAKER, dossier=found.dossier))
    return found


def refusal(world: World, party: int, event: dict[str, Any]) -> tuple[type[OptiTraceError], str | None]:
    with pytest.raises(OptiTraceError) as raised:
        world.record(party, event)
    return type(raised.value), raised.value.where


def about(kind: str, quote: EventRow, **more: object) -> dict[str, Any]:
    return {"type": kind, "item": quote.item, **more}


def error(quote: EventRow, **more: object) -> dict[str, Any]:
    named = {"comparison": "ordered = manufactured", "group": "product", "in_error": "manufactured"}
    return about("error_declared", quote, **{**named, "nature": "incorrect_data", "corrected": SINGLE, **more})


def test_each_ending_is_told_once_with_its_reason(world: World, quote: EventRow) -> None:
    for kind, reason, number in (("cancelled", "too_late", 5), ("returned", "recalled", 5), ("mounted", None, 0)):
        event = about(kind, quote, **({} if reason is None else {"reason": reason}))
        (found,) = world.record(SHOP, event)
        assert found.step.detail == bytes([number, *bytes(8)])
        assert refusal(world, SHOP, event) == (AlreadyRecorded, "/0/item")
    assert world.record(MAKER, about("cancelled", quote, reason="not_available"))[0].step.code == 4


def test_a_glassmaker_credits_the_device_that_it_made(world: World, quote: EventRow) -> None:
    credit = about("credited", quote, reason="returned_goods")
    assert refusal(world, MAKER, credit) == (OutOfSequence, "/0/item")
    (made,) = world.record(MAKER, manufactured(str(quote.item), RIGHT, "V1") | {"warranty": True})
    assert made.step.warranty
    assert world.record(MAKER, credit)[0].step.words == (made.step.nullifier,)


def test_both_sides_commit_to_one_root_for_what_is_substituted(world: World, quote: EventRow) -> None:
    event = about("substituted", quote, product=SINGLE, supplements={"codes": ["AR"]})
    (mine,), (theirs,) = world.record(SHOP, event), world.record(MAKER, event)
    assert mine.step.words == theirs.step.words
    assert len(set(mine.step.words)) == 2


def test_what_takes_an_items_place_has_its_secret_if_its_glassmaker_is_the_same(world: World, quote: EventRow) -> None:
    (same,) = world.record(SHOP, REPLACING | {"replaces": quote.item})
    assert same.dossier == quote.dossier
    assert same.step.words == tuple(id_word(bytes.fromhex(name)) for name in (quote.dossier, str(quote.item)))
    first = world.record(SHOP, ordered(str(same.item), RIGHT))[0]
    (before,) = [each for each in world_orders(world, quote) if each.item == quote.item]
    assert first.step.words == before.step.words
    again = REPLACING | {"replaces": quote.item, "item_reference": "A-3"}
    assert refusal(world, SHOP, again) == (AlreadyRecorded, "/0/replaces")
    (other,) = world.record(SHOP, again | {"replaces": same.item, "glassmaker": OTHER_MAKER})
    assert world.record(SHOP, ordered(str(other.item), RIGHT))[0].step.words != before.step.words


def world_orders(world: World, quote: EventRow) -> list[EventRow]:
    """The orders of the quote's dossier."""
    with world.database.reading() as connection:
        found = outbox.events_of(connection, SHOP, dossiers=[quote.dossier])
    return [each for each in found if each.step.kind is Kind.ORDERED]


def test_only_an_item_of_ones_own_and_of_the_same_schema_is_replaced(world: World, quote: EventRow) -> None:
    assert refusal(world, SHOP, REPLACING | {"replaces": "0" * 32}) == (NotFound, "/0/replaces")
    frame = REPLACING | {"replaces": quote.item, "schema": "optics.frame/1", "glassmaker": None}
    assert refusal(world, SHOP, frame) == (InvalidRecord, "/0/schema")


def test_a_replacement_is_exchanged_for_an_item_that_was_invoiced(world: World, quote: EventRow) -> None:
    (new,) = world.record(SHOP, REPLACING | {"replaces": quote.item})
    exchange = about("exchanged", new, first=quote.item, reason="not_adapted")
    assert refusal(world, SHOP, exchange) == (OutOfSequence, "/0/first")
    world.record(SHOP, invoiced(quote.dossier, billed_lens(str(quote.item)), partial=True))
    swapped = about("exchanged", quote, first=new.item, reason="not_adapted")
    assert refusal(world, SHOP, swapped) == (OutOfSequence, "/0/item")
    assert world.record(SHOP, exchange)[0].step.words == (id_word(bytes.fromhex(str(quote.item))),)


def test_a_declared_error_is_about_one_comparison_and_corrects_its_group(world: World, quote: EventRow) -> None:
    (mine,) = world.record(SHOP, error(quote))
    (substituted,) = world.record(SHOP, about("substituted", quote, product=SINGLE, supplements={"codes": []}))
    assert COMPARISONS[mine.step.occurrence].name == "ordered = manufactured"
    assert (mine.step.code, mine.step.nature) == (Kind.MANUFACTURED, 2)
    assert mine.step.words == substituted.step.words[:1]
    assert refusal(world, SHOP, error(quote)) == (AlreadyRecorded, "/0")
    assert world.record(MAKER, error(quote, nature="did_not_occur", corrected=None))[0].step.words == ()
    world.record(SHOP, error(quote, group="supplements", corrected={"codes": []}))


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"comparison": "quoted = invoiced", "group": "correction"}, "comparison"),
        ({"in_error": "quoted"}, "in_error"),
        ({"corrected": None}, "corrected"),
        ({"nature": "did_not_occur"}, "corrected"),
        ({"corrected": {"eye": "right"}}, "corrected"),
    ],
)
def test_a_declaration_that_does_not_hold_together_is_refused(
    world: World, quote: EventRow, change: dict[str, object], where: str
) -> None:
    assert refusal(world, SHOP, error(quote, **change)) == (InvalidRecord, f"/0/{where}")


def test_an_error_between_an_opticians_own_steps_is_the_opticians_to_declare(world: World, quote: EventRow) -> None:
    event = error(quote, comparison="quoted = invoiced", in_error="invoiced", corrected=PROGRESSIVE)
    assert refusal(world, MAKER, event) == (NotPermitted, "/0/comparison")
    assert len(world.record(SHOP, event)) == 1


def test_an_item_may_be_invoiced_again_once_its_invoice_is_withdrawn(world: World, quote: EventRow) -> None:
    bill = invoiced(quote.dossier, billed_lens(str(quote.item)))
    back = {"type": "withdrawn", "dossier": quote.dossier, "invoice": 0, "items": [quote.item]}
    assert refusal(world, SHOP, back) == (OutOfSequence, "/0/invoice")
    world.record(SHOP, bill)
    assert refusal(world, SHOP, back | {"items": ["0" * 32]}) == (NotFound, "/0/items/0")
    assert refusal(world, SHOP, bill) == (AlreadyRecorded, "/0/items/0/item")
    world.record(SHOP, back)
    assert refusal(world, SHOP, back) == (AlreadyRecorded, "/0/items/0")
    assert world.record(SHOP, bill)[0].step.occurrence == 1
    assert refusal(world, SHOP, bill) == (AlreadyRecorded, "/0/items/0/item")
    assert world.record(SHOP, back | {"invoice": 1})[0].step.occurrence == 1
