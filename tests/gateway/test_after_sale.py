"""Sales that follow others, through the public API and on a real chain: what the ledger says of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.gateway.sales import billed_frame, billed_lens, honest_sale, invoiced, quoted_frame
from tests.support.gateways import AUDITOR, INSURER, OPTICIAN, Network4


def of_dossier(net: Network4, dossier: str, party: int = OPTICIAN) -> tuple[str, list[str]]:
    """Verdict and cases, as this party is shown them."""
    found = net[party].get(f"/v1/dossiers/{dossier}")
    return found["verdict"], [case["code"] for case in found["cases"]]


def frame_sold(net: Network4, name: str, **quoted: str) -> str:
    """A frame, quoted, handed over and invoiced; gives its dossier."""
    (quote,) = net[OPTICIAN].record(quoted_frame("M", name) | quoted)
    delivered = {"type": "delivered", "item": quote["item"], "device": {"gtin": "4006381333931"}} | quoted
    net[OPTICIAN].record(delivered, invoiced(quote["dossier"], billed_frame(quote["item"])) | quoted)
    return str(quote["dossier"])


def replaced(net: Network4, first: str, second: str) -> dict[str, Any]:
    """Tell that a sale replaces another; gives the event."""
    event = {"type": "breakage_replaced", "dossier": second, "first": first}
    (found,) = net[OPTICIAN].record(event)
    problem = net[OPTICIAN].post("/v1/events", event, 409)
    assert (problem["code"], problem["where"]) == ("already_recorded", "/first")
    return dict(found)


def test_what_broke_in_time_is_replaced_once(net: Network4) -> None:
    first, second, third = (frame_sold(net, f"D1-{name}") for name in ("first", "second", "third"))
    found = replaced(net, first, second)
    assert (found["type"], found["dossier"], found["item"]) == ("breakage_replaced", second, None)
    seen = net[OPTICIAN].get(f"/v1/dossiers/{second}")
    assert "breakage_replaced" in [step["kind"] for step in seen["steps"]]
    assert of_dossier(net, second) == ("conform", [])
    replaced(net, first, third)
    for dossier in (second, third):
        assert of_dossier(net, dossier) == ("non_conform", ["FALSE_BREAKAGE"])
    assert of_dossier(net, first) == ("conform", [])


def test_a_breakage_of_what_was_never_handed_over_is_found(net: Network4) -> None:
    (quote,) = net[OPTICIAN].record(quoted_frame("M", "D1-kept"))
    second = frame_sold(net, "D1-after-kept")
    replaced(net, quote["dossier"], second)
    assert of_dossier(net, second, AUDITOR) == ("non_conform", ["FALSE_BREAKAGE"])


def test_a_breakage_after_the_warranty_is_found(net: Network4) -> None:
    moment = (datetime.now(UTC) - timedelta(days=800)).strftime("%Y-%m-%dT%H:%M:%SZ")
    first, second = frame_sold(net, "D1-old", occurred_at=moment), frame_sold(net, "D1-new")
    replaced(net, first, second)
    assert of_dossier(net, second)[1] == ["FALSE_BREAKAGE"]


def test_a_renewal_stated_late_shows_as_a_step_and_nothing_of_it_does(net: Network4) -> None:
    dossier, (right, left, frame) = honest_sale(net, "D1-renewed")
    statement = {"ground": "at_any_time", "previous_date": "2025-01-07"}
    event = {"type": "renewal_stated", "dossier": dossier, "statement": statement}
    (found,) = net[OPTICIAN].record(event)
    assert net[OPTICIAN].get(f"/v1/events/{found['id']}")["status"] == "anchored"
    problem = net[OPTICIAN].post("/v1/events", event, 409)
    assert (problem["code"], problem["where"]) == ("already_recorded", "/statement")
    seen = net[INSURER].get(f"/v1/dossiers/{dossier}")
    assert "renewal_stated" in [step["kind"] for step in seen["steps"]]
    assert seen["verdict"] == "conform"
    package = net[OPTICIAN].get(f"/v1/dossiers/{dossier}/package", **{"for": INSURER})
    for told in (str(seen), str(package), str(problem), str(found)):
        assert "at_any_time" not in told
        assert "2025-01-07" not in told
    lines = [billed_lens(right), billed_lens(left), billed_frame(frame)]
    again = net[OPTICIAN].post("/v1/events", invoiced(dossier, *lines), 409)
    assert again["code"] == "already_recorded"
