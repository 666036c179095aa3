"""
The database: opening it, and transactions that are durable when they return.

SQLite runs in WAL mode with `synchronous=FULL`, because with NORMAL a power failure may take back what was
acknowledged. A writing transaction begins IMMEDIATE: a read that is upgraded to a write fails at once under contention
and ignores the time-out.
"""

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from psycopg.errors import Diagnostic
from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from app.errors import QueueFull, StoreUnavailable
from app.failpoints import failpoint
from app.ports import KeyEncryption
from app.store import data_keys, erasures, revisions
from app.store.revisions import UnusableDatabase

__all__ = ["Connection", "Database", "DatabaseFault", "UnusableDatabase", "WriteConflict"]

BUSY_SECONDS = 30
SCRUB_SECONDS = 5
"""How long a scrub waits for who uses the database; the worker has other things to do, and it is tried again."""
SQLITE_MAGIC = b"SQLite format 3\0"
SCRUB_TRIES = 10
NO_SUCH_TABLE = "42P01"
MIGRATING = -1
"""What is locked while the tables are made; the other locks are parties, and those are positive."""
KEY_TABLES: Final = ("vault_keys", "items", "dossiers", "idempotency", "day_keys")
"""What is written anew after an erasure; what was sealed with a key that is gone may lie where it lies."""
SEALED_TABLES: Final = ("vault_secrets", "vault_group_keys", "vault_values")


class WriteConflict(Exception):
    """Another transaction wrote the same unique row first; nothing of this one is left. Look again, then decide."""


class DatabaseFault(Exception):
    """A statement that cannot be right. Says which and of what kind; the database's own words may hold values."""


