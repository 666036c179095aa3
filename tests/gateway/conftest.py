"""One network for the tests of a module."""

from collections.abc import Iterator

import pytest

from tests.support import benches
from tests.support.benches import Bench
from tests.support.gateways import Network4, network


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network4]:
    """A chain and four gateways."""
    with network(tmp_path_factory.mktemp("network")) as found:
        yield found


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A chain with nine parties, and gateways that a test turns by hand."""
    with benches.bench(tmp_path_factory.mktemp("bench")) as found:
        yield found
