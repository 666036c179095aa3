"""The values that each party can read of a dossier: its own and those that were opened to it, and no other's."""

from typing import Any

import pytest

from app.errors import NotFound
from app.queries.gateway import Filter
from app.queries.opening_views import OpeningView
from tests.gateway.sales import RIGHT, billed_lens, invoiced, manufactured, ordered, quoted_lens
from tests.gateway.test_dossier_events import COVER, GRANT
from tests.support.benches import Bench, Pipeline
from tests.support.worlds import AUDITOR, INSURER, MAKER, OTHER_INSURER, OTHER_MAKER, SHOP, THIRD_INSURER


@pytest.fixture(scope="module")
def gateway(bench: Bench) -> Pipeline:
    found = bench.pipeline()
    found.turn()
    return found


def openings(gateway: Pipeline, party: int, dossier: str) -> list[OpeningView]:
    return gateway.desk.openings(gateway.caller(party), dossier).openings


def groups(gateway: Pipeline, party: int, dossier: str) -> set[tuple[str, str]]:
    """Group, and the kind of the step that commits to it."""
    return {(each.group, each.step.kind if each.step else "") for each in openings(gateway, party, dossier)}


def asking(dossier: str, insurer: int, amount: str) -> dict[str, Any]:
    cover = {**COVER, "amount": amount}
    return {"type": "cover_requested", "dossier": dossier, "insurer": insurer, "cover": cover}


def answering(dossier: str, amount: str, request: int) -> dict[str, Any]:
    grant = {**GRANT, "amount": amount}
    return {"type": "cover_answered", "dossier": dossier, "request": request, "answer": "granted", "grant": grant}


def test_who_is_asked_reads_what_for_and_who_asked_reads_what_was_granted(gateway: Pipeline) -> None:
    (quote,) = gateway.record(SHOP, quoted_lens("A", "D1-cover-read"))
    dossier = str(quote.dossier)
    gateway.record(SHOP, asking(dossier, INSURER, "200.00"))
    gateway.record(SHOP, asking(dossier, OTHER_INSURER, "90.00"))
    gateway.turn()
    for insurer, number, granted in ((INSURER, 0, "180.00"), (OTHER_INSURER, 1, "45.00")):
        gateway.hand(SHOP, insurer, dossier)
        gateway.record(insurer, answering(dossier, granted, number))
        gateway.hand(insurer, SHOP, dossier)

    asked = {each.group: each for each in openings(gateway, INSURER, dossier)}
    assert asked.keys() == {"coding", "price", "cover", "grant"}
    assert asked["cover"].values == {"amount": "20000", "currency": "EUR", "request_date": "2026-03-02"}
    assert asked["cover"].step is not None
    assert asked["cover"].step.said == {"insurer": INSURER}
    assert asked["grant"].step is None, "its own answer is not on the ledger yet"

    gateway.turn()
    of_shop = [each for each in openings(gateway, SHOP, dossier) if each.group == "grant"]
    assert [(each.values["amount"], each.step.party if each.step else 0) for each in of_shop] == [
        ("18000", INSURER),
        ("4500", OTHER_INSURER),
    ]
    for insurer, amounts in ((INSURER, {"20000", "18000"}), (OTHER_INSURER, {"9000", "4500"})):
        held = [each for each in openings(gateway, insurer, dossier) if each.group in ("cover", "grant")]
        assert {each.values["amount"] for each in held} == amounts, "and nothing of what another insurer was asked"


def test_each_party_of_a_sale_reads_what_is_its_and_who_is_none_finds_nothing(gateway: Pipeline) -> None:
    (quote,) = gateway.record(SHOP, quoted_lens("A", "D1-each-reads"))
    dossier, item = str(quote.dossier), str(quote.item)
    gateway.record(SHOP, ordered(item, RIGHT))
    gateway.hand(SHOP, MAKER, dossier)
    gateway.record(MAKER, manufactured(item, RIGHT, "V-1"))
    gateway.hand(MAKER, SHOP, dossier)
    gateway.record(SHOP, invoiced(dossier, billed_lens(item)))
    gateway.turn()
    gateway.hand(SHOP, INSURER, dossier)

    made = {
        (group, "manufactured") for group in ("product", "supplements", "correction", "coding", "device", "reference")
    }
    asked_for = {(group, "ordered") for group in ("product", "supplements", "correction")}
    assert groups(gateway, MAKER, dossier) == made | asked_for
    billed = {(group, kind) for group in ("coding", "price") for kind in ("quoted", "invoiced")}
    assert groups(gateway, INSURER, dossier) == billed | {("claim", "invoiced")}
    assert groups(gateway, SHOP, dossier) >= asked_for | billed | {("device", "manufactured"), ("renewal", "invoiced")}
    assert groups(gateway, AUDITOR, dossier) == set()
    for stranger in (THIRD_INSURER, OTHER_MAKER):
        with pytest.raises(NotFound):
            openings(gateway, stranger, dossier)


def test_what_was_read_stands_in_the_log_and_what_was_erased_is_gone(gateway: Pipeline) -> None:
    (quote,) = gateway.record(SHOP, quoted_lens("A", "D1-read-erased"))
    dossier, item = str(quote.dossier), str(quote.item)
    gateway.record(SHOP, invoiced(dossier, billed_lens(item)))
    gateway.turn()
    gateway.hand(SHOP, INSURER, dossier)
    assert openings(gateway, INSURER, dossier)
    told = gateway.desk.access(gateway.caller(SHOP), Filter(subject=dossier)).entries
    looks = [(each.act, each.fields) for each in told if each.party == INSURER]
    assert ("read", ["claim", "coding", "price"]) in looks

    gateway.desk.erase(gateway.caller(INSURER), item)
    found = gateway.desk.openings(gateway.caller(INSURER), dossier)
    assert (found.openings, found.erased) == ([], [item, dossier] if item < dossier else [dossier, item])
    assert openings(gateway, SHOP, dossier), "the optician's own record is its own to erase"


def test_an_inbox_shows_no_step_of_a_dossier_that_its_view_does_not_show(gateway: Pipeline) -> None:
    (quote,) = gateway.record(SHOP, quoted_lens("A", "D1-inbox"))
    dossier, item = str(quote.dossier), str(quote.item)
    for insurer in (INSURER, OTHER_INSURER):
        gateway.record(SHOP, asking(dossier, insurer, "80.00"))
    gateway.record(SHOP, {"type": "cover_cancelled", "dossier": dossier, "request": 1})
    gateway.record(SHOP, ordered(item, RIGHT))
    gateway.turn()
    gateway.hand(SHOP, INSURER, dossier)
    gateway.record(INSURER, answering(dossier, "70.00", 0))
    gateway.record(SHOP, invoiced(dossier, billed_lens(item), insurers=[INSURER]))
    gateway.turn()
    told = {}
    for party in (SHOP, MAKER, INSURER, OTHER_INSURER):
        inbox = gateway.desk.inbox(gateway.caller(party), Filter(limit=200)).entries
        steps = {each.step.sequence: each.step.kind for each in inbox if each.step and each.step.dossier == dossier}
        seen = gateway.desk.dossier(gateway.caller(party), dossier)
        shown = {step.sequence for step in (*seen.steps, *(step for item in seen.items for step in item.steps))}
        assert steps.keys() <= shown
        told[party] = set(steps.values())
    assert told[MAKER] == {"quoted", "ordered"}
    assert told[INSURER] >= {"cover_requested", "invoiced"}
    assert told[OTHER_INSURER] == {"cover_requested", "cover_cancelled"}
    assert told[SHOP] == {"cover_answered"}
