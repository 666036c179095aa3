"""Gateways' parts on a fresh database, without a chain."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services.ground import Ground
from app.store.database import Database
from tests.support.grounds import SetClock, ground_on
from tests.support.keys import KEYS
from tests.support.worlds import World


@pytest.fixture
def clock() -> SetClock:
    """A clock to set."""
    return SetClock()


@pytest.fixture
def ground(database_url: str, clock: SetClock) -> Iterator[Ground]:
    """The parts, with an empty database of each kind."""
    with ground_on(database_url, clock) as found:
        yield found


@pytest.fixture
def on_sqlite(tmp_path: Path, clock: SetClock) -> Iterator[Ground]:
    """The same on SQLite alone, for what only it can be made to do."""
    with ground_on(f"sqlite:///{tmp_path}/gateway.db", clock) as found:
        yield found


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """A gateway that hosts nine parties, with a database of each kind."""
    database = Database(database_url, KEYS)
    yield World(database)
    database.close()


@pytest.fixture
def other(migrated: Path, tmp_path: Path, world: World) -> Iterator[World]:
    """The gateway of the others, with the same parties and keys on a database of its own."""
    file = tmp_path / "other.db"
    file.write_bytes(migrated.read_bytes())
    database = Database(f"sqlite:///{file}", KEYS)
    yield World(database, keys=world.keys)
    database.close()
