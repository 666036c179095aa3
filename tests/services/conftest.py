"""A gateway's parts on a fresh database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services.ground import Ground
from tests.support.grounds import SetClock, ground_on


@pytest.fixture
def clock() -> SetClock:
    """A clock to set."""
    return SetClock()


@pytest.fixture
def ground(tmp_path: Path, clock: SetClock) -> Iterator[Ground]:
    """The parts, with an empty database."""
    with ground_on(f"sqlite:///{tmp_path}/gateway.db", clock) as found:
        yield found
