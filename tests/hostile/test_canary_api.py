"""No value of a record or of a wearer comes back to whom it does not concern, or is written down on the way."""

import io
import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import event

from app.domain.steps import DOSSIER_GROUPS, GROUPS
from app.store.registry import Role
from tests.hostile.house import House, house
from tests.hostile.marked import AS_JSON, HEALTH, NAME, OURS, THEIRS, WEARER, spoilt
from tests.hostile.matrix import Request, Scene
from tests.hostile.table import ACTORS, TABLE
from tests.hostile.trade import INSURER, MAKER, ROLES, SHOP
from tests.support.canary import Canaries, Hit
from tests.support.listening import debugging, told

BODY_SECONDS = 0.2
WAIT_SECONDS = 0.2
OPENED = {
    (SHOP, MAKER): frozenset({"product", "supplements", "correction"}),
    (SHOP, INSURER): frozenset({"coding", "price", "claim", "cover"}),
    (MAKER, SHOP): frozenset({"device", "reference"}),
    (INSURER, SHOP): frozenset({"grant"}),
}
"""The groups whose values a package from the one to the other holds."""
HELD = {
    SHOP: frozenset(HEALTH),
    MAKER: frozenset({"product", "supplements", "correction", "coding", "device", "reference"}),
    INSURER: frozenset({"coding", "price", "claim", "cover", "grant"}),
}
"""The groups whose values each party holds of its own sale."""

EVERYTHING = Canaries(value for values in (WEARER, *HEALTH.values()) for value in values)


@dataclass
class Watched:
    """A house with marked values in it; everything that it answers and writes is searched."""

    house: House
    written: io.StringIO
    scenes: dict[str, Scene] = field(default_factory=dict)
    hits: list[tuple[str, Hit]] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)

    def scene(self, act: str) -> Scene:
        """Where `act` comes next, in two sales with marked values; made once."""
        name = Scene.name(act)
        if name not in self.scenes:
            self.scenes[name] = Scene.before(self.house, act, (OURS, THEIRS))
        return self.scenes[name]

    def send(self, what: str, role: Role, request: Request, opened: frozenset[str] = frozenset(), **more: Any) -> Any:
        """Send a request, search the answer for all but the groups that it may open, and give it."""
        body = {} if request.body is None else {"json": request.body}
        key = self.house.keys[ACTORS[role]]
        answer = self.house.by(key, request.method, request.path, params=dict(request.query), **body, **more)
        self.statuses.add(answer.status_code)
        self.search(f"the answer to {what} by {role.label}", told(answer), opened)
        return answer

    def search(self, where: str, text: bytes, opened: frozenset[str] = frozenset()) -> None:
        """Note every marked value in `text`, but for those of the groups that it may open."""
        allowed = {value for group in opened for value in HEALTH[group]}
        self.hits += [(where, hit) for hit in EVERYTHING.search(text) if hit.value not in allowed]

    def search_what_was_written(self) -> None:
        """Search the log and the counts."""
        self.search("the log", self.written.getvalue().encode())
        self.search("the counts", told(self.house.client.get("/metrics")))


@contextmanager
def watching(database_url: str) -> Iterator[Watched]:
    with (
        debugging() as written,
        house(database_url, ROLES, body_seconds=BODY_SECONDS, wait_seconds=WAIT_SECONDS) as served,
    ):
        yield Watched(served, written)


@pytest.fixture(scope="module")
def shared(new_database: Callable[[], str]) -> Iterator[Watched]:
    with watching(new_database()) as found:
        yield found


@pytest.fixture
def watched(shared: Watched) -> Watched:
    """A house that other tests know too; who changes what the scenes hold clears them."""
    return Watched(shared.house, shared.written, shared.scenes)


@pytest.fixture
def leaking(database_url: str) -> Iterator[Watched]:
    """A house of its own, for what must not lie about in another."""
    with watching(database_url) as found:
        yield found


