"""
The API does what its own OpenAPI document says, whoever asks: schemathesis makes the requests and looks at the answers.

The run of every change is a small one with a fixed seed. A long one, of so many seconds, with a seed that it prints:

    OPENAPI_SECONDS=600 scripts/test --only pytest tests/hostile/test_openapi.py -s
    OPENAPI_SECONDS=600 OPENAPI_SEED=1234 …     the same again
"""

import json
import os
import secrets
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import cycle, product
from pathlib import Path
from typing import Any, Final

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.app import create_app
from app.api.limits import Gate
from app.api.problems import MEDIA_TYPE
from app.services.api_keys import id_of
from app.store.registry import Role
from tests.api.fake import OPTICIAN, FakeGateway
from tests.api.serving import served
from tests.hostile.house import PLENTY, House
from tests.hostile.live import anchored_house
from tests.hostile.openapi_hooks import OWN_KEY, SHARE, SHARES
from tests.hostile.table import ACTORS, TABLE
from tests.hostile.trade import sale
from tests.support.postgres import Server

HERE: Final = Path(__file__).resolve().parent
SECONDS: Final = int(os.environ.get("OPENAPI_SECONDS", "0"))
SEED: Final = int(os.environ.get("OPENAPI_SEED", secrets.randbits(32) if SECONDS else 29))
ASKERS: Final = (*ACTORS, None)
DATABASES: Final = ("sqlite", "postgresql")
RUNS: Final = list(product(ASKERS, DATABASES)) if SECONDS else list(zip(ASKERS, cycle(DATABASES)))
"""Who asks a gateway on which database: in a long run each on each, in a small one by turns."""

AMOUNT: Final = ["--max-time", str(max(1, SECONDS // len(RUNS)))] if SECONDS else ["--max-examples", "3"]
SHARES_OF_ALL: Final = 1 if SECONDS else 10

Counted = Counter[tuple[str, str, str]]


def checked(url: str, key: str | None, share: int, report: Path, *more: str) -> dict[str, Any]:
    """Have all checks done on the API at `url` with this key; gives the report."""
    shown = [] if key is None else ["--header", f"Authorization: Bearer {key}"]
    told = ["--report", "json", "--report-json-path", str(report), "--no-color", "--generation-database", "none"]
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "openapi.toml"), "run"]
    done = subprocess.run(
        [*command, f"{url}/openapi.json", "--checks", "all", "--seed", str(SEED), *shown, *told, *more],
        cwd=HERE.parents[1],
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.hostile.openapi_hooks",
            "PYTHONPATH": str(HERE.parents[1]),
            OWN_KEY: "" if key is None else id_of(key),
            SHARE: str(share % SHARES_OF_ALL),
            SHARES: str(SHARES_OF_ALL),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    sys.stdout.write(done.stdout)
    found: dict[str, Any] = json.loads(report.read_text())
    assert found["exit_code"] == done.returncode, done.stderr
    return found


def counted(house: House) -> Counted:
    """What was answered so far, by method, route and status."""
    found: Counted = Counter()
    for family in text_string_to_metric_families(house.client.get("/metrics").text):
        for sample in family.samples:
            if sample.name == "optitrace_http_requests_total":
                labels = sample.labels
                found[labels["method"], labels["route"], labels["status"]] = int(sample.value)
    return found


@pytest.fixture(scope="module")
def hosted(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], House]]:
    """A gateway on a database of each kind, with a sale in it, as soon as somebody asks for it."""
    found: dict[str, House] = {}

    def get(database: str) -> House:
        if database not in found:
            server: Server | None = request.getfixturevalue("postgres") if database == "postgresql" else None
            url = server.new_database() if server else f"sqlite:///{tmp_path_factory.mktemp('openapi')}/gateway.db"
            found[database] = stack.enter_context(anchored_house(url))
            sale(found[database])
        return found[database]

    with ExitStack() as stack:
        yield get


def within_reach(asker: Role | None) -> set[tuple[str, str]]:
    """The operations without an id of anything that this asker may do; nobody who makes up requests can seal one."""
    rows = {act: row for act, row in TABLE.items() if act.count(" ") == 1 and "{" not in act and row.ids == ("own",)}
    del rows["POST /v1/exchange"]
    return {
        (method, path)
        for act, row in rows.items()
        for method, path in [act.split(" ")]
        if row.open or (asker is not None and row.expected(asker, "own") < 300)
    }


@pytest.mark.parametrize(("asker", "database"), RUNS)
def test_the_api_does_what_its_document_says(
    hosted: Callable[[str], House], asker: Role | None, database: str, tmp_path: Path
) -> None:
    house = hosted(database)
    before = counted(house)
    key = None if asker is None else house.keys[ACTORS[asker]]

    report = checked(str(house.client.base_url), key, ASKERS.index(asker), tmp_path / "report.json", *AMOUNT)

    assert report["failures"] == report["errors"] == [], f"seed {SEED}"
    assert {phase["status"] for phase in report["phases"].values()} == {"success"}
    assert report["operations"]["tested"] == report["operations"]["total"]
    answered = counted(house) - before
    assert [(*which, many) for which, many in answered.items() if which[2] >= "500" and which[1] != "/readyz"] == []
    assert within_reach(asker) <= {which[:2] for which in answered if which[2] < "300"}


def spoilt(app: ASGIApp) -> ASGIApp:
    """An API with a fault of each kind in it."""
    answers = {
        "/healthz": JSONResponse({"status": "serving"}, 500),
        "/metrics": Response("<up/>", 200, media_type="application/xml"),
        "/v1/status": Response(status_code=418),
        "/v1/parties": JSONResponse({"everybody": []}),
        "/v1/inbox": JSONResponse({"code": "wrong_type"}, 422, media_type=MEDIA_TYPE),
    }

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await answers.get(scope["path"], app)(scope, receive, send)

    return answer


def test_a_fault_of_each_kind_is_found(tmp_path: Path) -> None:
    app = create_app(FakeGateway(), production=False, gate=Gate(PLENTY))
    app.add_middleware(spoilt)
    with served(app) as client:
        report = checked(
            str(client.base_url), OPTICIAN, 0, tmp_path / "report.json",
            "--max-examples", "3", "--include-path-regex", "^/(healthz|metrics|v1/(status|parties|inbox|keys))$",
        )  # fmt: skip

    found = {(failure["type"], operation) for failure in report["failures"] for operation in failure["operations"]}
    assert found >= {
        ("ServerError", "GET /healthz"),
        ("UndefinedContentType", "GET /metrics"),
        ("UndefinedStatusCode", "GET /v1/status"),
        ("IgnoredAuth", "GET /v1/parties"),
        ("JsonSchemaError", "GET /v1/parties"),
        ("AcceptedNegativeData", "GET /v1/parties"),
        ("RejectedPositiveData", "GET /v1/inbox"),
    }