class Database:
    """One database of one gateway; without `keys`, nothing of its vault can be read or written."""

    def __init__(self, url: str, keys: KeyEncryption | None = None) -> None:
        self._keys = keys
        self._sqlite = make_url(url).get_backend_name() == "sqlite"
        if self._sqlite:
            _private_file(make_url(url).database)
        options: dict[str, Any] = (
            {"connect_args": {"timeout": BUSY_SECONDS, "check_same_thread": False}, "pool_size": 20}
            if self._sqlite
            else {"pool_size": 10, "pool_pre_ping": True, "pool_timeout": BUSY_SECONDS}
        )
        # A statement's parameters are secrets and values: they stay out of messages.
        options["execution_options"] = {data_keys.KEYS: keys}
        self.engine: Engine = create_engine(url, hide_parameters=True, **options)
        if self._sqlite:
            event.listen(self.engine, "connect", _tune_sqlite)
            event.listen(self.engine, "begin", _begin_deferred)

    def migrate(self) -> None:
        """
        Bring the tables to this release; raises UnusableDatabase for what no gateway of this release can work on.

        One process at a time: a gateway, its worker and a command may all be started at once. Raises VaultUnreadable
        if the vault's keys are not those that the database was written under.
        """
        if self._sqlite:
            _check_kind(self.engine.url.database)
        with _translated(), self.engine.connect() as connection:
            if self._sqlite:
                connection = connection.execution_options(optitrace_immediate=True)
            else:
                connection.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
            revisions.upgrade(connection)
        if self._keys is None:
            return
        with self.writing() as connection:
            data_keys.check_keys(connection)
            asked = erasures.asked_scrub(connection)
        if asked is not None and asked[1]:
            # What was in clear before must not lie about while the gateway serves already. If somebody reads for longer
            # than this, the worker goes on with it.
            for _ in range(SCRUB_TRIES):
                if self.scrub():
                    return
                time.sleep(1)

    def scrub(self) -> bool:
        """
        Write the files anew that may still hold what was deleted; whether nothing of it is left.

        It is not while somebody reads what was there before: then it has to be done again. Whoever dies in between
        leaves the request for it behind, and it is done again too.
        """
        with self.reading() as connection:
            asked = erasures.asked_scrub(connection)
        if asked is None:
            return True
        number, whole = asked
        done = self._vacuumed_sqlite() if self._sqlite else self._vacuumed_postgresql(whole)
        failpoint("K12")
        if done:
            with self.writing() as connection:
                erasures.scrubbed(connection, number)
        return done

    def _vacuumed_sqlite(self) -> bool:
        with closing(self.engine.raw_connection()) as raw:
            cursor = raw.cursor()
            cursor.execute(f"PRAGMA busy_timeout = {SCRUB_SECONDS * 1000}")
            try:
                cursor.execute("VACUUM")
                # What VACUUM wrote lies in the log until it is in the file; then the log is cut to nothing.
                (busy, _, _) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                return not busy
            except sqlite3.OperationalError as error:
                raise StoreUnavailable(
                    "the database is too busy to be written anew", mend="It is tried again."
                ) from error
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")

    def _vacuumed_postgresql(self, whole: bool) -> bool:
        kept: list[int] = []

        def noted(told: Diagnostic) -> None:
            # "5 dead row versions cannot be removed yet": the number comes first in every language.
            kept.extend(int(number) for number in re.findall("[0-9]+", told.message_detail or "")[:1])

        with _translated(), self.engine.connect() as connection:
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            driver: Any = connection.connection.driver_connection
            driver.add_notice_handler(noted)
            # Whoever waits for the table holds up all who come after.
            connection.exec_driver_sql(f"SET lock_timeout = '{SCRUB_SECONDS}s'")
            try:
                for table in (*KEY_TABLES, *(SEALED_TABLES if whole else ())):
                    connection.exec_driver_sql(f"VACUUM (FULL, VERBOSE) {table}")
            finally:
                connection.exec_driver_sql("RESET lock_timeout")
                driver.remove_notice_handler(noted)
        # A row that was deleted is copied as long as anybody's view of the database is older, also the server's own.
        return not any(kept)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the data, whatever is written meanwhile."""
        with _translated(), self.engine.connect() as connection:
            if not self._sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self, party: int | None = None) -> Iterator[Connection]:
        """
        All or nothing; durable once the block is left without an error.

        With `party`, no other block for the same party runs at the same time: what was looked up in it still holds
        when it is written.
        """
        with _translated(), self.engine.connect() as connection:
            if self._sqlite:
                connection = connection.execution_options(optitrace_immediate=True)
            with connection.begin():
                # SQLite has one writer at a time as it is.
                if party is not None and not self._sqlite:
                    connection.execute(select(func.pg_advisory_xact_lock(party)))
                yield connection

    def close(self) -> None:
        """Close all connections, those that are in use as soon as they are given back."""
        event.listen(self.engine.pool, "checkin", lambda _connection, entry: entry.close())
        self.engine.dispose()


def _private_file(name: str | None) -> None:
    """Secrets lie in it: nobody but the owner reads a database that this gateway makes."""
    if name and name != ":memory:" and not Path(name).exists():
        os.close(os.open(name, os.O_CREAT | os.O_RDWR, 0o600))


def _check_kind(name: str | None) -> None:
    """Raise UnusableDatabase for a file with something else in it."""
    if name and name != ":memory:":
        with Path(name).open("rb") as file:
            start = file.read(len(SQLITE_MAGIC))
        if start not in (b"", SQLITE_MAGIC):
            raise UnusableDatabase(
                "the file of the database is none of SQLite's: see OPTITRACE_DATABASE_URL, "
                "or move the file away and put a backup in its place with `optitrace restore FILE`"
            )


def _tune_sqlite(connection: Any, _record: object) -> None:
    # The driver must not open transactions by itself: `_begin_deferred` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    # Without recursive triggers, REPLACE removes a row past the trigger that refuses to delete one.
    triggers = "recursive_triggers=ON"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", triggers):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_deferred(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("optitrace_immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        # PostgreSQL quotes the whole row in its message: nothing of it goes on from here.
        raise WriteConflict from None
    except OperationalError as error:
        if "full" in str(error.orig).lower() or "no space" in str(error.orig).lower():
            raise QueueFull("the disk of the gateway is full", mend="Free space, then send again.") from error
        raise StoreUnavailable("the database does not answer", mend="Send again in a minute.") from error
    except NoConnection as error:
        raise StoreUnavailable("the database is too busy", mend="Send again in a minute.") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StoreUnavailable("the database went away", mend="Send again in a minute.") from error
        state = getattr(error.orig, "sqlstate", None) or "no state"
        if state == NO_SUCH_TABLE:
            raise StoreUnavailable("the database lacks its tables", mend="Send again in a minute.") from None
        raise DatabaseFault(f"{type(error.orig).__name__}, {state}: {error.statement}") from None
