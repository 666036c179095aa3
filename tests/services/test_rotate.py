"""Wrapping data keys anew, beside gateways that read and write, and after a stop."""

import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.custody.ring import KeyRing, ring_from_file
from app.errors import VaultUnreadable
from app.services.rotate import rotate
from app.store import vault
from app.store.database import Database
from app.store.erasures import asked_scrub
from app.store.vault_tables import vault_keks, vault_keys
from tests.support.database_files import files_of, lying_in
from tests.support.postgres import Server

SHOP, MANY = 1001001001, 1300
OLD, NEW = secrets.token_hex(32), secrets.token_hex(32)
ITEMS = [f"{number:032x}" for number in range(MANY)]


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    (tmp_path / "keys").mkdir()
    file = tmp_path / "keys/vault.keys"
    file.touch(mode=0o600)
    file.write_text(f"old {OLD}\n")
    return file


@pytest.fixture
def running(database_url: str, key_file: Path) -> Iterator[Database]:
    """The database of a gateway that was started with the old key alone, with many items."""
    database = Database(database_url, ring_from_file(key_file))
    database.migrate()
    with database.writing() as connection:
        vault.add_secrets(connection, SHOP, {item: bytes.fromhex(item) * 2 for item in ITEMS})
    key_file.write_text(f"old {OLD}\nnew {NEW}\n")
    yield database
    database.close()


@pytest.fixture
def rotating(running: Database, key_file: Path) -> Iterator[Database]:
    """The same database, as the command opens it once the new key is in the file."""
    database = Database(running.engine.url.render_as_string(hide_password=False), ring_from_file(key_file))
    database.migrate()
    yield database
    database.close()


def kept(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        rows = connection.execute(select(vault_keys.c.kek, func.count().label("held")).group_by(vault_keys.c.kek))
        return {row.kek: row.held for row in rows}


def silent(_done: int, _left: int) -> None:
    pass


def test_every_key_is_wrapped_anew_and_the_old_one_is_needed_no_more(rotating: Database, database_url: str) -> None:
    told: list[tuple[int, int]] = []
    found = rotate(rotating, 0, lambda done, left: told.append((done, left)))
    assert (found.keys, found.retired) == (MANY, ("old",))
    assert told == [(500, 800), (1000, 300), (1300, 0), (1300, 0)]
    alone = Database(database_url, KeyRing({"new": bytes.fromhex(NEW)}))
    alone.migrate()
    with alone.reading() as connection:
        assert vault.secret(connection, SHOP, ITEMS[7]) == bytes.fromhex(ITEMS[7]) * 2
    alone.close()


def test_a_rotation_that_was_stopped_goes_on_where_it_was(rotating: Database) -> None:
    def stop(_done: int, _left: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate(rotating, 0, stop)
    assert kept(rotating) == {"new": 500, "old": 800}
    assert rotate(rotating, 0, silent).keys == 800
    assert kept(rotating) == {"new": MANY}
    assert rotate(rotating, 0, silent).keys == 0


def test_gateways_read_and_write_all_through_a_rotation(running: Database, rotating: Database) -> None:
    """Neither the reader nor the writer was started with the new key; both take turns with the rotation."""
    stop, faults, reads = threading.Event(), list[BaseException](), list[int]()

    def read() -> None:
        count = 0
        try:
            while not stop.is_set() or count < 50:
                item = ITEMS[count * 7 % MANY]
                with running.reading() as connection:
                    assert vault.secret(connection, SHOP, item) == bytes.fromhex(item) * 2
                count += 1
        except BaseException as error:  # noqa: BLE001
            faults.append(error)
        reads.append(count)

    def write() -> None:
        try:
            for number in range(40):
                with running.writing(SHOP) as connection:
                    vault.add_secrets(connection, SHOP, {f"{MANY + number:032x}": bytes(32)})
        except BaseException as error:  # noqa: BLE001
            faults.append(error)

    threads = [threading.Thread(target=act) for act in (read, read, write)]
    for thread in threads:
        thread.start()
    rotate(rotating, 0, silent)
    threads[2].join()
    stop.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert min(reads) >= 50
    assert kept(rotating) == {"new": MANY + 40}


def test_nothing_is_wrapped_with_the_old_key_once_it_is_retired(running: Database, rotating: Database) -> None:
    rotate(rotating, 0, silent)
    with running.writing(SHOP) as connection:
        vault.add_secrets(connection, SHOP, {"ab" * 16: bytes(32)})
    assert kept(running) == {"new": MANY + 1}
    with rotating.reading() as connection:
        assert connection.execute(select(vault_keks.c.id)).scalars().all() == ["new"]


def test_the_old_wrapped_keys_lie_in_no_file(
    rotating: Database, database_url: str, request: pytest.FixtureRequest
) -> None:
    server: Server | None = request.getfixturevalue("postgres") if database_url.startswith("postgresql") else None
    with rotating.reading() as connection:
        wrapped = {bytes(each) for each in connection.execute(select(vault_keys.c.wrapped)).scalars()}
    assert lying_in(files_of(rotating, server), wrapped) == wrapped
    rotate(rotating, 0, silent)
    assert lying_in(files_of(rotating, server), wrapped) == set()
    with rotating.reading() as connection:
        assert asked_scrub(connection) is None


def test_a_key_that_is_still_used_is_not_taken_out_unseen(rotating: Database, database_url: str) -> None:
    assert kept(rotating) == {"old": MANY}
    with pytest.raises(VaultUnreadable, match="the key-encryption key old is missing"):
        opened(database_url, KeyRing({"new": bytes.fromhex(NEW)}))


def opened(url: str, ring: KeyRing) -> None:
    database = Database(url, ring)
    try:
        database.migrate()
    finally:
        database.close()
