"""What optician and insurer tell each other of a dossier, through the public API and on a real chain."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.gateway.sales import honest_sale, quoted_lens
from tests.support.gateways import AUDITOR, GLASSMAKER, INSURER, OPTICIAN, Network4

COVER = {"amount": "200.00", "currency": "EUR", "request_date": "2026-03-02"}
GRANT = {"cover_number": "PEC-551204", "amount": "180.00", "currency": "EUR", "valid_until": "2026-06-02"}
LATER = "2199-01-01T00:00:00Z"
NOWHERE = f"{OPTICIAN:08x}" + "0" * 24


def asking(dossier: str, **more: object) -> dict[str, Any]:
    return {"type": "cover_requested", "dossier": dossier, "insurer": INSURER, "cover": COVER, **more}


def answering(dossier: str, **more: object) -> dict[str, Any]:
    return {"type": "cover_answered", "dossier": dossier, "answer": "granted", "grant": GRANT, **more}


def wait_alike(net: Network4) -> None:
    """Wait until every gateway has read as much of the ledger as the one that is furthest."""
    deadline = time.monotonic() + 30
    while len({each.get("/v1/status")["chain"]["indexed_steps"] for each in net.parties.values()}) > 1:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def problem(net: Network4, party: int, event: dict[str, Any]) -> tuple[int, str, str]:
    """Status, code and place of the refusal of an event."""
    answer = net[party].client.post("/v1/events", json=event)
    found = answer.json()
    assert answer.status_code == found["status"]
    assert found["mend"]
    return found["status"], found["code"], found["where"]


def told(net: Network4, party: int, dossier: str, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
    """Kind and content of the dossier's own steps, as a party sees them, once its gateway has read them all."""
    wait_alike(net)
    steps = net[party].get(f"/v1/dossiers/{dossier}")["steps"]
    return [(step["kind"], step["said"]) for step in steps if step["kind"] in kinds]


@pytest.fixture(scope="module")
def checked(net: Network4) -> tuple[str, str]:
    """An honest sale that its insurer checked: dossier, and one item."""
    dossier, (item, *_) = honest_sale(net, "D1-decided")
    net[INSURER].record({"type": "verified", "dossier": dossier, "verdict": "conform", "cases": []})
    return dossier, item


def test_cover_is_asked_granted_and_seen_by_both(net: Network4) -> None:
    (quote,) = net[OPTICIAN].record(quoted_lens("A", "D1-cover"))
    dossier = quote["dossier"]
    net[OPTICIAN].record(asking(dossier))
    net.hand(OPTICIAN, INSURER, dossier=dossier)
    net[INSURER].record(answering(dossier, answer="pending", grant=None))
    net[INSURER].record(answering(dossier))
    assert net.hand(INSURER, OPTICIAN, dossier=dossier)["items"] == []
    net[OPTICIAN].record({"type": "cover_cancelled", "dossier": dossier})

    seen = [
        ("cover_requested", {"insurer": INSURER}),
        ("cover_answered", {"request": 0, "answer": "pending"}),
        ("cover_answered", {"request": 0, "answer": "granted"}),
        ("cover_cancelled", {"request": 0}),
    ]
    for party in (OPTICIAN, INSURER, AUDITOR):
        assert told(net, party, dossier, *dict(seen)) == seen


def test_what_is_wrong_with_cover_is_told_with_its_place(net: Network4) -> None:
    (quote,) = net[OPTICIAN].record(quoted_lens("A", "D1-cover-wrong"))
    dossier = quote["dossier"]
    cancel = {"type": "cover_cancelled", "dossier": dossier}
    assert problem(net, OPTICIAN, asking(NOWHERE)) == (404, "not_found", "/dossier")
    assert problem(net, OPTICIAN, asking(dossier, insurer=GLASSMAKER)) == (422, "invalid_record", "/insurer")
    assert problem(net, INSURER, asking(dossier)) == (403, "not_permitted", "/type")
    assert problem(net, OPTICIAN, cancel) == (409, "out_of_sequence", "/request")
    assert problem(net, INSURER, answering(dossier)) == (404, "not_found", "/dossier")
    net[OPTICIAN].record(asking(dossier))
    assert problem(net, OPTICIAN, asking(dossier)) == (409, "already_recorded", "")
    wait_alike(net)
    assert problem(net, INSURER, answering(dossier)) == (409, "package_missing", "/dossier")
    net.hand(OPTICIAN, INSURER, dossier=dossier)
    assert problem(net, INSURER, answering(dossier, grant=None)) == (422, "invalid_record", "/grant")
    assert problem(net, OPTICIAN, answering(dossier)) == (403, "not_permitted", "/type")
    net[INSURER].record(answering(dossier))
    assert problem(net, INSURER, answering(dossier)) == (409, "already_recorded", "")