@contextmanager
def failing(served: House, at: int) -> Iterator[None]:
    """Let the database fail at the statement of this number, with an error that holds all that was to be written."""
    count = 0

    def fail(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        nonlocal count
        count += 1
        if count == at:
            raise RuntimeError(f"{NAME}: {statement} with {parameters}")

    engine = served.gateway.ground.database.engine
    event.listen(engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", fail)


def slow(body: Any) -> dict[str, Any]:
    """A body that stops before its end."""

    def pieces() -> Iterator[bytes]:
        yield json.dumps(body).encode()[:-1]
        time.sleep(3 * BODY_SECONDS)
        yield b"}"

    return {"content": pieces(), **AS_JSON}


def opened_by(act: str, role: Role, whose: str, request: Request) -> frozenset[str]:
    """The groups whose values the answer to a request may hold: a package does, and what a party itself holds."""
    if act.endswith("/openings") and whose == "own":
        return HELD.get(ACTORS[role], frozenset())
    if not act.endswith("/package") or whose != "own":
        return frozenset()
    return OPENED.get((ACTORS[role], int(str(request.query["for"]))), frozenset())


def own_request(watched: Watched, act: str) -> tuple[Role, Request]:
    """A lawful request, and a role that may send it."""
    lawful = (role for role in ACTORS if TABLE[act].expected(role, "own") not in (403, 422))
    # A scene has one sale of one's own, and none replaces itself.
    role = next(lawful, Role.OPTICIAN)
    return role, watched.scene(act).request(act, role, "own")


def test_what_is_wrong_with_a_request_is_told_without_a_word_of_it(watched: Watched) -> None:
    for act in TABLE:
        role, request = own_request(watched, act)
        opened = opened_by(act, role, "own", request)
        for what, changed, more in spoilt(request):
            watched.send(f"{act} with {what}", role, changed, opened, **more)
    watched.search_what_was_written()

    assert watched.hits == []
    assert watched.statuses >= {400, 401, 404, 405, 415, 422}


def test_a_failure_of_ours_or_a_body_that_does_not_come_tells_nothing(watched: Watched) -> None:
    for act in TABLE:
        role, request = own_request(watched, act)
        for at in (1, 3, 6):
            with failing(watched.house, at):
                watched.send(f"{act}, failing at statement {at}", role, request, opened_by(act, role, "own", request))
        if request.body is not None:
            watched.send(f"{act}, given up", role, replace(request, body=None), **slow(request.body))
    watched.search_what_was_written()

    assert watched.hits == []
    assert watched.statuses >= {408, 500}


def test_what_is_lawful_opens_to_each_only_what_it_may_see(watched: Watched) -> None:
    for act, row in TABLE.items():
        for role in ACTORS:
            for whose in reversed(row.ids):
                request = watched.scene(act).request(act, role, whose)
                watched.send(act, role, request, opened_by(act, role, whose, request))
    scene = watched.scene("GET /v1/status")
    for kind, name in (("item", scene.own.item), ("dossier", scene.own.dossier)):
        request = Request("GET", f"/v1/{kind}s/{name}/package", {"for": INSURER})
        watched.send("a package for the insurer", Role.OPTICIAN, request, OPENED[SHOP, INSURER])
    watched.search_what_was_written()
    watched.scenes.clear()

    assert watched.hits == []


def test_what_waits_for_the_chain_until_its_time_is_up_or_its_client_gone_tells_nothing(watched: Watched) -> None:
    waited = []
    holding = {f"POST /v1/events {kind.label}" for kind in (*GROUPS, *DOSSIER_GROUPS)}
    for act in (each for each in TABLE if each in holding):
        role, request = own_request(watched, act)
        answer = watched.send(f"{act}, waiting", role, replace(request, query={"wait": "anchored"}))
        waited += [answer.elapsed.total_seconds()] if answer.status_code == 202 else []
    mine = watched.scene("POST /v1/events quoted").request("POST /v1/events quoted", Role.OPTICIAN, "own")
    with pytest.raises(httpx.ReadTimeout):
        watched.send("a wait", Role.OPTICIAN, replace(mine, query={"wait": "anchored"}), timeout=WAIT_SECONDS / 2)
    time.sleep(2 * WAIT_SECONDS)
    watched.search_what_was_written()
    watched.scenes.clear()

    assert watched.hits == []
    assert (len(waited) > 6, min(waited) > WAIT_SECONDS) == (True, True)


def test_a_leak_is_found_in_an_answer_and_in_each_log(leaking: Watched) -> None:
    watched, scene = leaking, leaking.scene("GET /v1/status")
    structlog.get_logger("app").debug("seen", of=NAME)
    logging.getLogger("uvicorn.error").debug("seen %s %s", OURS.correction, OURS.statement)

    for sender, recipient in OPENED:
        request = Request("GET", f"/v1/dossiers/{scene.own.dossier}/package", {"for": recipient})
        watched.send(f"a package for {recipient}", ROLES[sender], request)
    watched.search_what_was_written()

    found = {(where, hit.value) for where, hit in watched.hits}
    for (sender, recipient), groups in OPENED.items():
        answer = f"the answer to a package for {recipient} by {ROLES[sender].label}"
        assert {value for where, value in found if where == answer} == set().union(*map(ours, groups))
    in_the_log = {NAME, "ZZQXJVOLE", *ours("correction"), *ours("statement")}
    assert {value for where, value in found if where == "the log"} == in_the_log


def ours(group: str) -> set[str]:
    """The marked values of our own sale."""
    return set(HEALTH[group]) & set(json.dumps(getattr(OURS, group)).replace('"', " ").split())
