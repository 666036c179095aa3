"""Bad input over the wire: each gets its own answer, repeats nothing of what was sent, and records nothing."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.api import examples
from app.api.app import create_app
from app.api.deps import LARGE_BODY, SMALL_BODY
from app.api.problems import MEDIA_TYPE, Problem
from tests.api.conftest import Api
from tests.api.fake import AUDITOR, INSURER, OPTICIAN, OTHER, SUSPENDED_KEY, FakeGateway
from tests.api.serving import served

CANARY = "ZZQXJVOLE"


def quoted(**change: Any) -> bytes:
    return json.dumps({**examples.QUOTED, **change}).encode()


def refused(answer: httpx.Response, status: int, code: str) -> Problem:
    """The problem in `answer`, which is of this status and code and repeats nothing."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE), answer.text
    problem = Problem.model_validate(answer.json(), strict=True)
    assert problem.status == status
    assert problem.type == f"urn:optitrace:problem:{problem.code}"
    assert problem.code == code
    assert problem.title
    assert problem.detail
    assert problem.mend
    assert problem.instance == f"urn:optitrace:request:{answer.headers['x-request-id']}"
    assert CANARY.lower() not in (answer.text + str(answer.headers)).lower()
    return problem


def untouched(api: Api) -> bool:
    """Whether nothing got through to the gateway."""
    return not (api.gateway.recorded or api.gateway.taken or api.gateway.checked)


BODIES: list[tuple[str, bytes, int, str]] = [
    ("nothing", b"", 400, "bad_json"),
    ("no JSON", CANARY.encode(), 400, "bad_json"),
    ("NaN", b'{"type": NaN, "x": "' + CANARY.encode() + b'"}', 400, "bad_number"),
    ("1e999", b'[{"glassmaker": 1e999}]', 400, "bad_number"),
    ("a float", b'{"glassmaker": 1.0}', 400, "bad_number"),
    ("5,000 digits", b'{"glassmaker": ' + b"7" * 5000 + b"}", 400, "bad_number"),
    ("duplicate keys", b'{"type": "quoted", "type": "' + CANARY.encode() + b'"}', 400, "duplicate_key"),
    ("broken UTF-8", b'{"type": "' + CANARY.encode() + b'\xff"}', 400, "bad_encoding"),
    ("UTF-16", quoted().decode().encode("utf-16"), 400, "bad_encoding"),
    ("a byte order mark", b"\xef\xbb\xbf" + quoted(), 400, "bad_encoding"),
    ("NUL", quoted(item_reference=CANARY + "\0"), 400, "bad_encoding"),
    ("half a surrogate pair", quoted(item_reference="\ud800" + CANARY), 400, "bad_encoding"),
    ("200,000 levels", b'{"type":' * 200_000, 413, "too_complex"),
    ("a number for an event", b"7", 422, "wrong_type"),
    ("null", b"null", 422, "wrong_type"),
    ("text for an event", f'"{CANARY}"'.encode(), 422, "wrong_type"),
    ("an empty list", b"[]", 422, "out_of_range"),
    ("a list in a list", b"[[]]", 422, "wrong_type"),
    ("no type", b'{"item": "' + CANARY.encode() + b'"}', 422, "missing_field"),
    ("an unknown type", quoted(type=CANARY), 422, "unknown_type"),
    ("an unknown field", quoted(**{CANARY: CANARY}), 422, "unknown_field"),
    ("a wearer's name", quoted(wearer={"name": CANARY}), 422, "unknown_field"),
    ("1,001 events", json.dumps([examples.QUOTED] * 1001).encode(), 413, "too_many_events"),
    ("100,000 list items", b"[" + b"{}," * 99_999 + b"{}]", 413, "too_complex"),
    ("one bad event of two", json.dumps([examples.QUOTED, {"type": "shipped"}]).encode(), 422, "missing_field"),
]


@pytest.mark.parametrize(("body", "status", "code"), [c[1:] for c in BODIES], ids=[c[0] for c in BODIES])
def test_a_bad_body_is_refused_and_leaves_nothing(api: Api, body: bytes, status: int, code: str) -> None:
    refused(api.post("/v1/events", body), status, code)

    assert untouched(api)


