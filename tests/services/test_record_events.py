"""Accepting events: all or nothing, once, in order, and nobody else's."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.kinds import INVOICES
from app.errors import (
    AlreadyRecorded,
    IdempotencyConflict,
    InvalidRecord,
    NotFound,
    NotPermitted,
    OptiTraceError,
    OutOfSequence,
    PartySuspended,
)
from app.store import answers, outbox
from app.store.registry import PartyState
from app.store.sealing import OVERHEAD
from app.store.tables import day_keys, idempotency
from tests.gateway.sales import (
    CLAIM,
    RIGHT,
    billed_lens,
    invoiced,
    manufactured,
    ordered,
    quoted_frame,
    quoted_lens,
)
from tests.support.worlds import INSURER, MAKER, OTHER_INSURER, OTHER_SHOP, SHOP, THIRD_SHOP, World

PARALLEL = 20


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Do the same so many times in parallel; an error of ours is a result too."""

    def guarded(number: int) -> Any:
        try:
            return work(number)
        except OptiTraceError as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(guarded, range(count)))


def refused(world: World, party: int, *events: Mapping[str, Any], key: str | None = None) -> OptiTraceError:
    """The error that these events raise; every table is as it was before."""
    before = world.rows()
    with pytest.raises(OptiTraceError) as raised:
        world.record(party, *events, key=key)
    assert world.rows() == before
    return raised.value


# -- the same request again --


def test_one_key_and_body_sent_twenty_times_at_once_is_one_record(world: World) -> None:
    found = at_once(PARALLEL, lambda _: world.record(SHOP, quoted_lens("A"), quoted_lens("B"), key="k"))
    assert {tuple(event.id for event in each) for each in found} == {tuple(event.id for event in found[0])}
    rows = world.rows()
    assert (rows["events"], rows["lists"], rows["items"], rows["dossiers"], rows["idempotency"]) == (2, 1, 2, 1, 1)


def test_one_event_sent_twenty_times_at_once_without_a_key_is_accepted_once(world: World) -> None:
    found = at_once(PARALLEL, lambda _: world.record(SHOP, quoted_lens("A")))
    assert sum(isinstance(each, AlreadyRecorded) for each in found) == PARALLEL - 1
    assert world.rows()["events"] == 1


def test_the_same_key_with_another_body_is_a_conflict(world: World) -> None:
    world.record(SHOP, quoted_lens("A"), key="k")
    assert isinstance(refused(world, SHOP, quoted_lens("B"), key="k"), IdempotencyConflict)


def test_a_key_is_the_partys_own(world: World) -> None:
    mine = world.record(SHOP, quoted_lens("A"), key="k")
    theirs = world.record(OTHER_SHOP, quoted_lens("A"), key="k")
    assert mine[0].id != theirs[0].id


def test_an_answer_is_kept_for_a_day_and_then_nothing_of_it_is_left(world: World) -> None:
    first = world.record(SHOP, quoted_lens("A"), key="k")
    world.clock.time += answers.DAY - 1
    assert world.record(SHOP, quoted_lens("A"), key="k") == first
    world.clock.time += 1
    assert isinstance(refused(world, SHOP, quoted_lens("A"), key="k"), AlreadyRecorded)
    with world.database.writing() as connection:
        answers.drop_old(connection, world.clock.now())
    assert world.rows()["idempotency"] == 0
    world.clock.time += answers.DAY
    with world.database.writing() as connection:
        answers.drop_old(connection, world.clock.now())
    assert world.rows()["day_keys"] == 0


def test_what_is_kept_of_a_body_tells_nothing_without_the_key_of_the_day(world: World) -> None:
    world.record(SHOP, quoted_lens("A"), key="one")
    world.clock.time += answers.DAY + 1
    world.record(SHOP, quoted_lens("B"), key="two")
    with world.database.reading() as connection:
        kept = connection.execute(select(idempotency)).all()
        secrets_of_days = connection.execute(select(day_keys.c.secret)).scalars().all()
    assert [row.key for row in kept] == ["two"]
    assert len(set(secrets_of_days)) == len(secrets_of_days)
    assert all(len(secret) == 32 + OVERHEAD for secret in secrets_of_days)


# -- once each, in order --


def test_an_event_sent_twice_is_refused_and_writes_nothing(world: World) -> None:
    (quote,) = world.record(SHOP, quoted_lens("A"))
    world.record(SHOP, ordered(str(quote.item), RIGHT))
    assert isinstance(refused(world, SHOP, quoted_lens("A")), AlreadyRecorded)
    assert isinstance(refused(world, SHOP, ordered(str(quote.item), RIGHT)), AlreadyRecorded)
    assert isinstance(refused(world, SHOP, quoted_lens("B"), quoted_lens("B")), AlreadyRecorded)


