"""A chain for the tests of a module, and pipelines that are turned by hand."""

from collections.abc import Callable, Iterator

import pytest

from tests.support import benches
from tests.support.benches import Bench


@pytest.fixture(scope="module")
def bench(new_database: Callable[[], str]) -> Iterator[Bench]:
    """A bench whose chain the tests of a module share."""
    with benches.bench(new_database) as found:
        yield found
