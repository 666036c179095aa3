"""The database: the same tables on both kinds, made once, and transactions that hold what they promise."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, insert, select, text

from app.errors import StoreUnavailable
from app.store.database import Connection, Database, DatabaseFault, WriteConflict
from app.store.tables import dossiers, leases, metadata

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def database(blank_database_url: str) -> Iterator[Database]:
    found = Database(blank_database_url)
    found.migrate()
    yield found
    found.close()


def add(connection: Connection, name: str) -> None:
    connection.execute(insert(leases).values(name=name, owner="me", fence=1, expires_at=0))


def count(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(leases)).scalar_one())


def test_the_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": False, "target_metadata": metadata}
        )
        assert compare_metadata(context, metadata) == []


def test_bringing_a_database_up_twice_changes_nothing(database: Database) -> None:
    with database.writing() as connection:
        add(connection, "kept")
    database.migrate()
    with database.reading() as connection:
        assert count(connection) == 1


def test_four_processes_that_bring_up_one_database_at_once_all_succeed(blank_database_url: str) -> None:
    code = "import sys; from app.store.database import Database; Database(sys.argv[1]).migrate()"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, blank_database_url], env=environment, stderr=subprocess.PIPE, cwd=ROOT
        )
        for _ in range(4)
    ]
    ended = [(process.communicate()[1], process.returncode) for process in started]
    assert [code for _, code in ended] == [0] * 4, ended


def test_an_error_takes_everything_of_a_transaction_back(database: Database) -> None:
    def fail() -> None:
        with database.writing() as connection:
            add(connection, "gone")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.reading() as connection:
        assert count(connection) == 0


def test_a_second_unique_row_is_a_conflict_and_leaves_nothing(database: Database) -> None:
    with database.writing() as connection:
        add(connection, "one")

    def conflict() -> None:
        with database.writing() as connection:
            add(connection, "other")
            add(connection, "one")

    with pytest.raises(WriteConflict):
        conflict()
    with database.reading() as connection:
        assert count(connection) == 1


def test_a_reader_sees_one_moment_whatever_is_written_meanwhile(database: Database) -> None:
    with database.reading() as reader:
        before = count(reader)
        with database.writing() as writer:
            add(writer, "new")
        assert count(reader) == before
    with database.reading() as reader:
        assert count(reader) == before + 1


def test_a_reader_cannot_write_on_postgresql(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        return
    with pytest.raises(DatabaseFault, match="ReadOnly"), database.reading() as connection:
        add(connection, "never")


def test_writers_of_one_party_take_turns_and_lose_nothing(database: Database) -> None:
    with database.writing() as connection:
        add(connection, "counter")

    def raise_it(_: int) -> None:
        with database.writing(7) as connection:
            old = connection.execute(select(leases.c.fence)).scalar_one()
            connection.execute(leases.update().values(fence=old + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(raise_it, range(40)))
    with database.reading() as connection:
        assert connection.execute(select(leases.c.fence)).scalar_one() == 41


def test_two_parties_do_not_wait_for_each_other_on_postgresql(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        return
    done = threading.Event()

    def other() -> None:
        with database.writing(2) as connection:
            add(connection, "other")
        done.set()

    with database.writing(1) as connection:
        add(connection, "one")
        thread = threading.Thread(target=other)
        thread.start()
        assert done.wait(20)
    thread.join()


def test_a_database_that_is_gone_is_an_error_of_ours(tmp_path: Path) -> None:
    lost = Database(f"postgresql+psycopg://nobody@/none?host={tmp_path}")
    with pytest.raises(StoreUnavailable), lost.reading():
        pass
    lost.close()


def test_what_a_statement_was_given_is_in_no_message(database: Database) -> None:
    canary = "ZZQXJVOLE"
    with pytest.raises(WriteConflict) as raised, database.writing() as connection:
        connection.execute(insert(dossiers).values(party=1, dossier=None, reference=canary, created_at=1))
    assert canary not in "".join(traceback.format_exception(raised.value))
    if database.engine.dialect.name == "postgresql":
        wrong = text("INSERT INTO leases VALUES ('a', 'b', CAST(:fence AS BIGINT), 1)")
        with pytest.raises(DatabaseFault) as fault, database.writing() as connection:
            connection.execute(wrong, {"fence": canary})
        assert canary not in "".join(traceback.format_exception(fault.value))


def test_a_sqlite_database_is_its_owners_alone_and_survives_a_power_failure(tmp_path: Path) -> None:
    file = tmp_path / "gateway.db"
    database = Database(f"sqlite:///{file}")
    database.migrate()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with database.engine.connect() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")
        }
        assert pragmas == {"journal_mode": "wal", "synchronous": 2}
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    for other in tmp_path.glob("gateway.db-*"):
        assert stat.S_IMODE(other.stat().st_mode) == 0o600
    database.close()


def test_a_connection_in_use_when_the_database_is_closed_is_closed_when_it_is_given_back(database: Database) -> None:
    with database.reading() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        database.close()
        assert connection.execute(select(func.count()).select_from(dossiers)).scalar_one() == 0
    if database.engine.dialect.name == "sqlite":
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            raw.execute("SELECT 1")
    else:
        assert raw.closed
