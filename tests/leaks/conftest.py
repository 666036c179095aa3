"""What the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.postgres import Server, running_server
from tests.support.quiet import quiet as quiet


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    """
    A PostgreSQL for the tests of one module, so that its log and its write-ahead log are of nobody else.

    It keeps all of its write-ahead log, and notes each file that it writes for want of memory.
    """
    with running_server("wal_keep_size=1TB", "log_temp_files=0") as server:
        yield server
