"""The vault under keys that a service keeps, on both kinds of database: used, rotated, away, lost."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from app.custody.ring import KeyRing
from app.custody.service import KeyService
from app.errors import OptiTraceError, StoreUnavailable, VaultUnreadable
from app.services.rotate import rotate
from app.store import vault
from app.store.database import Database
from app.store.vault_tables import vault_keys
from tests.support.key_service import Service, key_service

SHOP, ITEM, SECOND = 1001001001, "0a" * 16, "0b" * 16
OLD, NEW = secrets.token_bytes(32), secrets.token_bytes(32)
AWAY = (503, dict[str, str](), b"")


@pytest.fixture
def service() -> Iterator[Service]:
    with key_service(KeyRing({"old": OLD})) as found:
        yield found


@contextmanager
def started(url: str, service: Service) -> Iterator[Database]:
    """The database as a gateway opens it that knows of no key but by the service, and remembers none yet."""
    database = Database(url, KeyService(service.url))
    try:
        database.migrate()
        yield database
    finally:
        database.close()


def write(database: Database, item: str = ITEM) -> None:
    with database.writing(SHOP) as connection:
        vault.add_secrets(connection, SHOP, {item: bytes.fromhex(item) * 2})


def read(database: Database, item: str = ITEM) -> bytes | None:
    with database.reading() as connection:
        found = vault.secret(connection, SHOP, item)
    return None if found is None else bytes(found)


def wrapped_with(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(connection.execute(select(vault_keys.c.kek)).scalars())


def test_what_was_written_under_a_services_key_is_read_after_a_new_start(service: Service, database_url: str) -> None:
    with started(database_url, service) as database:
        write(database)
    service.asked.clear()
    with started(database_url, service) as database:
        assert read(database) == bytes.fromhex(ITEM) * 2
        assert read(database) == bytes.fromhex(ITEM) * 2
        assert wrapped_with(database) == {"old"}
    # One for the proof of the key, one for the item, none for what is remembered.
    assert service.asked.count("POST /keys/old/unwrap") == 2


def test_a_rotation_goes_over_to_the_key_that_the_service_calls_newest(service: Service, database_url: str) -> None:
    with started(database_url, service) as running:
        write(running)
        service.ring = KeyRing({"old": OLD, "new": NEW})
        with started(database_url, service) as rotating:
            found = rotate(rotating, 0, lambda _done, _left: None)
        assert (found.keys, found.retired) == (1, ("old",))
        write(running, SECOND)
        assert wrapped_with(running) == {"new"}
    service.ring = KeyRing({"new": NEW})
    with started(database_url, service) as database:
        assert [read(database, item) for item in (ITEM, SECOND)] == [bytes.fromhex(ITEM) * 2, bytes.fromhex(SECOND) * 2]


def test_a_service_that_is_away_stops_each_use_of_a_record_and_nothing_is_lost(
    service: Service, database_url: str
) -> None:
    with started(database_url, service) as database:
        write(database)
    with started(database_url, service) as database:
        service.answer = AWAY
        for use in (read, lambda found: write(found, SECOND)):
            with pytest.raises(StoreUnavailable, match="the vault's key service gives no proper answer"):
                use(database)
        service.answer = None
        assert read(database) == bytes.fromhex(ITEM) * 2
        assert read(database, SECOND) is None


@pytest.mark.parametrize(
    ("ring", "away", "error", "sentence"),
    [
        (KeyRing({"old": OLD}), True, StoreUnavailable, "the vault's key service gives no proper answer"),
        (KeyRing({"new": NEW}), False, VaultUnreadable, "the key-encryption key old is missing"),
        (KeyRing({"old": NEW}), False, VaultUnreadable, "the key-encryption key old is not the one"),
    ],
    ids=["away", "lost", "another"],
)
def test_a_start_without_the_services_key_stops_with_a_sentence(
    service: Service, database_url: str, ring: KeyRing, away: bool, error: type[OptiTraceError], sentence: str
) -> None:
    with started(database_url, service) as database:
        write(database)
    service.ring, service.answer = ring, AWAY if away else None
    with pytest.raises(error, match=sentence), started(database_url, service):
        pass
