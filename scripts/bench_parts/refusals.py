"""How long a body that is refused takes, beside a small one that is read and refused by its schema."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator

import structlog

from tests.api.test_bad_input import BODIES
from tests.hostile.house import House, house
from tests.hostile.trade import ROLES, SHOP

ROUNDS = 50
SMALL = b'{"type": "melted"}'


def figures() -> Iterator[str]:
    """A line for each body: the median, the longest, and the median's ratio to the small one's, of one run."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as folder, house(f"sqlite:///{folder}/gateway.db", ROLES) as served:
        taken: dict[str, list[float]] = {name: [] for name in ("small", *(name for name, *_ in BODIES))}
        for _ in range(ROUNDS):
            # By turns: a machine that slows down meanwhile slows down all.
            for name, body in (("small", SMALL), *((name, body) for name, body, *_ in BODIES)):
                taken[name].append(_milliseconds(served, body))
    small = statistics.median(taken["small"])
    for name, all_of_it in taken.items():
        middle = statistics.median(all_of_it)
        yield f"{name}: {middle:.1f} ms, at most {max(all_of_it):.1f}; {middle / small:.2f} times the small one"


def _milliseconds(served: House, body: bytes) -> float:
    began = time.perf_counter()
    answer = served.send(SHOP, "POST", "/v1/events", content=body, headers={"Content-Type": "application/json"})
    took = (time.perf_counter() - began) * 1000
    if not 400 <= answer.status_code < 500:
        raise SystemExit(f"a bad body was answered with {answer.status_code}")
    return took