def test_a_question_is_answered_and_settled(net: Network4, checked: tuple[str, str]) -> None:
    dossier, item = checked
    question = {"type": "decided", "dossier": dossier, "decision": "questioned", "reason": "proof_missing"}
    net[INSURER].record(question | {"deadline": LATER})
    assert problem(net, INSURER, question | {"deadline": LATER}) == (409, "already_recorded", "")
    assert problem(net, INSURER, question) == (422, "invalid_record", "/deadline")
    assert problem(net, INSURER, question | {"check": 7, "deadline": LATER}) == (409, "out_of_sequence", "/check")
    assert problem(net, INSURER, question | {"dossier": NOWHERE}) == (404, "not_found", "/dossier")
    assert problem(net, AUDITOR, question | {"deadline": LATER}) == (403, "not_permitted", "/type")
    wait_alike(net)
    (proof,) = net[OPTICIAN].record({"type": "mounted", "item": item})
    reply = {"type": "answered", "dossier": dossier, "party": INSURER, "answers": "decided", "event": proof["id"]}
    assert problem(net, OPTICIAN, reply | {"occurrence": 1}) == (409, "out_of_sequence", "/occurrence")
    assert problem(net, OPTICIAN, reply | {"event": "0" * 32}) == (404, "not_found", "/event")
    net[OPTICIAN].record(reply)
    assert problem(net, OPTICIAN, reply) == (409, "already_recorded", "")
    net[INSURER].record({"type": "decided", "dossier": dossier, "decision": "settled", "reason": "as_checked"})

    seen = [
        (
            "decided",
            {"check": 0, "decision": "questioned", "reason": "proof_missing", "deadline": LATER},
        ),
        ("answered", {"party": INSURER, "answers": "decided", "occurrence": 0, "digest": proof["digest"]}),
        ("decided", {"check": 0, "decision": "settled", "reason": "as_checked"}),
    ]
    for party in (OPTICIAN, INSURER, AUDITOR):
        assert told(net, party, dossier, "decided", "answered") == seen


def test_insurer_and_auditor_demand_an_opening(net: Network4, checked: tuple[str, str]) -> None:
    dossier, item = checked
    demand = {"type": "opening_demanded", "dossier": dossier, "item": item, "group": "device"}
    net[INSURER].record(demand)
    net[AUDITOR].record(demand | {"group": "correction"})
    assert problem(net, INSURER, demand) == (409, "already_recorded", "")
    assert problem(net, INSURER, demand | {"item": NOWHERE}) == (404, "not_found", "/item")
    assert problem(net, AUDITOR, demand | {"dossier": NOWHERE}) == (404, "not_found", "/dossier")
    assert problem(net, OPTICIAN, demand) == (403, "not_permitted", "/type")

    seen = sorted(content["group"] for _, content in told(net, OPTICIAN, dossier, "opening_demanded"))
    assert seen == ["correction", "device"]


def test_what_the_insurer_reimbursed_last_shows_a_false_renewal(net: Network4, checked: tuple[str, str]) -> None:
    dossier, _ = checked
    asked = {"dossier": dossier, "last_reimbursed_on": str(datetime.now(UTC).date() - timedelta(days=300))}
    found = net[INSURER].post("/v1/verifications", asked, 200)
    assert [(case["code"], case["found_by"]) for case in found["cases"]] == [("FALSE_RENEWAL", "claim")]
    assert (found["ledger_verdict"], found["claim_verdict"]) == ("conform", "non_conform")
    assert net[INSURER].post("/v1/verifications", asked | {"under_16": True}, 200)["claim_verdict"] == "non_conform"
    long_ago = asked | {"last_reimbursed_on": str(datetime.now(UTC).date() - timedelta(days=800))}
    assert net[INSURER].post("/v1/verifications", long_ago, 200)["cases"] == []
    assert net[INSURER].post("/v1/verifications", asked | {"last_reimbursed_on": "2024-02-30"}, 422)["where"] == (
        "/last_reimbursed_on"
    )
    assert net[OPTICIAN].post("/v1/verifications", asked, 403)["code"] == "not_permitted"
