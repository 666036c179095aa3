"""Backups of each kind of database: what comes back is what was there, and what cannot come back changes nothing."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, delete, insert, make_url, select, text, update
from sqlalchemy.exc import DBAPIError

from app.store import backup
from app.store.backup import BackupRefused
from app.store.database import Database
from app.store.tables import access_log, leases, metadata
from tests.gateway.sales import quoted_lens
from tests.support.keys import KEYS
from tests.support.postgres import Server, programs
from tests.support.worlds import MAKER, SHOP, World

CANARY = "ZZQXJVOLE"
Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(autouse=True)
def clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's programs where a gateway looks for them."""
    monkeypatch.setenv("PATH", f"{programs()}:{os.environ['PATH']}")


@pytest.fixture
def filled(database_url: str) -> str:
    """A database with events, secrets, values and an access log."""
    database = Database(database_url, KEYS)
    world = World(database)
    world.record(SHOP, quoted_lens("A", glassmaker=MAKER), quoted_lens("B", glassmaker=MAKER))
    database.close()
    return database_url


@pytest.fixture
def elsewhere(database_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place for a database of the same kind."""
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path}/elsewhere.db"
    server: Server = request.getfixturevalue("postgres")
    return server.new_database()


def rows(url: str) -> Rows:
    """Every row of every table."""
    database = Database(url)
    with database.reading() as connection:
        found = {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }
    database.close()
    return found


def change(url: str, statement: Any) -> None:
    """Write something into a database."""
    database = Database(url)
    with database.writing() as connection:
        connection.execute(statement)
    database.close()


ONE_LEASE = insert(leases).values(name="kept", owner="me", fence=1, expires_at=0)


def test_what_was_backed_up_comes_back_whole_and_works(filled: str, elsewhere: str, tmp_path: Path) -> None:
    before = rows(filled)
    backup.back_up(filled, tmp_path / "backup")
    change(filled, ONE_LEASE)
    backup.restore(elsewhere, tmp_path / "backup", overwrite=False)

    assert rows(elsewhere) == before
    assert before["vault_values"]
    database = Database(elsewhere, KEYS)
    database.migrate()
    with pytest.raises(DBAPIError, match="append-only"), database.engine.begin() as connection:
        connection.execute(delete(access_log))
    database.close()


def test_a_backup_of_a_restored_database_can_be_restored_over_it(filled: str, elsewhere: str, tmp_path: Path) -> None:
    before = rows(filled)
    backup.back_up(filled, tmp_path / "first")
    backup.restore(elsewhere, tmp_path / "first", overwrite=False)
    backup.back_up(elsewhere, tmp_path / "second")
    change(elsewhere, ONE_LEASE)
    backup.restore(elsewhere, tmp_path / "second", overwrite=True)
    assert rows(elsewhere) == before


def test_backup_and_restored_database_are_their_owners_alone(filled: str, elsewhere: str, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        backup.back_up(filled, tmp_path / "backup")
        backup.restore(elsewhere, tmp_path / "backup", overwrite=False)
    finally:
        os.umask(before)
    made = [tmp_path / "backup", *tmp_path.glob("elsewhere.db*")]
    assert {stat.S_IMODE(file.stat().st_mode) for file in made} == {0o600}
    assert not list(tmp_path.glob(".*"))


def test_content_is_replaced_only_if_asked(filled: str, elsewhere: str, tmp_path: Path) -> None:
    backup.back_up(filled, tmp_path / "backup")
    database = Database(elsewhere)
    database.migrate()
    database.close()
    backup.restore(elsewhere, tmp_path / "backup", overwrite=False)
    change(elsewhere, ONE_LEASE)
    before = rows(elsewhere)
    with pytest.raises(BackupRefused, match="--overwrite"):
        backup.restore(elsewhere, tmp_path / "backup", overwrite=False)
    assert rows(elsewhere) == before
    backup.restore(elsewhere, tmp_path / "backup", overwrite=True)
    assert rows(elsewhere) == rows(filled)


def test_a_database_in_use_is_left_alone(filled: str, tmp_path: Path) -> None:
    backup.back_up(filled, tmp_path / "backup")
    code = "import sys; from app.store.database import Database\nwith Database(sys.argv[1]).reading(): print(); input()"
    command, root = [sys.executable, "-c", code, filled], Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(BackupRefused, match="stop the gateway"):
            backup.restore(filled, tmp_path / "backup", overwrite=True)
        process.communicate(b"\n")


def test_a_backup_replaces_no_file_and_a_failed_one_leaves_none(filled: str, tmp_path: Path) -> None:
    (tmp_path / "backup").write_text("kept")
    with pytest.raises(BackupRefused, match="replaces nothing"):
        backup.back_up(filled, tmp_path / "backup")
    assert (tmp_path / "backup").read_text() == "kept"
    nowhere = f"{filled}-none" if filled.startswith("sqlite") else filled.replace("?", "none?")
    with pytest.raises(BackupRefused):
        backup.back_up(nowhere, tmp_path / "other")
    assert {file.name for file in tmp_path.iterdir()} <= {"backup", "gateway.db"}


@pytest.mark.parametrize("size", [0.2, 0.9, 0.999])
def test_a_backup_that_is_cut_off_changes_nothing(filled: str, tmp_path: Path, size: float) -> None:
    before = rows(filled)
    backup.back_up(filled, tmp_path / "backup")
    with (tmp_path / "backup").open("r+b") as file:
        file.truncate(int((tmp_path / "backup").stat().st_size * size))
    with pytest.raises(BackupRefused):
        backup.restore(filled, tmp_path / "backup", overwrite=True)
    assert rows(filled) == before


@pytest.mark.parametrize("content", [b"", b"hello", b"\0" * 4096])
def test_a_file_that_is_no_backup_is_refused(filled: str, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "backup").write_bytes(content)
    with pytest.raises(BackupRefused, match="is no backup"):
        backup.restore(filled, tmp_path / "backup", overwrite=True)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "another release"),
        ("DELETE FROM alembic_version", "not one of a gateway"),
        ("DROP TABLE alembic_version", "not one of a gateway"),
    ],
)
def test_a_backup_of_another_release_or_program_is_refused(
    filled: str, tmp_path: Path, statement: str, words: str
) -> None:
    change(filled, text(statement))
    with pytest.raises(BackupRefused, match=words):
        backup.back_up(filled, tmp_path / "backup")


def test_a_backup_of_the_other_kind_is_refused(tmp_path: Path, postgres: Server) -> None:
    url = f"sqlite:///{tmp_path}/gateway.db"
    database = Database(url)
    database.migrate()
    database.close()
    backup.back_up(url, tmp_path / "backup")
    with pytest.raises(BackupRefused, match="is a backup of sqlite, and the database is postgresql"):
        backup.restore(postgres.new_database(), tmp_path / "backup", overwrite=False)


def test_a_missing_program_is_named(postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupRefused, match="pg_dump is not on the PATH"):
        backup.back_up(postgres.new_database(), tmp_path / "backup")


def test_what_postgresql_refuses_half_way_leaves_all_as_it_was_and_quotes_no_row(
    postgres: Server, tmp_path: Path
) -> None:
    here, there = postgres.new_database(), postgres.new_database()
    for url in (here, there):
        database = Database(url)
        database.migrate()
        database.close()
    for statement in (
        "CREATE FUNCTION once() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "ALTER TABLE leases ADD CONSTRAINT fits CHECK (once())",
    ):
        change(here, text(statement))
    change(here, insert(leases).values(name=CANARY, owner="me", fence=1, expires_at=0))
    change(here, text("CREATE OR REPLACE FUNCTION once() RETURNS boolean LANGUAGE sql AS 'SELECT false'"))
    change(there, ONE_LEASE)
    before = rows(there)
    backup.back_up(here, tmp_path / "backup")
    with pytest.raises(BackupRefused, match="took nothing of the backup") as refused:
        backup.restore(there, tmp_path / "backup", overwrite=True)
    assert CANARY not in str(refused.value)
    assert rows(there) == before


def test_the_owner_of_a_database_backs_it_up_and_restores_it_with_a_password_that_no_process_list_shows(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_url(postgres.new_database())
    for statement in (
        "CREATE ROLE shop LOGIN PASSWORD 'of the shop'",
        f"ALTER DATABASE {url.database} OWNER TO shop",
    ):
        change_as_superuser(postgres, statement)
    owned = url.set(username="shop", password="of the shop").render_as_string(hide_password=False)
    database = Database(owned)
    database.migrate()
    database.close()
    change(owned, ONE_LEASE)
    before = rows(owned)
    for name in ("pg_dump", "psql"):
        noting(tmp_path / "bin" / name, tmp_path / "noted")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    backup.back_up(owned, tmp_path / "backup")
    change(owned, update(leases).values(fence=2))
    backup.restore(owned, tmp_path / "backup", overwrite=True)
    assert rows(owned) == before
    noted = (tmp_path / "noted").read_text()
    assert noted.count("shop@") == 2
    assert "of the shop" not in noted


def change_as_superuser(server: Server, statement: str) -> None:
    engine = create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))


def noting(program: Path, notes: Path) -> None:
    """A program that notes its arguments and then does what it is for."""
    program.parent.mkdir(exist_ok=True)
    real = shutil.which(program.name)
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> "{notes}"\nexec "{real}" "$@"\n')
    program.chmod(0o755)
