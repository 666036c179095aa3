"""Packages that gateways exchange by themselves: a sale nobody carries anything for, and recipients that are away."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.gateway.sales import (
    CLAIM,
    CODING,
    PRICE,
    RIGHT,
    billed_lens,
    invoiced,
    manufactured,
    ordered,
    quoted_lens,
)
from tests.support.gateways import GLASSMAKER, INSURER, OPTICIAN, Network4, Party, network

PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def net(new_database: Callable[[], str]) -> Iterator[Network4]:
    """A chain and four gateways that know each other."""
    with network(new_database, exchanging=True) as found:
        yield found


def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def outbox(party: Party, dossier: str) -> list[dict[str, Any]]:
    return [each for each in party.get("/v1/exchange/outbox", limit=200)["packages"] if each["dossier"] == dossier]


def inbox(party: Party, dossier: str) -> list[dict[str, Any]]:
    return [each for each in party.get("/v1/exchange/inbox", limit=200)["packages"] if each["dossier"] == dossier]


def waits_for(party: Party, dossier: str) -> str | None:
    """The code of what the first package about a dossier waits for."""
    reason = outbox(party, dossier)[0]["reason"]
    return None if reason is None else str(reason["code"])


def arrived(party: Party, dossier: str) -> None:
    until(lambda: inbox(party, dossier) != [], "the package came in")


def confirmed(party: Party, dossier: str) -> None:
    until(lambda: {each["status"] for each in inbox(party, dossier)} == {"confirmed"}, "the ledger shows the steps")


def sold(net: Network4, reference: str) -> tuple[str, str]:
    """A lens, quoted and ordered."""
    (quote,) = net[OPTICIAN].record(quoted_lens(f"{reference}/OD", reference))
    net[OPTICIAN].record(ordered(quote["item"], RIGHT))
    return quote["dossier"], quote["item"]


def test_a_whole_sale_is_conform_though_nobody_carries_a_package(net: Network4) -> None:
    shop, maker, insurer = net[OPTICIAN], net[GLASSMAKER], net[INSURER]
    dossier, item = sold(net, "E-1")
    arrived(maker, dossier)
    maker.record(manufactured(item, RIGHT, "V1"), {"type": "shipped", "item": item})
    arrived(shop, dossier)
    shop.record({"type": "received", "item": item}, {"type": "delivered", "item": item, "device": {"number": "V1"}})
    claim = CLAIM | {"dossier_reference": "E-1"}
    shop.record(invoiced(dossier, billed_lens(item), claim=claim))
    arrived(insurer, dossier)
    confirmed(insurer, dossier)
    lines = [{"item": item, "coding": CODING, "price": PRICE}]
    asked = {"dossier": dossier, "claim": claim, "items": lines}
    answer = insurer.post("/v1/verifications", asked, 200)

    assert (answer["ledger_verdict"], answer["claim_verdict"], answer["cases"]) == ("conform", "conform", [])
    sent = outbox(shop, dossier)
    assert [(each["recipient"], each["status"], each["reason"]) for each in sent] == [
        (GLASSMAKER, "accepted", None),
        (INSURER, "accepted", None),
    ]
    assert [each["status"] for each in outbox(maker, dossier)] == ["accepted"]
    for party, count in ((shop, 1), (maker, 1), (insurer, 1)):
        assert [each["status"] for each in inbox(party, dossier)] == ["confirmed"] * count
    assert {each["package"] for each in sent} == {inbox(p, dossier)[0]["package"] for p in (maker, insurer)}


def test_a_package_that_came_by_itself_may_still_be_carried(net: Network4) -> None:
    dossier, item = sold(net, "E-2")
    arrived(net[GLASSMAKER], dossier)
    net.hand(OPTICIAN, GLASSMAKER, dossier=dossier)
    file = net[OPTICIAN].client.get(f"/v1/items/{item}/package", params={"for": GLASSMAKER, "form": "sealed"})
    jose = {"Content-Type": "application/jose"}
    first, second = (net[GLASSMAKER].client.post("/v1/exchange", content=file.text, headers=jose) for _ in range(2))

    assert (first.status_code, first.headers["content-type"]) == (200, "application/jose")
    assert first.text == second.text
    assert len(inbox(net[GLASSMAKER], dossier)) == 1
    taken = [each for each in net[GLASSMAKER].get("/v1/inbox", limit=200)["entries"] if each["dossier"] == dossier]
    assert [each["type"] for each in taken].count("package") == 1


def test_parties_without_an_address_exchange_order_devices_and_receipts_as_files_alone(net: Network4) -> None:
    ground, shop, maker = net.ground, net[OPTICIAN], net[GLASSMAKER]
    both = (shop, maker)
    ground.council.act(*(ground.council.registry("setGateway", each.number, "") for each in both))
    try:
        dossier, item = sold(net, "E-3")
        carried(shop, maker, dossier)
        (answer,) = maker.record(manufactured(item, RIGHT, "V3"))
        assert answer["status"] == "anchored"
        carried(maker, shop, dossier)
        read = shop.get(f"/v1/dossiers/{dossier}/openings")["openings"]
        assert [each["values"]["number"] for each in read if each["group"] == "device"] == ["V3"]
        confirmed(shop, dossier)
    finally:
        for each in both:
            ground.register(each.number, str(each.client.base_url))


def carried(sender: Party, recipient: Party, dossier: str) -> None:
    """Carry what is due as a sealed file, and the receipt back; nothing else has gone between the two."""
    until(lambda: waits_for(sender, dossier) == "no_gateway", "it says what it waits for")
    assert inbox(recipient, dossier) == []
    asked = {"for": str(recipient.number), "form": "sealed"}
    file = sender.client.get(f"/v1/dossiers/{dossier}/package", params=asked).text
    jose = {"Content-Type": "application/jose"}
    receipt = recipient.client.post("/v1/exchange", content=file, headers=jose).text
    assert sender.client.post("/v1/exchange", content=receipt, headers=jose).status_code == 204
    (sent,) = outbox(sender, dossier)
    assert (sent["status"], sent["reason"], sent["next_attempt"]) == ("accepted", None, None)


def test_after_a_change_of_keys_what_waits_is_sealed_to_the_new_one(net: Network4) -> None:
    ground, shop, maker = net.ground, net[OPTICIAN], net[GLASSMAKER]
    ground.register(GLASSMAKER, str(maker.client.base_url), b"\1" * 32)
    dossier, _ = sold(net, "E-4")
    # Who was given the new key does not have it yet: the recipient says so, and nothing is lost.
    until(lambda: waits_for(shop, dossier) == "exchange_key_unknown", "the recipient cannot open it")
    ground.register(GLASSMAKER, str(maker.client.base_url))
    arrived(maker, dossier)
    until(lambda: outbox(shop, dossier)[0]["status"] == "accepted", "the receipt came")


def test_pages_of_both_boxes_go_on_where_the_last_one_ended(net: Network4) -> None:
    for path, party in (("/v1/exchange/outbox", OPTICIAN), ("/v1/exchange/inbox", GLASSMAKER)):
        whole = net[party].get(path, limit=200)["packages"]
        first = net[party].get(path, limit=1)
        rest = net[party].get(path, limit=200, cursor=first["next"])
        assert len(whole) > 1
        assert first["packages"] + rest["packages"] == whole
        assert rest["next"] is None
