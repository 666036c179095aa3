"""What surrounds every request: keys, headers, the log, the counts, and failures of our own."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

from app.api import examples
from app.api.app import create_app
from app.api.middleware import HEADERS, TRANSPORT_SECURITY
from app.errors import QueueFull, StoreUnavailable
from tests.api.conftest import Api
from tests.api.fake import OPTICIAN, FakeGateway
from tests.api.serving import served

CANARY = "ZZQXJVOLE"
PATHS = ["/healthz", "/metrics", "/v1/status", "/v1/items?limit=0", "/nowhere", "/docs", "/openapi.json"]


@pytest.fixture
def log() -> Iterator[list[Any]]:
    """Every log line of every level, as data."""
    capture = LogCapture()
    before = structlog.get_config()
    structlog.configure(processors=[capture])
    yield capture.entries
    structlog.configure(**before)


def lines(log: list[Any], event: str) -> list[dict[str, Any]]:
    return [line for line in log if line["event"] == event]


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        OPTICIAN,
        f"Basic {OPTICIAN}",
        f"Bearer  {OPTICIAN}",
        f"Bearer {OPTICIAN} ",
        f"Bearer {OPTICIAN}0",
        f"Bearer {OPTICIAN.upper()}",
        f"Bearer {OPTICIAN[:-1]}0",
        f"Bearer {OPTICIAN}, Bearer {OPTICIAN}",
    ],
)
def test_what_is_no_key_is_unauthorized(api: Api, header: str | None) -> None:
    answer = api.send("GET", "/v1/status", None, headers={} if header is None else {"Authorization": header.strip()})

    if header is not None and header.strip() == f"Bearer {OPTICIAN}":
        assert answer.status_code == 200
        return
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="optitrace"'
    assert answer.json()["code"] == "unauthorized"


def test_only_what_looks_like_a_key_is_looked_up(api: Api) -> None:
    api.send("GET", "/v1/status", None, headers={"Authorization": "Bearer ' or 1=1 --"})
    assert api.gateway.looked_up == []

    api.send("GET", "/v1/status", OPTICIAN[:-1] + "0")
    assert len(api.gateway.looked_up) == 1


def test_two_keys_are_none(api: Api) -> None:
    one = ("Authorization", f"Bearer {OPTICIAN}")

    assert api.client.get("/v1/status", headers=[one, one]).status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_headers_that_keep_it_where_it_belongs(api: Api, path: str) -> None:
    answer = api.send("GET", path)

    for name, value in HEADERS.items():
        if (path, name) != ("/docs", "Content-Security-Policy"):
            assert answer.headers[name] == value, name
    assert len(answer.headers["X-Request-Id"]) == 16
    assert "Strict-Transport-Security" not in answer.headers


def test_in_production_there_is_no_documentation_and_transport_stays_secure() -> None:
    with served(create_app(FakeGateway(), production=True)) as client:
        for path in ("/docs", "/openapi.json", "/docs/assets/start.js", "/redoc"):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "no_such_route")
            assert answer.headers["Strict-Transport-Security"] == TRANSPORT_SECURITY


def test_the_routers_own_refusals_are_problem_details(api: Api) -> None:
    absent = api.send("GET", f"/v1/{CANARY}")
    wrong = api.send("DELETE", "/v1/status")

    assert (absent.status_code, absent.json()["code"]) == (404, "no_such_route")
    assert (wrong.status_code, wrong.json()["code"], wrong.headers["allow"]) == (405, "method_not_allowed", "GET")
    assert CANARY not in absent.text
    for path in ("/v1/status/", "/v1//status", "/V1/status", "/v1/status;x", "/v1"):
        assert api.send("GET", path).status_code == 404, path


def test_a_refused_method_is_told_all_that_the_path_has(api: Api) -> None:
    paths = api.send("GET", "/openapi.json").json()["paths"]
    told = {path: api.send("OPTIONS", path).headers["allow"] for path in paths}

    assert told == {path: ", ".join(sorted(method.upper() for method in paths[path])) for path in paths}
    assert told["/v1/keys"] == "GET, POST"


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PATCH"])
def test_methods_that_nobody_offers_are_refused(api: Api, method: str) -> None:
    headers = {"Origin": "https://elsewhere.example", "X-HTTP-Method-Override": "GET"}
    answer = api.send(method, "/v1/status", headers=headers)

    assert answer.status_code == 405
    assert "access-control-allow-origin" not in answer.headers


def fail() -> None:
    raise RuntimeError(f"the correction {CANARY} is odd")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/status", None),
        ("GET", f"/v1/items/{examples.ITEM}", None),
        ("GET", "/readyz", None),
        ("POST", "/v1/events", examples.QUOTED),
        ("POST", "/v1/packages", examples.PACKAGE_DOCUMENT),
    ],
)
def test_a_failure_of_ours_tells_nothing_but_the_requests_name(
    api: Api, log: list[Any], method: str, path: str, body: Any
) -> None:
    api.gateway.fails = fail
    answer = api.send(method, path, json=body) if body else api.send(method, path)

    assert answer.status_code == 500
    problem = answer.json()
    assert (problem["code"], problem["where"]) == ("unexpected", None)
    assert problem["instance"].endswith(answer.headers["X-Request-Id"])
    assert CANARY not in answer.text
    (failed,) = lines(log, "failed")
    assert failed["error"] == "RuntimeError"
    assert "fail" in failed["places"][-1]
    assert CANARY not in repr(log)
    # What an earlier test asked may be noted only now.
    assert api.settled(lambda: [line["status"] for line in lines(log, "request")][-1:] == [500])


def test_an_answer_that_does_not_fit_its_own_schema_is_a_failure_without_its_values(
    log: list[Any],
) -> None:
    class Wrong(FakeGateway):
        def readiness(self) -> tuple[bool, str]:
            return CANARY, 7  # type: ignore[return-value]

    with served(create_app(Wrong(), production=False)) as client:
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["code"]) == (500, "unexpected")
    assert CANARY not in answer.text + repr(log)


def test_a_store_that_is_away_says_when_to_come_again(api: Api) -> None:
    def away() -> None:
        raise StoreUnavailable("the database does not answer")

    api.gateway.fails = away
    answer = api.send("GET", "/v1/status")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_a_full_disk_has_its_own_status(api: Api) -> None:
    def full() -> None:
        raise QueueFull("the disk is too full to accept more")

    api.gateway.fails = full
    assert api.send("POST", "/v1/events", json=examples.QUOTED).status_code == 507


def test_a_log_line_names_the_route_and_never_what_was_asked_for(api: Api, log: list[Any]) -> None:
    api.send("GET", f"/v1/items/{examples.ITEM}")
    api.send("GET", f"/v1/items?reference={CANARY}1")
    api.send("GET", f"/{CANARY}?{CANARY}={CANARY}")
    api.send("POST", "/v1/events", json={**examples.QUOTED, "item_reference": f"{CANARY}1"})
    api.send("POST", "/v1/events", json={**examples.QUOTED, CANARY: CANARY}, headers={"X-Surname": CANARY})
    api.client.request(CANARY, "/v1/status")

    expected = [
        ("GET", "/v1/items/{item}", 200, None),
        ("GET", "/v1/items", 200, None),
        ("GET", "unmatched", 404, "no_such_route"),
        ("POST", "/v1/events", 202, None),
        ("POST", "/v1/events", 422, "unknown_field"),
        ("other", "/v1/status", 405, "method_not_allowed"),
    ]

    def told() -> list[dict[str, Any]]:
        # What an earlier test asked of this gateway may be noted only now.
        return lines(log, "request")[-len(expected) :]

    def seen() -> bool:
        return [(line["method"], line["route"], line["status"], line["code"]) for line in told()] == expected

    assert api.settled(seen), told()
    assert {line["party"] for line in told()[:2]} == {examples.OPTICIAN}
    assert all(len(line["request"]) == 16 and line["milliseconds"] >= 0 for line in told())
    written = json.dumps(log)
    assert CANARY not in written
    assert examples.ITEM not in written
    assert OPTICIAN not in written


def test_requests_are_counted_by_route_and_status_beside_the_gateways_own_measures(uncounted: Api) -> None:
    uncounted.send("POST", "/v1/events", json=examples.QUOTED)
    uncounted.send("GET", f"/v1/items/{examples.ITEM}")
    uncounted.send("GET", f"/v1/items/{'0' * 32}")
    uncounted.send("GET", f"/{CANARY}")

    def text() -> str:
        return uncounted.send("GET", "/metrics", None).text

    assert uncounted.settled(lambda: 'route="unmatched",status="404"} 1.0' in text())
    assert 'optitrace_http_requests_total{method="POST",route="/v1/events",status="202"} 1.0' in text()
    assert 'optitrace_http_requests_total{method="GET",route="/v1/items/{item}",status="200"} 1.0' in text()
    assert 'optitrace_http_requests_total{method="GET",route="/v1/items/{item}",status="404"} 1.0' in text()
    assert "optitrace_events_waiting 1.0" in text()
    assert CANARY not in text()
    assert examples.ITEM not in text()


def test_the_documentation_page_loads_from_here_alone(api: Api) -> None:
    page = api.client.get("/docs")

    assert "http" not in page.text
    assert "script-src 'self';" in page.headers["content-security-policy"]
    loaded = {
        name: api.client.get(f"/docs/assets/{name}") for name in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js")
    }
    for name, answer in loaded.items():
        assert f"docs/assets/{name}" in page.text
        assert answer.status_code == 200
        assert len(answer.content) > 100
    assert loaded["start.js"].headers["content-type"].startswith("text/javascript")
    assert api.client.get("/docs/assets/..%2fopenapi.py").status_code == 404
    assert api.client.get("/docs/assets/absent.js").json()["code"] == "no_such_route"
