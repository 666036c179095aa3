"""The API in front of a real gateway whose chain is down: what it refuses leaves every table as it was."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from app.api.problems import Problem
from app.api.schemas.packages import Package
from tests.api.acts import invoiced, ordered, quoted
from tests.api.hosting import AUDITOR, GLASSMAKER, INSURER, OPTICIAN, OTHER, SUSPENDED, Hosted, hosting

CANARY = "ZZQXJVOLE"


@pytest.fixture(scope="module")
def hosted(new_database: Callable[[], str]) -> Iterator[Hosted]:
    """One gateway for the tests of this module."""
    with hosting(new_database()) as found:
        yield found


def refused(hosted: Hosted, answer: httpx.Response, status: int, code: str, before: dict[str, int]) -> Problem:
    """The problem in `answer`, which repeats nothing and left every table as it was `before`."""
    assert answer.status_code == status, answer.text
    problem = Problem.model_validate(answer.json(), strict=True)
    assert (problem.code, bool(problem.detail), bool(problem.mend)) == (code, True, True)
    assert CANARY not in answer.text
    assert hosted.rows() == before
    return problem


VALUES: list[tuple[str, dict[str, Any], str]] = [
    ("a sphere out of range", {"sphere": "-173.25"}, "/correction/sphere"),
    ("a sphere that is none", {"sphere": CANARY}, "/correction/sphere"),
    ("a cylinder without axis", {"axis": None}, "/correction/axis"),
    ("an axis of 181", {"axis": 181}, "/correction/axis"),
    ("an eye in the middle", {"eye": CANARY}, "/correction/eye"),
    ("a decimal too many", {"addition": "2.001"}, "/correction/addition"),
]


@pytest.mark.parametrize(("correction", "where"), [c[1:] for c in VALUES], ids=[c[0] for c in VALUES])
def test_a_correction_out_of_range_is_refused(hosted: Hosted, correction: dict[str, Any], where: str) -> None:
    (quote,) = hosted.record(quoted())
    before = hosted.rows()
    event = ordered(quote["item"], **correction)

    problem = refused(hosted, hosted.send("POST", "/v1/events", json=event), 422, "invalid_record", before)
    assert problem.where == where
    problem = refused(hosted, hosted.send("POST", "/v1/events", json=[quoted(), event]), 422, "invalid_record", before)
    assert problem.where == f"/1{where}"
    for value in correction.values():
        assert value is None or str(value) not in f"{problem.detail} {problem.mend}"


def test_a_siret_that_fails_its_check_is_refused(hosted: Hosted) -> None:
    (quote,) = hosted.record(quoted())
    before = hosted.rows()
    event = invoiced(quote["dossier"], quote["item"], claim={"siret": "73282932000075"})

    answer = hosted.send("POST", "/v1/events", json=event)

    assert refused(hosted, answer, 422, "invalid_record", before).where == "/claim/siret"
    assert "73282932000075" not in answer.text


def test_the_same_event_twice_is_refused(hosted: Hosted) -> None:
    quote = quoted()
    (first,) = hosted.record(quote)
    order = ordered(first["item"])
    hosted.record(order)
    before = hosted.rows()

    for event in (quote, order, [order, order]):
        refused(hosted, hosted.send("POST", "/v1/events", json=event), 409, "already_recorded", before)


def test_ones_own_steps_in_the_wrong_order_are_refused(hosted: Hosted) -> None:
    (quote,) = hosted.record(quoted())
    before = hosted.rows()

    answer = hosted.send("POST", "/v1/events", json={"type": "received", "item": quote["item"]})

    assert refused(hosted, answer, 409, "out_of_sequence", before).where == "/item"


@pytest.mark.parametrize("party", [GLASSMAKER, INSURER, AUDITOR])
def test_the_wrong_role_is_refused(hosted: Hosted, party: int) -> None:
    before = hosted.rows()

    answer = hosted.send("POST", "/v1/events", party, json=quoted())

    assert refused(hosted, answer, 403, "not_permitted", before).where == "/type"


def test_a_suspended_party_is_refused(hosted: Hosted) -> None:
    before = hosted.rows()

    refused(hosted, hosted.send("POST", "/v1/events", SUSPENDED, json=quoted()), 403, "party_suspended", before)


@pytest.mark.parametrize("party", [OTHER, GLASSMAKER, INSURER])
def test_what_does_not_concern_a_party_is_answered_as_absent(hosted: Hosted, party: int) -> None:
    (quote,) = hosted.record(quoted(glassmaker=0))
    before = hosted.rows()

    def told(path: str) -> dict[str, Any]:
        problem = refused(hosted, hosted.send("GET", path, party), 404, "not_found", before)
        return {**problem.model_dump(), "instance": None}

    for path in ("/v1/items/{}", "/v1/items/{}/package?for=1", "/v1/dossiers/{}", "/v1/dossiers/{}/package?for=1"):
        name = quote["dossier"] if "dossiers" in path else quote["item"]
        assert told(path.format(name)) == told(path.format("0" * 32)), path
    assert told(f"/v1/events/{quote['id']}") == told(f"/v1/events/{'0' * 32}")
    check = hosted.send("POST", "/v1/verifications", party, json={"dossier": quote["dossier"]})
    refused(hosted, check, 404, "not_found", before)
    if party == OTHER:
        answer = hosted.send("POST", "/v1/events", party, json=ordered(quote["item"]))
        refused(hosted, answer, 404, "not_found", before)


def test_with_the_chain_down_events_are_accepted_and_it_is_said(hosted: Hosted) -> None:
    (quote,) = hosted.record(quoted())

    assert hosted.send("GET", f"/v1/events/{quote['id']}").json()["status"] == "accepted"
    assert hosted.send("GET", "/v1/status").json()["chain"]["reachable"] is False
    assert hosted.client.get("/readyz").status_code == 503
    assert hosted.client.get("/healthz").status_code == 200


def test_the_same_idempotency_key_records_once(hosted: Hosted) -> None:
    body = json.dumps(quoted()).encode()
    headers = {
        "Authorization": f"Bearer {hosted.keys[OPTICIAN]}",
        "Content-Type": "application/json",
        "Idempotency-Key": "sale-117",
    }
    first = hosted.client.post("/v1/events", content=body, headers=headers)
    before = hosted.rows()

    assert hosted.client.post("/v1/events", content=body, headers=headers).json() == first.json()
    answer = hosted.client.post("/v1/events", content=body + b" ", headers=headers)
    refused(hosted, answer, 409, "idempotency_conflict", before)


def test_a_package_is_of_the_documented_shape_and_taken_in_again(hosted: Hosted) -> None:
    (quote,) = hosted.record(quoted())
    hosted.record(ordered(quote["item"]))

    answer = hosted.send("GET", f"/v1/items/{quote['item']}/package", params={"for": GLASSMAKER})
    Package.model_validate(answer.json())
    receipt = hosted.send("POST", "/v1/packages", GLASSMAKER, json=answer.json())

    assert (receipt.status_code, receipt.json()["confirmed"]) == (201, False)
    before = hosted.rows()
    spoilt = json.loads(answer.text)
    spoilt["steps"][0]["openings"][0]["values"]["maker"] = CANARY
    refused(hosted, hosted.send("POST", "/v1/packages", GLASSMAKER, json=spoilt), 422, "package_refused", before)
    refused(hosted, hosted.send("POST", "/v1/packages", INSURER, json=answer.json()), 422, "package_refused", before)


def _cursor(key: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


HOSTILE_CURSORS = [
    "x",
    "AAAA",
    "....",
    _cursor({}),
    _cursor([]),
    _cursor([1]),
    _cursor([-1, "a"]),
    _cursor([True, "a"]),
    _cursor([1 << 70, "a"]),
    _cursor(["a", 1]),
    _cursor([1, None]),
    _cursor([1, "\0", 1]),
    _cursor([1.5, "a"]),
    base64.urlsafe_b64encode(b"[" * 380).decode().rstrip("="),
    base64.urlsafe_b64encode(b"NaN").decode().rstrip("="),
    base64.urlsafe_b64encode(b"9" * 380).decode().rstrip("="),
]


@pytest.mark.parametrize(
    "path",
    ["/v1/items", "/v1/dossiers", "/v1/inbox", "/v1/parties", "/v1/audit/events", "/v1/verdict-changes"],
)
@pytest.mark.parametrize("cursor", HOSTILE_CURSORS)
def test_a_cursor_that_nobody_gave_out_is_refused_or_shows_a_page(hosted: Hosted, path: str, cursor: str) -> None:
    answer = hosted.send("GET", path, AUDITOR, params={"cursor": cursor})

    assert answer.status_code in (200, 422), answer.text
    if answer.status_code == 422:
        # The name of the request has three letters of its own by chance.
        assert cursor not in answer.text.replace(answer.headers["x-request-id"], "")


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/v1/items", [1, "\ud800"]),
        ("/v1/dossiers", [1, "\ud800"]),
        ("/v1/dossiers", [1, "\0"]),
        ("/v1/inbox", [1, 1, 1, "\ud800", 1, 1]),
    ],
)
def test_a_cursor_with_half_a_surrogate_pair_is_refused(hosted: Hosted, path: str, key: Any) -> None:
    assert hosted.send("GET", path, params={"cursor": _cursor(key)}).status_code == 422


def test_every_entry_of_a_list_is_shown_once_however_it_is_paged(hosted: Hosted) -> None:
    hosted.record(*(quoted() for _ in range(7)))
    whole = hosted.send("GET", "/v1/items", params={"limit": 200}).json()["items"]

    seen: list[Any] = []
    cursor: dict[str, Any] = {}
    while True:
        page = hosted.send("GET", "/v1/items", params={"limit": 3, **cursor}).json()
        seen += page["items"]
        if page["next"] is None:
            break
        assert re.fullmatch("[A-Za-z0-9_=.~-]{1,512}", page["next"])
        cursor = {"cursor": page["next"]}

    assert seen == whole


def test_a_database_without_its_tables_is_said_to_be_away(blank_database_url: str) -> None:
    with hosting(blank_database_url, migrated=False) as without:
        answer = without.send("GET", "/v1/status")

    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
