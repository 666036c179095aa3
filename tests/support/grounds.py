"""The shared parts of a gateway for tests without chain and API: a real database, and a clock that can be set."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from app.chain.signer import KeySigner
from app.ports import Network
from app.services.ground import Ground
from app.store.database import Database
from app.store.registry import Role
from tests.support.keys import KEYS

OPTICIAN, GLASSMAKER, INSURER, OTHER_OPTICIAN = 1001001001, 2002002002, 3003003003, 1001001002
ROLES = {
    OPTICIAN: Role.OPTICIAN,
    GLASSMAKER: Role.GLASSMAKER,
    INSURER: Role.INSURER,
    OTHER_OPTICIAN: Role.OPTICIAN,
}
NETWORK = Network(31337, bytes(32), "5f" * 20, "6f" * 20, bytes(32), 0, development=True)


@dataclass
class SetClock:
    """A clock that stands still until it is set; seconds since 1970."""

    time: int = 1_800_000_000

    def now(self) -> int:
        """What it was set to."""
        return self.time


@contextmanager
def read_only(ground: Ground) -> Iterator[None]:
    """Let a database of SQLite refuse every write, as one does whose disk went bad."""

    def switch(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA query_only = ON")

    engine = ground.database.engine
    engine.dispose()
    event.listen(engine, "connect", switch)
    try:
        yield
    finally:
        event.remove(engine, "connect", switch)
        engine.dispose()


@contextmanager
def ground_on(url: str, clock: SetClock | None = None) -> Iterator[Ground]:
    """The parts of a gateway that serves four parties, with the database at `url` brought to this release."""
    database = Database(url, KEYS)
    database.migrate()
    signer = KeySigner({number: secrets.token_bytes(32) for number in ROLES})
    try:
        yield Ground(database, signer, clock or SetClock(), NETWORK, ROLES)
    finally:
        database.close()
