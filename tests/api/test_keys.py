"""API keys and the access log over HTTP, on a real gateway."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from app.api import examples
from app.services.api_keys import id_of
from tests.api.acts import invoiced, ordered, quoted
from tests.api.hosting import AUDITOR, GLASSMAKER, INSURER, OPTICIAN, OTHER, Hosted, hosting

CANARY = "ZZQXJVOLE"


@pytest.fixture(scope="module")
def hosted(new_database: Callable[[], str]) -> Iterator[Hosted]:
    with hosting(new_database()) as found:
        yield found


def by(hosted: Hosted, key: str, method: str, path: str, **more: Any) -> httpx.Response:
    """Send a request with one certain key."""
    headers = {"Authorization": f"Bearer {key}", **more.pop("headers", {})}
    return hosted.client.request(method, path, headers=headers, **more)


def made(hosted: Hosted, **terms: Any) -> str:
    answer = hosted.send("POST", "/v1/keys", json={"label": "till-1", **terms})
    assert answer.status_code == 201, answer.text
    key: str = answer.json()["api_key"]
    return key


def rows(hosted: Hosted, party: int = OPTICIAN, **query: Any) -> list[dict[str, Any]]:
    answer = hosted.send("GET", "/v1/access", party, params={"limit": 200, **query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


def test_a_new_key_is_shown_once_and_works(hosted: Hosted) -> None:
    answer = hosted.send(
        "POST", "/v1/keys", json={"label": "stock-screen-1", "scope": "read", "expires_in_seconds": 60}
    )
    new = answer.json()

    assert re.fullmatch("ot_[0-9a-f]{8}_[0-9a-f]{64}", new["api_key"])
    assert (new["key"]["label"], new["key"]["scope"], new["key"]["active"]) == ("stock-screen-1", "read", True)
    assert new["key"]["last_used"] is None
    assert by(hosted, new["api_key"], "GET", "/v1/status").status_code == 200
    listed = hosted.send("GET", "/v1/keys")
    (shown,) = [each for each in listed.json()["keys"] if each["key"] == new["key"]["key"]]
    assert shown["last_used"] is not None
    assert new["api_key"].split("_")[2] not in listed.text


def test_a_rotated_and_a_revoked_key_are_refused_at_once(hosted: Hosted) -> None:
    old = made(hosted)
    path = f"/v1/keys/{id_of(old)}"
    new = hosted.send("POST", f"{path}/rotate", json={"overlap_seconds": 0}).json()["api_key"]
    assert by(hosted, old, "GET", "/v1/status").status_code == 401
    assert by(hosted, new, "GET", "/v1/status").status_code == 200
    overlapping = hosted.send("POST", f"{path}/rotate", json={"overlap_seconds": 3600}).json()
    assert overlapping["key"]["old_secret_until"] is not None
    assert by(hosted, new, "GET", "/v1/status").status_code == 200
    ended = hosted.send("DELETE", path)

    assert (ended.status_code, ended.json()["active"]) == (200, False)
    for key in (old, new, overlapping["api_key"]):
        assert by(hosted, key, "GET", "/v1/status").status_code == 401
    assert hosted.send("POST", f"{path}/rotate", json={}).json()["code"] == "key_refused"


def test_the_last_key_of_a_party_is_not_ended_over_the_api(hosted: Hosted) -> None:
    answer = hosted.send("DELETE", f"/v1/keys/{id_of(hosted.keys[AUDITOR])}", AUDITOR)

    assert (answer.status_code, answer.json()["code"]) == (409, "key_refused")
    assert hosted.send("GET", "/v1/status", AUDITOR).status_code == 200


def test_a_party_sees_and_changes_its_own_keys_only(hosted: Hosted) -> None:
    key = id_of(made(hosted))

    def told(method: str, path: str, **more: Any) -> dict[str, Any]:
        answer = hosted.send(method, path, OTHER, **more)
        assert answer.status_code == 404
        return {**answer.json(), "instance": None}

    assert told("DELETE", f"/v1/keys/{key}") == told("DELETE", "/v1/keys/00000000")
    assert told("POST", f"/v1/keys/{key}/rotate", json={}) == told("POST", "/v1/keys/00000000/rotate", json={})
    assert key not in hosted.send("GET", "/v1/keys", OTHER).text


def test_a_key_that_may_only_read_records_and_manages_nothing(hosted: Hosted) -> None:
    (quote,) = hosted.record(quoted())
    hosted.record(ordered(quote["item"]))
    package = hosted.send("GET", f"/v1/items/{quote['item']}/package", params={"for": GLASSMAKER}).json()
    screen = made(hosted, scope="read")
    before = hosted.rows()
    refused = [
        ("POST", "/v1/events", quoted()),
        ("POST", "/v1/packages", package),
        ("POST", "/v1/verifications", {"dossier": quote["dossier"], "record": True}),
        ("GET", "/v1/keys", None),
        ("POST", "/v1/keys", {"label": "another-1"}),
        ("POST", f"/v1/keys/{id_of(screen)}/rotate", {}),
        ("DELETE", f"/v1/keys/{id_of(screen)}", None),
    ]
    for method, path, body in refused:
        answer = by(hosted, screen, method, path, **({} if body is None else {"json": body}))
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted"), path
    assert hosted.rows() == before

    for path in (f"/v1/items/{quote['item']}", f"/v1/dossiers/{quote['dossier']}", "/v1/inbox", "/v1/access"):
        assert by(hosted, screen, "GET", path).status_code == 200, path
    check = by(hosted, screen, "POST", "/v1/verifications", json={"dossier": quote["dossier"]})
    # The chain is down, so the ledger has no such dossier yet: that is the answer, not the scope.
    assert check.json()["code"] == "not_found"


BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("/v1/keys", {}, "missing_field", "/label"),
    ("/v1/keys", {"label": CANARY + "!"}, "bad_format", "/label"),
    ("/v1/keys", {"label": "1-84-12-76-451-089-46"}, "insured_number", "/label"),
    ("/v1/keys", {"label": "till-of-184127645108946"}, "insured_number", "/label"),
    ("/v1/keys", {"label": "NIR1841276451089"}, "insured_number", "/label"),
    ("/v1/keys", {"label": "till-of-31-07-1952"}, "birth_date", "/label"),
    ("/v1/keys", {"label": "till-1", "scope": CANARY}, "not_a_choice", "/scope"),
    ("/v1/keys", {"label": "till-1", "party": OTHER}, "unknown_field", ""),
    ("/v1/keys", {"label": "till-1", "expires_at": "2001-01-01T00:00:00Z"}, "invalid_record", "/expires_at"),
    ("/v1/keys", {"label": "till-1", "expires_at": "2199-01-01"}, "bad_format", "/expires_at"),
    ("/v1/keys", {"label": "till-1", "expires_in_seconds": 0}, "out_of_range", "/expires_in_seconds"),
    (
        "/v1/keys",
        {"label": "till-1", "expires_in_seconds": 9, "expires_at": "2199-01-01T00:00:00Z"},
        "invalid_record",
        "/expires_in_seconds",
    ),
    (f"/v1/keys/{examples.KEY}/rotate", {"overlap_seconds": -1}, "out_of_range", "/overlap_seconds"),
    (f"/v1/keys/{examples.KEY}/rotate", {"overlap_seconds": 604801}, "out_of_range", "/overlap_seconds"),
    (f"/v1/keys/{CANARY}/rotate", {}, "bad_format", "path key"),
]


@pytest.mark.parametrize(("path", "body", "code", "where"), BAD)
def test_bad_terms_are_refused_with_their_place(
    hosted: Hosted, path: str, body: dict[str, Any], code: str, where: str
) -> None:
    before = hosted.rows()
    answer = hosted.send("POST", path, json=body)

    assert (answer.status_code, answer.json()["code"], answer.json()["where"]) == (422, code, where)
    assert CANARY not in answer.text
    assert hosted.rows() == before


def test_a_party_reads_what_was_done_in_its_name_and_by_which_key(hosted: Hosted) -> None:
    till = made(hosted, label="till-2")
    (quote,) = by(hosted, till, "POST", "/v1/events", json=[quoted()]).json()["events"]
    item, dossier = quote["item"], quote["dossier"]
    hosted.record(ordered(item))
    by(hosted, till, "GET", f"/v1/items/{item}", headers={"Purpose": "support"})
    by(hosted, till, "GET", f"/v1/items/{item}/package?for={GLASSMAKER}")
    found = [row for row in rows(hosted) if row["key"] == id_of(till)]

    acts = [(row["act"], row["purpose"], row["subject"], row["counterparty"], row["fields"]) for row in found]
    assert acts == [
        (
            "package_given",
            "own_work",
            item,
            GLASSMAKER,
            ["coding", "correction", "device", "product", "reference", "supplements"],
        ),
        ("read", "support", item, None, ["cases", "steps", "verdict"]),
        ("list_signed", "own_work", None, None, []),
        ("authenticated", "own_work", None, None, []),
    ]
    assert {row["label"] for row in found} == {"till-2"}
    assert [row["subject"] for row in rows(hosted, subject=item)] == [item, item]
    assert {row["dossier"] for row in rows(hosted, subject=dossier)} == {dossier}
    numbers = [row["number"] for row in rows(hosted)]
    assert numbers == sorted(numbers, reverse=True)


def test_an_optician_reads_who_else_looked_and_not_with_which_key(hosted: Hosted) -> None:
    (quote,) = hosted.record(quoted())
    hosted.record(ordered(quote["item"]), invoiced(quote["dossier"], quote["item"]))
    item, dossier = quote["item"], quote["dossier"]
    package = hosted.send("GET", f"/v1/dossiers/{dossier}/package", params={"for": INSURER}).json()
    assert hosted.send("POST", "/v1/packages", INSURER, json=package).status_code == 201
    headers = {"Purpose": "claim_check"}
    assert by(hosted, hosted.keys[INSURER], "GET", f"/v1/dossiers/{dossier}", headers=headers).status_code == 200
    assert hosted.send("GET", f"/v1/items/{item}", GLASSMAKER).status_code == 404

    others = [row for row in rows(hosted, subject=dossier) if row["party"] != OPTICIAN]
    assert [(row["party"], row["act"], row["purpose"], row["fields"]) for row in others] == [
        (INSURER, "read", "claim_check", ["cases", "steps", "verdict"]),
        (INSURER, "package_taken", "own_work", ["claim", "coding", "price"]),
    ]
    for row in others:
        assert (row["key"], row["label"], row["number"], row["hash"], row["detail"]) == (None,) * 5
    assert rows(hosted, OTHER, subject=dossier) == []
    (denied,) = [row for row in rows(hosted, GLASSMAKER) if row["act"] == "denied"]
    assert (denied["subject"], denied["detail"]) == (item, "read")


def test_reading_the_same_again_and_again_makes_one_row_a_minute(hosted: Hosted) -> None:
    (quote,) = hosted.record(quoted())
    for _ in range(20):
        hosted.send("GET", f"/v1/items/{quote['item']}")

    assert len(rows(hosted, subject=quote["item"])) <= 2


@pytest.mark.parametrize("purpose", ["", CANARY, "audit, support", "AUDIT"])
def test_a_purpose_is_one_of_the_list(hosted: Hosted, purpose: str) -> None:
    answer = by(hosted, hosted.keys[OPTICIAN], "GET", "/v1/status", headers={"Purpose": purpose})

    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_choice")
    assert answer.json()["where"] == "header purpose"
    assert CANARY not in answer.text


def test_a_purpose_is_stated_once_and_a_key_comes_first(hosted: Hosted) -> None:
    headers = [("Authorization", f"Bearer {hosted.keys[OPTICIAN]}"), ("Purpose", "audit"), ("Purpose", "audit")]

    assert hosted.client.get("/v1/status", headers=headers).json()["code"] == "repeated"
    assert hosted.client.get("/v1/status", headers={"Purpose": CANARY}).status_code == 401


def test_nothing_that_was_sent_gets_into_the_log_but_ids(hosted: Hosted) -> None:
    hosted.send("GET", f"/v1/events/{CANARY}")
    hosted.send("GET", "/v1/items", params={"reference": CANARY})
    hosted.send("POST", "/v1/events", json={**quoted(), "item_reference": f"{CANARY}-1"})
    hosted.send("POST", "/v1/events", GLASSMAKER, json={**quoted(), "item_reference": f"{CANARY}-2"})

    assert CANARY not in json.dumps([rows(hosted), rows(hosted, GLASSMAKER)])


def test_pages_of_keys_show_each_once(hosted: Hosted) -> None:
    made(hosted), made(hosted)
    whole = hosted.send("GET", "/v1/keys", params={"limit": 200}).json()["keys"]
    seen: list[Any] = []
    cursor: dict[str, Any] = {}
    while True:
        page = hosted.send("GET", "/v1/keys", params={"limit": 2, **cursor}).json()
        seen += page["keys"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}

    assert seen == whole
    for path in ("/v1/keys", "/v1/access"):
        assert hosted.send("GET", path, params={"cursor": "AAAA"}).json()["code"] == "bad_cursor"