@pytest.mark.parametrize("path", ["/v1/packages", "/v1/verifications"])
@pytest.mark.parametrize(("body", "status"), [c[1:3] for c in BODIES], ids=[c[0] for c in BODIES])
def test_a_bad_body_is_refused_by_every_operation(api: Api, path: str, body: bytes, status: int) -> None:
    answer = api.post(path, body)

    assert answer.status_code in (400, 413, 422)
    assert CANARY.lower() not in answer.text.lower()
    assert untouched(api)
    if status == 400:
        assert answer.status_code == 400


def test_an_unknown_field_is_placed_by_its_parent(api: Api) -> None:
    body = quoted(price={**examples.QUOTED["price"], CANARY: "1"})

    assert refused(api.post("/v1/events", body), 422, "unknown_field").where == "/price"


def test_all_faults_are_told_at_once(api: Api) -> None:
    problem = refused(api.post("/v1/events", quoted(product=CANARY, price=7)), 422, "wrong_type")

    assert problem.errors is not None
    assert [fault.where for fault in problem.errors] == ["/product", "/price"]


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/v1/events", LARGE_BODY), ("/v1/packages", LARGE_BODY), ("/v1/verifications", SMALL_BODY)],
)
def test_a_body_over_the_limit_is_refused_however_it_is_sent(api: Api, path: str, limit: int) -> None:
    at_limit, over = b'"' + b"x" * (limit - 2) + b'"', b'"' + b"x" * (limit - 1) + b'"'

    def pieces(body: bytes) -> Iterator[bytes]:
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    headers = {"Content-Type": "application/json"}
    assert api.post(path, at_limit).status_code == 422
    assert api.send("POST", path, content=pieces(at_limit), headers=headers).status_code == 422
    refused(api.post(path, over), 413, "too_large")
    refused(api.send("POST", path, content=pieces(over), headers=headers), 413, "too_large")
    assert untouched(api)


def test_a_body_announced_as_too_long_costs_no_look_at_the_key(api: Api) -> None:
    refused(api.post("/v1/events", b" " * (10 * 1024 * 1024)), 413, "too_large")

    assert api.gateway.looked_up == []


def test_without_a_key_a_body_is_not_read(api: Api) -> None:
    head = _head(api, "/v1/events", "Transfer-Encoding: chunked")

    assert _answer(api, head, close=False).startswith(b"HTTP/1.1 401")


def test_a_body_shorter_than_announced_records_nothing(api: Api) -> None:
    body = quoted()
    head = _head(api, "/v1/events", f"Content-Length: {len(body) + 5}", key=OPTICIAN)

    assert _answer(api, head + body, close=True) == b""
    assert api.send("GET", "/healthz").status_code == 200
    assert untouched(api)


def test_a_body_that_trickles_in_is_given_up() -> None:
    gateway = FakeGateway()

    def trickle() -> Iterator[bytes]:
        for _ in range(200):
            yield b" "
            time.sleep(0.02)

    with served(create_app(gateway, production=False, body_seconds=0.3)) as client:
        api = Api(client, gateway)
        answer = api.send("POST", "/v1/events", content=trickle(), headers={"Content-Type": "application/json"})

    refused(answer, 408, "slow_request")
    assert untouched(api)


def test_a_body_longer_than_announced_ends_where_it_was_announced(api: Api) -> None:
    body = quoted()
    head = _head(api, "/v1/events", "Content-Length: 10", key=OPTICIAN)

    assert _answer(api, head + body, close=False).startswith(b"HTTP/1.1 400")
    assert untouched(api)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/problem+json"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {},
    ],
)
def test_only_plain_json_is_read(api: Api, headers: dict[str, str]) -> None:
    refused(api.send("POST", "/v1/events", content=quoted(), headers=headers), 415, "unsupported_media")

    assert untouched(api)


def test_json_may_name_its_only_encoding(api: Api) -> None:
    headers = {"Content-Type": "application/json; charset=UTF-8"}

    assert api.send("POST", "/v1/events", content=quoted(), headers=headers).status_code == 202