def test_own_steps_out_of_order_are_refused(world: World) -> None:
    (quote,) = world.record(SHOP, quoted_lens("A"))
    item = str(quote.item)
    received = {"type": "received", "item": item}
    assert isinstance(refused(world, SHOP, received), OutOfSequence)
    assert isinstance(refused(world, SHOP, received, ordered(item, RIGHT)), OutOfSequence)
    assert len(world.record(SHOP, ordered(item, RIGHT), received)) == 2


def test_one_wrong_event_of_many_leaves_nothing_of_the_others(world: World) -> None:
    good = [quoted_lens(f"A{number}") for number in range(5)]
    error = refused(world, SHOP, *good, ordered("0" * 32, RIGHT))
    assert (type(error), error.where) == (NotFound, "/5/item")


def test_a_refused_event_may_be_sent_again(world: World) -> None:
    (quote,) = world.record(SHOP, quoted_lens("A"))
    (order,) = world.record(SHOP, ordered(str(quote.item), RIGHT))
    with world.database.writing() as connection:
        outbox.settle_events(connection, {order.id: ("refused", "expired")})
    (again,) = world.record(SHOP, ordered(str(quote.item), RIGHT))
    assert again.id != order.id


def test_a_dossier_has_eight_invoices_and_those_made_at_once_get_a_number_each(world: World) -> None:
    quotes = world.record(SHOP, *[quoted_frame(f"A{number}") for number in range(INVOICES + 1)])
    dossier = quotes[0].dossier

    def bill(number: int) -> int:
        line = billed_lens(str(quotes[number].item), product={"maker": "LUNOR0", "code": "X"})
        (event,) = world.record(SHOP, invoiced(dossier, line, partial=True))
        return event.step.occurrence

    assert sorted(at_once(INVOICES, bill), key=str) == list(range(INVOICES))
    with pytest.raises(InvalidRecord):
        bill(INVOICES)


def test_the_same_item_is_invoiced_once_however_many_ask_at_once(world: World) -> None:
    (quote,) = world.record(SHOP, quoted_lens("A"))
    found = at_once(8, lambda _: world.record(SHOP, invoiced(quote.dossier, billed_lens(str(quote.item)))))
    assert sum(isinstance(each, AlreadyRecorded) for each in found) == 7


def test_a_number_that_a_refused_invoice_had_is_free_again(world: World) -> None:
    quotes = world.record(SHOP, quoted_lens("A"), quoted_lens("B"), quoted_lens("C"))
    lines = [billed_lens(str(quote.item)) for quote in quotes]
    events = [world.record(SHOP, invoiced(quotes[0].dossier, line, partial=True))[0] for line in lines[:2]]
    with world.database.writing() as connection:
        outbox.settle_events(connection, {events[0].id: ("refused", "not_allowed")})
    again = [world.record(SHOP, invoiced(quotes[0].dossier, line, partial=True))[0] for line in (lines[0], lines[2])]
    assert [event.step.occurrence for event in [*events, *again]] == [0, 1, 0, 2]


def test_two_dossiers_opened_at_once_under_one_reference_are_one(world: World) -> None:
    found = at_once(8, lambda number: world.record(SHOP, quoted_lens(f"A{number}", "D-9"))[0].dossier)
    assert len(set(found)) == 1
    assert world.rows()["items"] == 8


def test_an_invoice_names_each_item_once(world: World) -> None:
    (quote,) = world.record(SHOP, quoted_lens("A"))
    line = billed_lens(str(quote.item))
    assert isinstance(refused(world, SHOP, invoiced(quote.dossier, line, line)), AlreadyRecorded)


def test_an_invoice_holds_items_of_its_dossier_only(world: World) -> None:
    (one,), (other,) = world.record(SHOP, quoted_lens("A", "D-1")), world.record(SHOP, quoted_lens("B", "D-2"))
    error = refused(world, SHOP, invoiced(one.dossier, billed_lens(str(other.item))))
    assert (type(error), error.where) == (InvalidRecord, "/0/items/0/item")


# -- who may --


@pytest.mark.parametrize(
    ("party", "kind"), [(MAKER, "quoted"), (INSURER, "quoted"), (SHOP, "manufactured"), (SHOP, "verified")]
)
def test_each_kind_is_signed_by_one_role(world: World, party: int, kind: str) -> None:
    check = {"type": "verified", "dossier": "0" * 32, "verdict": "conform", "cases": []}
    events = {"quoted": quoted_lens("A"), "manufactured": manufactured("0" * 32, RIGHT, "V1"), "verified": check}
    assert isinstance(refused(world, party, events[kind]), NotPermitted)


