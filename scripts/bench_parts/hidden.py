"""How long an answer about another party's object takes, beside one about an object that is not there."""

from __future__ import annotations

import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator

import structlog

from app.store.registry import Role
from tests.hostile.house import House, house
from tests.hostile.matrix import Request, Scene
from tests.hostile.trade import OTHER_SHOP, ROLES, SHOP

ROUNDS = 300
ACTS = ("GET /v1/items/{item}", "GET /v1/dossiers/{dossier}", "GET /v1/events/{event}", "POST /v1/verifications")


def figures() -> Iterator[str]:
    """A line for each operation: median and 95th percentile of both, and the ratios, all of one run."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with (
        tempfile.TemporaryDirectory() as folder,
        house(f"sqlite:///{folder}/gateway.db", ROLES) as served,
    ):
        scene = Scene.before(served, "all others")
        for act in ACTS:
            yield _line(served, scene, act)


def _line(served: House, scene: Scene, act: str) -> str:
    # One id of each: the first denial of an id in a minute is noted, the next ones are not.
    requests = {whose: scene.request(act, Role.OPTICIAN, whose) for whose in ("other", "absent")}
    taken: dict[str, list[float]] = {whose: [] for whose in requests}
    for _ in range(ROUNDS):
        # By turns and in an order that is drawn: a machine that slows down meanwhile slows down both.
        for whose in secrets.SystemRandom().sample(list(taken), 2):
            taken[whose].append(_milliseconds(served, requests[whose]))
    (other, other_95), (absent, absent_95) = (_shape(taken[whose]) for whose in ("other", "absent"))
    return (
        f"{act}: another's {other:.2f} ms (95 %: {other_95:.2f}), absent {absent:.2f} ms ({absent_95:.2f}); "
        f"ratio {other / absent:.3f} ({other_95 / absent_95:.3f}), {ROUNDS} of each"
    )


def _milliseconds(served: House, request: Request) -> float:
    began = time.perf_counter()
    answer = request.send(served, served.keys[SHOP])
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != 404:
        raise SystemExit(f"what belongs to {OTHER_SHOP} was answered with {answer.status_code}")
    return took


def _shape(taken: list[float]) -> tuple[float, float]:
    return statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