QUERIES: list[tuple[str, str]] = [
    ("/v1/items?limit=0", "out_of_range"),
    ("/v1/items?limit=201", "out_of_range"),
    ("/v1/items?limit=1000000000", "out_of_range"),
    (f"/v1/items?limit={CANARY}", "wrong_type"),
    ("/v1/items?limit=5_0", "wrong_type"),
    ("/v1/items?limit=%205", "wrong_type"),
    ("/v1/items?limit=5.0", "wrong_type"),
    ("/v1/items?limit=-1", "wrong_type"),
    ("/v1/items?limit=", "wrong_type"),
    ("/v1/items?limit=1&limit=2", "repeated"),
    (f"/v1/items?{CANARY}=1", "unknown_field"),
    (f"/v1/items?page=1&reference={CANARY}1", "unknown_field"),
    (f"/v1/items?state={CANARY}", "not_a_choice"),
    (f"/v1/items?reference={CANARY}1%20Anne", "bad_format"),
    (f"/v1/items?since={CANARY}", "bad_format"),
    (f"/v1/items?cursor={CANARY}%00", "bad_format"),
    (f"/v1/dossiers?cursor={CANARY}", "bad_cursor"),
    ("/v1/inbox?cursor=", "bad_format"),
    ("/v1/parties?limit=0", "out_of_range"),
    (f"/v1/status?{CANARY}", "unknown_field"),
    (f"/v1/items/{CANARY}", "bad_format"),
    (f"/v1/events/{CANARY}%20", "bad_format"),
    (f"/v1/items/{examples.ITEM}/package", "missing_field"),
    (f"/v1/items/{examples.ITEM}/package?for={CANARY}", "wrong_type"),
    (f"/v1/items/{examples.ITEM}/package?for=0", "out_of_range"),
    ("/v1/audit/events?from_sequence=-1", "wrong_type"),
    (f"/v1/audit/events?from_sequence={2**63}", "out_of_range"),
    ("/v1/items?page=1000000000", "unknown_field"),
]


@pytest.mark.parametrize(("path", "code"), QUERIES)
def test_a_bad_parameter_is_refused(api: Api, path: str, code: str) -> None:
    refused(api.send("GET", path, AUDITOR), 422, code)


def test_the_largest_number_that_the_document_allows_is_taken(api: Api) -> None:
    assert api.send("GET", f"/v1/audit/events?from_sequence={2**63 - 1}", AUDITOR).status_code == 200


@pytest.mark.parametrize("wait", ["", "true", CANARY])
def test_a_wait_for_something_else_records_nothing(api: Api, wait: str) -> None:
    answer = api.post(f"/v1/events?wait={wait}", quoted())

    assert refused(answer, 422, "not_a_choice").where == "query wait"
    assert untouched(api)


def test_what_the_core_refuses_is_told_with_its_own_code(api: Api) -> None:
    shipped = json.dumps({"type": "shipped", "item": examples.ITEM}).encode()
    received = json.dumps({"type": "received", "item": "0" * 32}).encode()

    refused(api.post("/v1/events", shipped), 403, "not_permitted")
    refused(api.post("/v1/events", received), 409, "out_of_sequence")
    refused(api.post("/v1/events", quoted(), SUSPENDED_KEY), 403, "party_suspended")
    refused(api.send("GET", "/v1/audit/events", INSURER), 403, "not_permitted")
    assert untouched(api)


def test_anothers_dossier_is_answered_like_one_that_is_not_there(api: Api) -> None:
    def told(name: str, key: str) -> dict[str, Any]:
        answer = api.send("GET", f"/v1/dossiers/{name}", key)
        return {**refused(answer, 404, "not_found").model_dump(), "instance": None}

    assert told(examples.DOSSIER, OTHER) == told("0" * 32, OTHER) == told("0" * 32, OPTICIAN)


def _head(api: Api, path: str, length: str, key: str | None = None) -> bytes:
    lines = [f"POST {path} HTTP/1.1", f"Host: {api.client.base_url.host}", "Content-Type: application/json", length]
    if key is not None:
        lines.append(f"Authorization: Bearer {key}")
    return "\r\n".join([*lines, "", ""]).encode()


def _answer(api: Api, sent: bytes, *, close: bool) -> bytes:
    """The first bytes that come back for `sent`; `close` ends our side after it."""
    with socket.create_connection((api.client.base_url.host, api.client.base_url.port or 80), 10) as connection:
        connection.sendall(sent)
        if close:
            connection.shutdown(socket.SHUT_WR)
        return connection.recv(4096)
