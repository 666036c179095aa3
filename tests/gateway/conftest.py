"""One network for the tests of a module."""

from collections.abc import Callable, Iterator

import pytest

from tests.support import benches
from tests.support.benches import Bench, Pipeline, ShiftedClock
from tests.support.gateways import Network4, network


@pytest.fixture(scope="module")
def net(new_database: Callable[[], str]) -> Iterator[Network4]:
    """A chain and four gateways."""
    with network(new_database) as found:
        yield found


@pytest.fixture(scope="module")
def bench(new_database: Callable[[], str]) -> Iterator[Bench]:
    """A chain with nine parties, and gateways that a test turns by hand."""
    with benches.bench(new_database) as found:
        yield found


@pytest.fixture(scope="module")
def clock() -> ShiftedClock:
    return ShiftedClock()


@pytest.fixture(scope="module")
def gateway(bench: Bench, clock: ShiftedClock) -> Pipeline:
    """A gateway whose clock can be moved, for the modules that have none of their own."""
    found = bench.pipeline(clock=clock)
    found.turn()
    return found
