"""A chain for the tests of a module, and pipelines that are turned by hand."""

from collections.abc import Iterator

import pytest

from tests.support import benches
from tests.support.benches import Bench


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A bench whose chain the tests of a module share."""
    with benches.bench(tmp_path_factory.mktemp("bench")) as found:
        yield found
