"""Composing what optician and insurer tell each other of a dossier: whose it is, what is first, what it commits to."""

from typing import Any

import pytest

from app.domain.details import id_word
from app.errors import (
    AlreadyRecorded,
    InvalidRecord,
    NotFound,
    NotPermitted,
    OptiTraceError,
    OutOfSequence,
    PackageMissing,
    PackageRefused,
)
from app.ports import Place, Recorded
from app.store import exchange_outbox, mirror, vault
from app.store.outbox import EventRow
from tests.gateway.sales import RIGHT, billed_lens, invoiced, ordered, quoted_lens
from tests.support.worlds import AUDITOR, INSURER, MAKER, OTHER_INSURER, OTHER_SHOP, SHOP, World

COVER = {"amount": "200.00", "currency": "EUR", "request_date": "2026-03-02"}
GRANT = {"cover_number": "PEC-551204", "amount": "180.00", "currency": "EUR", "valid_until": "2026-06-02"}
NOWHERE = f"{SHOP:08x}" + "0" * 24


def shown(world: World, *events: EventRow) -> None:
    """Let the ledger show these events."""
    for at, event in enumerate(events, world.rows()["ledger_steps"] + 1):
        place = Place(at, bytes(32), at.to_bytes(32, "big"), 0)
        with world.database.writing() as connection:
            mirror.add_step(connection, Recorded(place, event.party, at, event.step, ()), 1)


def refusal(world: World, party: int, event: dict[str, Any]) -> tuple[type[OptiTraceError], str | None]:
    with pytest.raises(OptiTraceError) as raised:
        world.record(party, event)
    assert raised.value.mend
    return type(raised.value), raised.value.where


def asking(dossier: str, **more: object) -> dict[str, Any]:
    return {"type": "cover_requested", "dossier": dossier, "insurer": INSURER, "cover": COVER, **more}


def answering(dossier: str, **more: object) -> dict[str, Any]:
    return {"type": "cover_answered", "dossier": dossier, "answer": "granted", "grant": GRANT, **more}


def deciding(dossier: str, **more: object) -> dict[str, Any]:
    return {"type": "decided", "dossier": dossier, "decision": "settled", "reason": "as_checked", **more}


def replying(dossier: str, event: str, **more: object) -> dict[str, Any]:
    reply = {"type": "answered", "dossier": dossier, "party": INSURER, "answers": "decided", "event": event}
    return {**reply, **more}


def demanding(dossier: str, item: str, **more: object) -> dict[str, Any]:
    return {"type": "opening_demanded", "dossier": dossier, "item": item, "group": "device", **more}


@pytest.fixture
def quote(world: World) -> EventRow:
    """A lens that was quoted, as the ledger shows it."""
    (found,) = world.record(SHOP, quoted_lens("A"))
    shown(world, found)
    return found


@pytest.fixture
def checked(world: World, quote: EventRow) -> EventRow:
    """The same lens, invoiced to an insurer that checked it."""
    (bill,) = world.record(SHOP, invoiced(quote.dossier, billed_lens(str(quote.item))))
    shown(world, bill)
    check = {"type": "verified", "dossier": quote.dossier, "verdict": "incomplete", "cases": []}
    shown(world, *world.record(INSURER, check))
    return bill


def asked(world: World, quote: EventRow) -> EventRow:
    """A request for cover that the insurer has the package of."""
    (request,) = world.record(SHOP, asking(quote.dossier))
    world.take(INSURER, world.give(SHOP, INSURER, dossier=quote.dossier))
    return request


# -- cover --


def test_a_request_for_cover_commits_to_what_is_asked_and_is_due_to_the_insurer(world: World, quote: EventRow) -> None:
    (request,) = world.record(SHOP, asking(quote.dossier))
    assert request.step.number == INSURER
    assert len(request.step.words) == 1
    with world.database.reading() as connection:
        (due,) = exchange_outbox.waiting_for(connection, SHOP, INSURER, quote.dossier)
    assert due.items == (quote.item,)


def test_an_insurer_is_asked_again_only_after_the_request_was_taken_back(world: World, quote: EventRow) -> None:
    world.record(SHOP, asking(quote.dossier))
    cancel = {"type": "cover_cancelled", "dossier": quote.dossier, "request": 0}
    assert refusal(world, SHOP, asking(quote.dossier)) == (AlreadyRecorded, "/0")
    assert world.record(SHOP, cancel)[0].step.about == 0
    assert refusal(world, SHOP, cancel) == (AlreadyRecorded, "/0")
    assert world.record(SHOP, asking(quote.dossier))[0].step.occurrence == 1
    assert world.record(SHOP, asking(quote.dossier, insurer=OTHER_INSURER))[0].step.occurrence == 2
    assert refusal(world, SHOP, cancel | {"request": 3}) == (OutOfSequence, "/0/request")