def test_a_suspended_party_is_refused_until_it_is_reinstated(world: World) -> None:
    world.record(SHOP, quoted_lens("A"))
    world.set_state(SHOP, PartyState.SUSPENDED, 1)
    assert isinstance(refused(world, SHOP, quoted_lens("B")), PartySuspended)
    world.record(OTHER_SHOP, quoted_lens("B"))
    world.set_state(SHOP, PartyState.ACTIVE, 2)
    world.record(SHOP, quoted_lens("B"))


def test_a_repeated_request_gets_its_answer_even_when_the_party_is_suspended_since(world: World) -> None:
    first = world.record(SHOP, quoted_lens("A"), key="k")
    world.set_state(SHOP, PartyState.SUSPENDED, 1)
    assert world.record(SHOP, quoted_lens("A"), key="k") == first


def test_three_shops_on_one_gateway_share_no_item_dossier_or_reference(world: World) -> None:
    shops = (SHOP, OTHER_SHOP, THIRD_SHOP)
    quotes = {shop: world.record(shop, quoted_lens("A", "D-1"))[0] for shop in shops}
    assert len({quote.dossier for quote in quotes.values()}) == 3
    for shop in shops:
        for other in shops:
            if other == shop:
                continue
            item, dossier = str(quotes[other].item), quotes[other].dossier
            for event in (ordered(item, RIGHT), {"type": "delivered", "item": item, "device": {"number": "V1"}}):
                absent = dict(event, item="0" * 32)
                known, unknown = refused(world, shop, event), refused(world, shop, absent)
                assert (type(known), known.detail, known.where) == (type(unknown), unknown.detail, unknown.where)
            error = refused(world, shop, invoiced(dossier, billed_lens(item)))
            assert isinstance(error, NotFound)
            own = refused(world, shop, invoiced(quotes[shop].dossier, billed_lens(item)))
            assert isinstance(own, NotFound)
            for about in ({"item": item}, {"dossier": dossier}):
                with pytest.raises(NotFound):
                    world.give(shop, MAKER, **about)


def test_a_glassmaker_without_the_package_is_told_which_one_it_lacks(world: World) -> None:
    (quote,) = world.record(SHOP, quoted_lens("A"))
    assert isinstance(refused(world, MAKER, manufactured(str(quote.item), RIGHT, "V1")), NotFound)
    world.record(SHOP, ordered(str(quote.item), RIGHT))
    world.take(MAKER, world.give(SHOP, MAKER, dossier=quote.dossier))
    assert len(world.record(MAKER, manufactured(str(quote.item), RIGHT, "V1"))) == 1


def test_a_party_named_in_the_wrong_role_is_refused(world: World) -> None:
    assert isinstance(refused(world, SHOP, quoted_lens("A", glassmaker=INSURER)), InvalidRecord)
    assert isinstance(refused(world, SHOP, quoted_lens("A", glassmaker=5)), InvalidRecord)
    (quote,) = world.record(SHOP, quoted_lens("A"))
    error = refused(world, SHOP, invoiced(quote.dossier, billed_lens(str(quote.item)), insurers=[INSURER, MAKER]))
    assert (type(error), error.where) == (InvalidRecord, "/0/insurers/1")


def test_a_frame_is_not_ordered_made_or_received(world: World) -> None:
    (frame,) = world.record(SHOP, quoted_frame("A"))
    assert isinstance(refused(world, SHOP, {"type": "received", "item": frame.item}), NotPermitted)
    assert isinstance(refused(world, SHOP, quoted_frame("B") | {"glassmaker": MAKER}), InvalidRecord)


def test_an_event_that_lies_in_the_future_is_refused(world: World) -> None:
    late = quoted_lens("A") | {"occurred_at": "2100-01-01T00:00:00Z"}
    assert isinstance(refused(world, SHOP, late), InvalidRecord)


def test_two_insurers_may_be_named_and_a_check_is_not_recorded_twice(world: World) -> None:
    (quote,) = world.record(SHOP, quoted_lens("A"))
    line = billed_lens(str(quote.item))
    world.record(SHOP, invoiced(quote.dossier, line, insurers=[INSURER, OTHER_INSURER], claim=CLAIM))
    for insurer in (INSURER, OTHER_INSURER):
        world.take(insurer, world.give(SHOP, insurer, dossier=quote.dossier))
        check = {"type": "verified", "dossier": quote.dossier, "verdict": "incomplete", "cases": [], "invoice": 0}
        assert isinstance(refused(world, insurer, check, check), AlreadyRecorded)
        world.record(insurer, check)
        assert isinstance(refused(world, insurer, check), AlreadyRecorded)
