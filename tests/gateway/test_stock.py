"""Lenses from stock, through the public API and on a real chain, from the lot to the insurer's check."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.errors import NotFound
from app.queries.gateway import Filter
from tests.gateway.sales import (
    CLAIM,
    CODING,
    PRICE,
    PROGRESSIVE,
    RIGHT,
    SINGLE_CODING,
    SUPPLEMENTS,
    billed_lens,
    invoiced,
    quoted_lens,
)
from tests.support.benches import Bench, Pipeline
from tests.support.gateways import GLASSMAKER, INSURER, OPTICIAN, Network4, network
from tests.support.worlds import AUDITOR, MAKER, OTHER_SHOP, SHOP


@pytest.fixture(scope="module")
def net(new_database: Callable[[], str]) -> Iterator[Network4]:
    """Four gateways that send each other what is due."""
    with network(new_database, exchanging=True) as found:
        yield found


def shipment(buyer: int, *numbers: str, **changes: object) -> dict[str, Any]:
    """A lot of lenses with these device numbers."""
    unit = {"schema": "optics.lens/1", "product": PROGRESSIVE, "supplements": SUPPLEMENTS, "correction": RIGHT}
    units = [unit | {"coding": CODING, "device": {"number": number}} | changes for number in numbers]
    return {"type": "lot_shipped", "buyer": buyer, "units": units}


def sold(net: Network4, name: str, number: str, **billed: object) -> tuple[str, str]:
    """A lens from a lot of its own, drawn, handed over and invoiced: its dossier and item."""
    (lot,) = net[GLASSMAKER].record(shipment(OPTICIAN, number, f"{number}-2"))
    net.hand(GLASSMAKER, OPTICIAN, dossier=lot["dossier"])
    (quote,) = net[OPTICIAN].record(quoted_lens("A", name))
    dossier, item = str(quote["dossier"]), str(quote["item"])
    net[OPTICIAN].record(
        {"type": "drawn", "item": item, "lot": lot["dossier"], "unit": 1},
        {"type": "mounted", "item": item},
        {"type": "delivered", "item": item, "device": {"number": number}},
        invoiced(dossier, billed_lens(item, **billed)),
    )
    net.hand(OPTICIAN, INSURER, dossier=dossier)
    return dossier, item


def checked(net: Network4, dossier: str, item: str, coding: Any = CODING) -> Any:
    line = {"item": item, "coding": coding, "price": PRICE}
    return net[INSURER].post("/v1/verifications", {"dossier": dossier, "claim": CLAIM, "items": [line]}, 200)


def test_a_lens_from_stock_conforms_and_its_claim_opens_to_what_was_shipped(net: Network4) -> None:
    dossier, item = sold(net, "D1-stock", "S-1")
    seen = net[OPTICIAN].get(f"/v1/items/{item}")
    assert (seen["verdict"], seen["cases"], seen["assurance"]["level"]) == ("conform", [], "glassmaker_confirmed")
    assert [step["kind"] for step in seen["steps"]][:3] == ["quoted", "drawn", "mounted"]
    answer = checked(net, dossier, item)
    assert (answer["claim_verdict"], answer["cases"]) == ("conform", [])
    (coding,) = [check for check in answer["checks"] if check["group"] == "coding"]
    assert coding["matches"] == {"quoted": True, "drawn": True, "invoiced": True}
    received = net[INSURER].post("/v1/verifications", {"dossier": dossier}, 200)
    assert (received["claim_verdict"], received["cases"]) == ("conform", [])


def test_a_code_that_is_not_the_one_of_the_lens_in_stock_is_found(net: Network4) -> None:
    dossier, item = sold(net, "D1-coded", "S-11", coding=SINGLE_CODING)
    cases = {case["code"] for case in net[OPTICIAN].get(f"/v1/dossiers/{dossier}")["cases"]}
    assert cases == {"CODING_MISMATCH"}
    assert checked(net, dossier, item)["claim_verdict"] == "non_conform"


def test_a_lot_reaches_its_buyer_by_itself_and_shows_as_an_event_of_its_own(net: Network4) -> None:
    (lot,) = net[GLASSMAKER].record(shipment(OPTICIAN, "S-21"))
    assert (lot["type"], lot["item"], lot["dossier"][:8]) == ("lot_shipped", None, f"{GLASSMAKER:08x}")
    assert net[GLASSMAKER].get(f"/v1/events/{lot['id']}")["status"] == "anchored"
    (quote,) = net[OPTICIAN].record(quoted_lens("A", "D1-by-itself"))
    event = {"type": "drawn", "item": quote["item"], "lot": lot["dossier"], "unit": 1}
    while net[OPTICIAN].client.post("/v1/events", json=event).json().get("code") == "package_missing":
        pass
    problem = net[OPTICIAN].post("/v1/events", event, 409)
    assert problem["code"] == "already_recorded"
    (out,) = [
        each
        for each in net[GLASSMAKER].get("/v1/exchange/outbox", limit=100)["packages"]
        if each["dossier"] == lot["dossier"]
    ]
    assert (out["recipient"], out["items"]) == (OPTICIAN, [])


# -- two shops --


@pytest.fixture(scope="module")
def gateway(bench: Bench) -> Pipeline:
    found = bench.pipeline()
    found.turn()
    return found


def handed_on(gateway: Pipeline, *numbers: str) -> str:
    """A lot that one shop handed to another, which took it."""
    (lot,) = gateway.record(MAKER, shipment(SHOP, *numbers))
    gateway.turn()
    gateway.hand(MAKER, SHOP, lot.dossier)
    transfer = {"type": "lot_transferred", "lot": lot.dossier, "holder": OTHER_SHOP}
    gateway.record(SHOP, transfer)
    gateway.hand(SHOP, OTHER_SHOP, lot.dossier)
    gateway.record(OTHER_SHOP, transfer)
    gateway.turn()
    return str(lot.dossier)


def test_a_shop_takes_a_lot_before_its_package_comes_only_where_the_ledger_names_it(gateway: Pipeline) -> None:
    (lot,) = gateway.record(MAKER, shipment(SHOP, "S-51"))
    gateway.turn()
    gateway.hand(MAKER, SHOP, lot.dossier)
    entries = gateway.desk.inbox(gateway.caller(SHOP), Filter()).entries
    came = {(each.step and each.step.kind, each.sender) for each in entries if each.dossier == lot.dossier}
    assert came == {("lot_shipped", MAKER), (None, MAKER)}
    transfer = {"type": "lot_transferred", "lot": lot.dossier, "holder": OTHER_SHOP}
    with pytest.raises(NotFound):
        gateway.record(OTHER_SHOP, transfer)
    gateway.record(SHOP, transfer)
    gateway.turn()
    gateway.record(OTHER_SHOP, transfer)


def test_who_was_handed_a_lot_draws_from_it(gateway: Pipeline) -> None:
    lot = handed_on(gateway, "S-31", "S-32")
    recorded = gateway.desk.audit_events(gateway.caller(AUDITOR), Filter(limit=100)).events
    steps = [(step.kind, step.party) for step in recorded if step.dossier == lot]
    assert steps == [("lot_shipped", MAKER), ("lot_transferred", SHOP), ("lot_transferred", OTHER_SHOP)]
    (quote,) = gateway.record(OTHER_SHOP, quoted_lens("A", "D1-handed", glassmaker=MAKER))
    gateway.record(OTHER_SHOP, {"type": "drawn", "item": quote.item, "lot": lot, "unit": 2})
    gateway.turn()
    seen = gateway.desk.item(gateway.caller(OTHER_SHOP), str(quote.item))
    assert [step.kind for step in seen.steps] == ["quoted", "drawn"]
    assert seen.cases == []


def test_two_shops_that_draw_one_unit_before_either_sees_it_are_both_marked(gateway: Pipeline) -> None:
    (lot,) = gateway.record(MAKER, shipment(SHOP, "S-41"))
    gateway.turn()
    gateway.hand(MAKER, SHOP, lot.dossier)
    (mine,) = gateway.record(SHOP, quoted_lens("A", "D1-mine", glassmaker=MAKER))
    (theirs,) = gateway.record(OTHER_SHOP, quoted_lens("A", "D1-theirs", glassmaker=MAKER))
    transfer = {"type": "lot_transferred", "lot": lot.dossier, "holder": OTHER_SHOP}
    drawn = {"type": "drawn", "lot": lot.dossier, "unit": 1}
    gateway.record(SHOP, drawn | {"item": mine.item}, transfer)
    gateway.hand(SHOP, OTHER_SHOP, lot.dossier)
    gateway.record(OTHER_SHOP, transfer, drawn | {"item": theirs.item})
    gateway.turn()
    for party, quote in ((SHOP, mine), (OTHER_SHOP, theirs)):
        seen = gateway.desk.item(gateway.caller(party), str(quote.item))
        assert {case.code for case in seen.cases} == {"DUPLICATE_USE"}
