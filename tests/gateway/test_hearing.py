"""Not only optics: a sale of hearing aids through the public API, from quote to check, on a real chain."""

from __future__ import annotations

from typing import Any

from tests.gateway.hearing import CLAIM, CODING, PRICE, VISIT_CODING, VISIT_PRICE, WEAKER_AID, WEAKER_CODING, sold
from tests.support.gateways import GLASSMAKER, INSURER, OPTICIAN, Network4


def checked(net: Network4, name: str, dossier: str, items: list[str]) -> Any:
    """What the insurer's recorded check of its claim finds."""
    claimed = [{"item": item, "coding": CODING, "price": PRICE} for item in items[:2]]
    claimed.append({"item": items[2], "coding": VISIT_CODING, "price": VISIT_PRICE})
    asked = {"dossier": dossier, "record": True, "claim": CLAIM | {"dossier_reference": name}, "items": claimed}
    return net[INSURER].post("/v1/verifications", asked, 200)


def test_two_hearing_aids_and_their_fitting_are_conform_for_everybody(net: Network4) -> None:
    dossier, items = sold(net, "H-1")
    answer = checked(net, "H-1", dossier, items)
    assert (answer["ledger_verdict"], answer["claim_verdict"], answer["cases"]) == ("conform", "conform", [])
    seen = net[OPTICIAN].get(f"/v1/dossiers/{dossier}")
    levels = {each["item"]: each["assurance"]["level"] for each in seen["items"]}
    assert [levels[item] for item in items] == ["glassmaker_and_reception"] * 2 + ["optician_only"]
    assert {each["item"] for each in net[GLASSMAKER].get(f"/v1/dossiers/{dossier}")["items"]} == set(items[:2])


def test_weaker_hearing_aids_than_those_invoiced_are_found(net: Network4) -> None:
    dossier, items = sold(net, "H-2", made=WEAKER_AID, made_coding=WEAKER_CODING)
    answer = checked(net, "H-2", dossier, items)
    assert (answer["ledger_verdict"], answer["claim_verdict"]) == ("non_conform", "non_conform")
    found = {(case["code"], case["found_by"]) for case in answer["cases"]}
    assert found == {("PRODUCT_MISMATCH", "ledger"), ("CODING_MISMATCH", "ledger"), ("CODING_MISMATCH", "claim")}


def test_an_aid_is_not_taken_under_the_schema_of_a_lens_nor_a_lens_under_that_of_an_aid(net: Network4) -> None:
    shop = net[OPTICIAN]
    quote = {
        "type": "quoted", "dossier_reference": "H-3", "item_reference": "H-3/R", "glassmaker": GLASSMAKER,
        "supplements": {"codes": []}, "price": PRICE,
    }  # fmt: skip
    aid = quote | {"product": {"form": "in_the_ear"}, "coding": CODING, "schema": "optics.lens/1"}
    assert shop.post("/v1/events", aid, 422)["where"] == "/product"
    lens = quote | {"product": {"geometry": "progressive"}, "coding": {"class": "B"}, "schema": "hearing.aid/1"}
    assert shop.post("/v1/events", lens, 422)["where"] == "/product"
    assert shop.post("/v1/events", lens | {"product": {}}, 422)["where"] == "/coding/class"