def test_cover_is_asked_for_ones_own_dossier_from_an_insurer_in_values_of_its_form(
    world: World, quote: EventRow
) -> None:
    assert refusal(world, OTHER_SHOP, asking(quote.dossier)) == (NotFound, "/0/dossier")
    assert refusal(world, SHOP, asking(NOWHERE)) == (NotFound, "/0/dossier")
    assert refusal(world, SHOP, asking(quote.dossier, insurer=MAKER)) == (InvalidRecord, "/0/insurer")
    assert refusal(world, INSURER, asking(quote.dossier)) == (NotPermitted, "/0/type")
    without = {"amount": "200.00"}
    assert refusal(world, SHOP, asking(quote.dossier, cover=without)) == (InvalidRecord, "/0/cover/currency")


def test_an_answer_needs_the_package_and_comes_back_in_one(world: World, quote: EventRow) -> None:
    (request,) = world.record(SHOP, asking(quote.dossier))
    assert refusal(world, INSURER, answering(quote.dossier)) == (NotFound, "/0/dossier")
    shown(world, request)
    assert refusal(world, INSURER, answering(quote.dossier)) == (PackageMissing, "/0/dossier")
    world.take(INSURER, world.give(SHOP, INSURER, dossier=quote.dossier))
    pending = answering(quote.dossier, answer="pending", grant=None)
    (later,) = world.record(INSURER, pending)
    (granted,) = world.record(INSURER, answering(quote.dossier))
    assert (later.step.code, granted.step.code, granted.step.occurrence) == (3, 1, 1)
    assert refusal(world, INSURER, answering(quote.dossier)) == (AlreadyRecorded, "/0")

    package = world.give(INSURER, SHOP, dossier=quote.dossier)
    assert (package["groups"], package["items"]) == ({}, [])
    world.take(SHOP, package)
    with world.database.reading() as connection:
        (opening,) = vault.openings(connection, SHOP, granted.digest)
        (due, *_) = exchange_outbox.waiting_for(connection, INSURER, SHOP, quote.dossier)
    assert dict(opening.values.values)["amount"] == "18000"
    assert due.items == (quote.item,)


def test_a_grant_stands_beside_granted_and_only_the_insurer_asked_answers(world: World, quote: EventRow) -> None:
    shown(world, asked(world, quote))
    dossier = quote.dossier
    assert refusal(world, INSURER, answering(dossier, grant=None)) == (InvalidRecord, "/0/grant")
    assert refusal(world, INSURER, answering(dossier, answer="refused")) == (InvalidRecord, "/0/grant")
    assert refusal(world, SHOP, answering(dossier)) == (NotPermitted, "/0/type")
    assert refusal(world, OTHER_INSURER, answering(dossier)) == (NotFound, "/0/dossier")
    (second,) = world.record(SHOP, asking(dossier, insurer=OTHER_INSURER))
    shown(world, second)
    assert refusal(world, INSURER, answering(dossier, request=1)) == (NotFound, "/0/request")
    world.record(INSURER, answering(dossier, answer="refused", grant=None))


def test_the_insurer_asked_is_given_what_was_quoted_before_it_was_asked(world: World, quote: EventRow) -> None:
    asked(world, quote)
    world.record(SHOP, quoted_lens("B"), ordered(str(quote.item), RIGHT))
    package = world.give(SHOP, INSURER, dossier=quote.dossier)
    assert [item["item"] for item in package["items"]] == [quote.item]
    assert set(package["groups"]) == {"cover", "grant"}
    opened = {(step["kind"], each["group"]) for step in package["steps"] for each in step["openings"]}
    assert opened == {("quoted", "coding"), ("quoted", "price"), ("cover_requested", "cover")}
    with pytest.raises(NotPermitted):
        world.give(SHOP, OTHER_INSURER, dossier=quote.dossier)


def test_a_package_about_cover_is_refused_by_whom_it_does_not_name(world: World, quote: EventRow) -> None:
    asked(world, quote)
    package = world.give(SHOP, INSURER, dossier=quote.dossier) | {"for": OTHER_INSURER}
    with pytest.raises(PackageRefused, match="not to the recipient"):
        world.take(OTHER_INSURER, package)
    world.record(INSURER, answering(quote.dossier))
    answer = world.give(INSURER, SHOP, dossier=quote.dossier)
    with pytest.raises(PackageRefused, match="no part in this dossier"):
        world.take(OTHER_SHOP, answer | {"for": OTHER_SHOP})
    with pytest.raises(NotPermitted):
        world.give(INSURER, OTHER_SHOP, dossier=quote.dossier)


