"""What goes otherwise, through the public API and on a real chain: how it ends, and what justifies it."""

from typing import Any

from tests.gateway.sales import (
    CODING,
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

MADE_AND_INVOICED_CODING = 7
"""The number of this comparison, which an error declared in it has as its occurrence."""


def replacing(item: str, reference: str) -> dict[str, Any]:
    """A quote of a lens of the same glassmaker in place of another."""
    return {
        "type": "quoted",
        "replaces": item,
        "item_reference": reference,
        "schema": "optics.lens/1",
        "glassmaker": GLASSMAKER,
    }


def about(kind: str, item: str, **more: object) -> dict[str, Any]:
    return {"type": kind, "item": item, **more}


def verdict(net: Network4, dossier: str) -> str:
    return str(net[OPTICIAN].get(f"/v1/dossiers/{dossier}")["verdict"])


def justifying(view: Any) -> list[tuple[str, int]]:
    """The kind and the author of each step that justifies an item's verdict, or a case."""
    return [(step["kind"], step["party"]) for step in view["justified_by"]]


def quoted_and_ordered(net: Network4, name: str) -> tuple[str, str]:
    """One lens that its glassmaker has the order of: dossier and item."""
    (quote,) = net[OPTICIAN].record(quoted_lens("A", name))
    net[OPTICIAN].record(ordered(quote["item"], RIGHT))
    net.hand(OPTICIAN, GLASSMAKER, dossier=quote["dossier"])
    net[GLASSMAKER].record(about("acknowledged", quote["item"]))
    return quote["dossier"], quote["item"]


def sold(net: Network4, dossier: str, item: str, number: str, **made: object) -> None:
    """Make, hand over and invoice a lens that was ordered."""
    net[GLASSMAKER].record(manufactured(item, RIGHT, number) | made, about("shipped", item))
    net[OPTICIAN].record(
        about("received", item), about("mounted", item), about("delivered", item, device={"number": number})
    )
    net[OPTICIAN].record(invoiced(dossier, billed_lens(item)))


def test_a_lens_broken_at_edging_is_made_anew_and_the_sale_conforms(net: Network4) -> None:
    dossier, item = quoted_and_ordered(net, "D1-broken")
    net[GLASSMAKER].record(manufactured(item, RIGHT, "V1"), about("shipped", item))
    net[OPTICIAN].record(about("received", item), about("broken_at_edging", item, reason="broken"))
    (new,) = net[OPTICIAN].record(replacing(item, "A-2"))
    net[OPTICIAN].record(ordered(new["item"], RIGHT))
    net.hand(OPTICIAN, GLASSMAKER, item=new["item"])
    sold(net, dossier, new["item"], "V2")

    assert verdict(net, dossier) == "justified"
    seen = net[OPTICIAN].get(f"/v1/items/{new['item']}")
    assert (seen["verdict"], seen["cases"], seen["justified_by"]) == ("conform", [], [])
    assert justifying(net[GLASSMAKER].get(f"/v1/items/{item}")) == [("broken_at_edging", OPTICIAN)]


def test_a_lens_that_came_back_is_credited_and_nothing_more_is_expected_of_it(net: Network4) -> None:
    dossier, item = quoted_and_ordered(net, "D1-returned")
    net[GLASSMAKER].record(manufactured(item, RIGHT, "V11"), about("shipped", item))
    net[OPTICIAN].record(about("refused_on_arrival", item, reason="defective"))
    net[OPTICIAN].record(about("returned", item, reason="defective"))
    net[GLASSMAKER].record(about("credited", item, reason="returned_goods"))

    assert verdict(net, dossier) == "justified"
    seen = net[OPTICIAN].get(f"/v1/items/{item}")
    assert justifying(seen) == [("returned", OPTICIAN), ("credited", GLASSMAKER)]


def test_a_cancelled_lens_that_is_invoiced_is_a_case_until_the_invoice_is_withdrawn(net: Network4) -> None:
    (quote,) = net[OPTICIAN].record(quoted_lens("A", "D1-cancelled"))
    dossier, item = quote["dossier"], quote["item"]
    net[OPTICIAN].record(about("cancelled", item, reason="wearer_withdrew"), invoiced(dossier, billed_lens(item)))
    assert verdict(net, dossier) == "non_conform"
    net[OPTICIAN].record({"type": "withdrawn", "dossier": dossier, "invoice": 0, "items": [item]})
    assert verdict(net, dossier) == "justified"


def test_a_lens_whose_invoice_is_withdrawn_is_hidden_until_it_is_invoiced_again(net: Network4) -> None:
    dossier, (right, *_) = honest_sale(net, "D1-again")
    net[OPTICIAN].record({"type": "withdrawn", "dossier": dossier, "invoice": 0, "items": [right]})
    cases = net[OPTICIAN].get(f"/v1/dossiers/{dossier}")["cases"]
    assert [case["code"] for case in cases] == ["HIDDEN_ITEM"]
    net[OPTICIAN].record(invoiced(dossier, billed_lens(right), partial=True))
    assert verdict(net, dossier) == "conform"


def test_an_exchange_under_warranty_stands_on_the_first_invoice(net: Network4) -> None:
    dossier, item = quoted_and_ordered(net, "D1-exchanged")
    sold(net, dossier, item, "V21")
    net[OPTICIAN].record(about("returned", item, reason="not_adapted"))
    net[GLASSMAKER].record(about("credited", item, reason="commercial_gesture"))
    (new,) = net[OPTICIAN].record(replacing(item, "A-2"))
    net[OPTICIAN].record(ordered(new["item"], LEFT))
    net.hand(OPTICIAN, GLASSMAKER, item=new["item"])
    net[GLASSMAKER].record(manufactured(new["item"], LEFT, "V22") | {"warranty": True})
    net[OPTICIAN].record(
        about("delivered", new["item"], device={"number": "V22"}),
        about("exchanged", new["item"], first=item, reason="not_adapted"),
    )

    seen = net[OPTICIAN].get(f"/v1/items/{new['item']}")
    assert (seen["verdict"], seen["cases"]) == ("conform", [])


def test_a_wrong_code_of_what_was_made_is_justified_once_both_sides_declare_it(net: Network4) -> None:
    dossier, item = quoted_and_ordered(net, "D1-error")
    sold(net, dossier, item, "V31", coding=SINGLE_CODING)
    net.hand(OPTICIAN, INSURER, dossier=dossier)
    assert verdict(net, dossier) == "non_conform"
    (case,) = net[INSURER].get(f"/v1/dossiers/{dossier}")["cases"]
    error = about("error_declared", item, comparison=case["comparison"], group=case["group"])
    error |= {"in_error": "manufactured", "nature": "incorrect_data", "corrected": CODING}
    net[GLASSMAKER].record(error)
    net[OPTICIAN].record(error)

    assert verdict(net, dossier) == "justified"


def test_a_case_names_the_errors_declared_of_its_own_comparison_and_of_no_other(net: Network4) -> None:
    dossier, item = quoted_and_ordered(net, "D1-two-errors")
    sold(net, dossier, item, "V41", coding=SINGLE_CODING)
    net.hand(OPTICIAN, INSURER, dossier=dossier)
    error = about("error_declared", item, group="coding", nature="incorrect_data", corrected=CODING)
    of_code = {"comparison": "manufactured = invoiced", "in_error": "manufactured"}
    of_invoice = {"comparison": "quoted = invoiced", "in_error": "invoiced"}
    net[GLASSMAKER].record(error | of_code)
    net[OPTICIAN].record(error | of_code, error | of_invoice)

    claim = {"item": item, "coding": CODING, "price": PRICE}
    answer = net[INSURER].post("/v1/verifications", {"dossier": dossier, "items": [claim]}, 200)
    assert {case["found_by"] for case in answer["cases"]} == {"ledger", "claim"}
    steps = {
        step["sequence"]: step for step in net[AUDITOR].get("/v1/audit/events", dossier=dossier, limit=50)["events"]
    }
    for case in answer["cases"]:
        assert justifying(case) == [("error_declared", GLASSMAKER), ("error_declared", OPTICIAN)]
        declared = {steps[step["sequence"]]["occurrence"] for step in case["justified_by"]}
        assert declared == {MADE_AND_INVOICED_CODING}
        assert {step["sequence"] for step in case["justified_by"]} < set(case["events"])


def test_a_substitution_that_both_sides_declare_justifies_the_other_product(net: Network4) -> None:
    (quote,) = net[OPTICIAN].record(quoted_lens("A", "D1-substituted"))
    dossier, item = quote["dossier"], quote["item"]
    net[OPTICIAN].record(ordered(item, RIGHT, SINGLE))
    net.hand(OPTICIAN, GLASSMAKER, dossier=dossier)
    assert "PRODUCT_MISMATCH" in str(net[OPTICIAN].get(f"/v1/dossiers/{dossier}")["cases"])
    other = about("substituted", item, product=SINGLE, supplements={"codes": ["AR", "BLUE"]})
    net[OPTICIAN].record(other)
    net[GLASSMAKER].record(other)
    cases = net[OPTICIAN].get(f"/v1/dossiers/{dossier}")["cases"]

    assert {case["justified"] for case in cases} == {True}
    for case in cases:
        assert justifying(case) == [("substituted", OPTICIAN), ("substituted", GLASSMAKER)]
