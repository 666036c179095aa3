"""Whole sales through the public API, one gateway for each party, on a real chain, and on each kind of database."""

from tests.gateway.sales import (
    CLAIM,
    CODING,
    FRAME_CODING,
    FRAME_PRICE,
    LEFT,
    PRICE,
    RIGHT,
    SINGLE,
    SINGLE_CODING,
    billed_lens,
    honest_sale,
    invoiced,
    manufactured,
    ordered,
    quoted_lens,
)
from tests.support.gateways import AUDITOR, GLASSMAKER, INSURER, OPTICIAN, Network4


def test_an_honest_sale_is_conform_for_everybody(net: Network4) -> None:
    dossier, (right, left, frame) = honest_sale(net)
    items = [{"item": name, "coding": CODING, "price": PRICE} for name in (right, left)]
    items.append({"item": frame, "coding": FRAME_CODING, "price": FRAME_PRICE})
    answer = net[INSURER].post(
        "/v1/verifications", {"dossier": dossier, "record": True, "claim": CLAIM, "items": items}, 200
    )
    assert (answer["ledger_verdict"], answer["claim_verdict"], answer["cases"]) == ("conform", "conform", [])
    for party in (OPTICIAN, INSURER, AUDITOR):
        seen = net[party].get(f"/v1/dossiers/{dossier}")
        levels = {each["item"]: each["assurance"]["level"] for each in seen["items"]}
        assert seen["verdict"] == "conform"
        assert levels == {
            right: "glassmaker_and_reception",
            left: "glassmaker_and_reception",
            frame: "optician_only",
        }


def test_the_access_log_names_a_recorded_check_and_the_groups_it_opened(net: Network4) -> None:
    dossier, items = honest_sale(net, "D-4")
    claim = CLAIM | {"dossier_reference": "D-4"}
    lines = [{"item": name, "coding": CODING} for name in items[:2]]
    asked = {"dossier": dossier, "partial": True, "claim": claim, "items": lines}
    net[INSURER].post("/v1/verifications", asked, 200)
    event = net[INSURER].post("/v1/verifications", asked | {"record": True}, 200)["event"]["id"]
    noted = net[INSURER].get("/v1/access", subject=dossier)["entries"]

    assert [(each["act"], each["fields"], each["detail"]) for each in noted] == [
        ("check_recorded", ["claim", "coding"], event),
        ("checked", ["claim", "coding"], None),
        ("package_taken", ["claim", "coding", "price"], noted[2]["detail"]),
    ]


def test_a_glassmaker_sees_its_lenses_and_not_the_frame(net: Network4) -> None:
    dossier, (right, left, frame) = honest_sale(net, "D-2")
    seen = net[GLASSMAKER].get(f"/v1/dossiers/{dossier}")
    assert {each["item"] for each in seen["items"]} == {right, left}
    assert seen["insurers"] == []
    net[GLASSMAKER].get(f"/v1/items/{frame}", status=404)


def test_another_lens_than_the_one_quoted_and_invoiced_is_found_by_ledger_and_claim(net: Network4) -> None:
    shop, maker = net[OPTICIAN], net[GLASSMAKER]
    single = {name: value for name, value in RIGHT.items() if name != "addition"}
    quotes = shop.record(quoted_lens("D-3/OD", "D-3"), quoted_lens("D-3/OG", "D-3"))
    dossier, (right, left) = quotes[0]["dossier"], [each["item"] for each in quotes]
    shop.record(ordered(right, single, SINGLE), ordered(left, LEFT, SINGLE))
    net.hand(OPTICIAN, GLASSMAKER, dossier=dossier)
    maker.record(
        manufactured(right, single, "V31", SINGLE, SINGLE_CODING),
        manufactured(left, LEFT, "V32", SINGLE, SINGLE_CODING),
    )
    for item, number in ((right, "V31"), (left, "V32")):
        maker.record({"type": "shipped", "item": item})
        shop.record({"type": "received", "item": item})
        shop.record({"type": "delivered", "item": item, "device": {"number": number}})
    shop.record(invoiced(dossier, billed_lens(right), billed_lens(left)))
    net.hand(OPTICIAN, INSURER, dossier=dossier)
    items = [{"item": name, "coding": CODING, "price": PRICE} for name in (right, left)]
    answer = net[INSURER].post("/v1/verifications", {"dossier": dossier, "items": items}, 200)
    assert (answer["ledger_verdict"], answer["claim_verdict"]) == ("non_conform", "non_conform")
    found = {(case["code"], case["comparison"], case["found_by"]) for case in answer["cases"]}
    assert found == {
        ("PRODUCT_MISMATCH", "quoted = ordered", "ledger"),
        ("PRODUCT_MISMATCH", "manufactured = invoiced", "ledger"),
        ("CODING_MISMATCH", "manufactured = invoiced", "ledger"),
        ("CODING_MISMATCH", "claim = manufactured", "claim"),
    }