def test_an_answer_to_what_was_asked_of_another_insurer_is_refused(world: World, quote: EventRow) -> None:
    asked(world, quote)
    # Not on the ledger yet, so nothing but the package says which request is whose.
    world.record(SHOP, asking(quote.dossier, insurer=OTHER_INSURER))
    world.record(INSURER, answering(quote.dossier, request=1))
    with pytest.raises(PackageRefused, match="not made of the sender"):
        world.take(SHOP, world.give(INSURER, SHOP, dossier=quote.dossier))


# -- decisions, answers, demands --


def test_an_insurer_decides_on_its_own_check(world: World, checked: EventRow) -> None:
    dossier = checked.dossier
    later = "2199-01-01T00:00:00Z"
    question = deciding(dossier, decision="questioned", reason="proof_missing", deadline=later)
    (asked_back,) = world.record(INSURER, question)
    assert (asked_back.step.code, asked_back.step.reason, asked_back.step.about) == (2, 2, 0)
    assert refusal(world, INSURER, question) == (AlreadyRecorded, "/0")
    assert world.record(INSURER, deciding(dossier))[0].step.occurrence == 1
    assert refusal(world, INSURER, deciding(dossier, check=1)) == (OutOfSequence, "/0/check")
    assert refusal(world, INSURER, deciding(dossier, deadline=later)) == (InvalidRecord, "/0/deadline")
    assert refusal(world, INSURER, question | {"deadline": None}) == (InvalidRecord, "/0/deadline")
    past = question | {"deadline": "2020-01-01T00:00:00Z"}
    assert refusal(world, INSURER, past) == (InvalidRecord, "/0/deadline")
    assert refusal(world, SHOP, question) == (NotPermitted, "/0/type")
    assert refusal(world, OTHER_INSURER, question) == (NotFound, "/0/dossier")
    assert refusal(world, INSURER, deciding(NOWHERE)) == (NotFound, "/0/dossier")


def test_an_optician_answers_a_decision_that_the_ledger_shows_with_an_event_of_its_own(
    world: World, checked: EventRow
) -> None:
    dossier, reply = checked.dossier, replying(checked.dossier, checked.id)
    assert refusal(world, SHOP, reply) == (OutOfSequence, "/0/occurrence")
    shown(world, *world.record(INSURER, deciding(dossier, decision="refused", reason="case_found")))
    assert refusal(world, SHOP, replying(dossier, "0" * 32)) == (NotFound, "/0/event")
    (other,) = world.record(SHOP, quoted_lens("A", "D1-other"))
    assert refusal(world, SHOP, replying(dossier, other.id)) == (NotFound, "/0/event")
    (found,) = world.record(SHOP, reply)
    assert (found.step.number, found.step.words) == (INSURER, (bytes.fromhex(checked.digest),))
    assert refusal(world, SHOP, reply) == (AlreadyRecorded, "/0")
    assert refusal(world, OTHER_SHOP, reply) == (NotFound, "/0/dossier")
    assert refusal(world, SHOP, reply | {"party": OTHER_INSURER}) == (OutOfSequence, "/0/occurrence")
    assert refusal(world, SHOP, reply | {"occurrence": 1}) == (OutOfSequence, "/0/occurrence")
    assert refusal(world, INSURER, reply) == (NotPermitted, "/0/type")


def test_insurer_and_auditor_demand_openings_of_items_of_the_dossier(world: World, checked: EventRow) -> None:
    dossier, item = checked.dossier, checked.step.items[0].hex()
    (demand,) = world.record(INSURER, demanding(dossier, item))
    assert (demand.step.code, demand.step.words) == (6, (id_word(bytes.fromhex(item)),))
    assert refusal(world, INSURER, demanding(dossier, item)) == (AlreadyRecorded, "/0")
    assert world.record(INSURER, demanding(dossier, item, group="price"))[0].step.occurrence == 1
    (audited,) = world.record(AUDITOR, demanding(dossier, item, group="correction"))
    shown(world, audited)
    reply = replying(dossier, checked.id, party=AUDITOR, answers="opening_demanded")
    assert world.record(SHOP, reply)[0].step.answered_kind == 29
    assert refusal(world, INSURER, demanding(dossier, NOWHERE)) == (NotFound, "/0/item")
    assert refusal(world, AUDITOR, demanding(NOWHERE, item)) == (NotFound, "/0/dossier")
    assert refusal(world, OTHER_INSURER, demanding(dossier, item)) == (NotFound, "/0/dossier")
    assert refusal(world, SHOP, demanding(dossier, item)) == (NotPermitted, "/0/type")
    (other,) = world.record(SHOP, quoted_lens("A", "D1-other"))
    shown(world, other)
    assert refusal(world, INSURER, demanding(dossier, str(other.item))) == (NotFound, "/0/item")
