"""Backup and restoration of SQLite, by its own online backup: one transaction on either side."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Integer, literal_column, make_url, select, table

from app.store.backup_refusal import IN_USE, OVERWRITE, BackupRefused, check_revisions

DAMAGED = "the copy is damaged"
_ONE = literal_column("1", Integer)


def back_up(url: str, draft: Path) -> None:
    """Copy the database at `url` as of one moment into the empty file `draft`; writers go on meanwhile."""
    database = _file(url)
    if not database.exists():
        raise BackupRefused("there is no database to back up")
    with _translated(), closing(_open(database)) as source, closing(sqlite3.connect(draft)) as target:
        # All pages in one step: in several, each write in between would begin the copy anew.
        source.backup(target)
        # One file: a copy in WAL mode would come with companions as soon as somebody looks into it.
        target.execute("PRAGMA journal_mode=DELETE")
        _check(target)


def restore(url: str, file: Path, *, overwrite: bool) -> None:
    """Put the backup `file` into the database at `url`."""
    with _translated(), closing(_open(file)) as source:
        _check_length(source, file)
        _check(source)
        with _alone(_file(url)) as target:
            if not overwrite and _has_content(target):
                raise BackupRefused(OVERWRITE)
            source.backup(target)
            _check(target)


def _file(url: str) -> Path:
    return Path(make_url(url).database or "")


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)


def _check_length(connection: sqlite3.Connection, file: Path) -> None:
    """Raise BackupRefused if the end of the file is missing: SQLite reads zeros there, and may find nothing wrong."""
    ((pages,), (size,)) = (connection.execute(f"PRAGMA page_{each}").fetchone() for each in ("count", "size"))
    if file.stat().st_size != pages * size:
        raise BackupRefused(DAMAGED)


def _check(connection: sqlite3.Connection) -> None:
    """Raise BackupRefused unless every page is sound, every reference holds, and the revision is known."""
    sound = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    if not sound or connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise BackupRefused(DAMAGED)
    tables = _tables(connection)
    rows = connection.execute("SELECT version_num FROM alembic_version") if "alembic_version" in tables else ()
    check_revisions([revision for (revision,) in rows])


def _has_content(connection: sqlite3.Connection) -> bool:
    """Whether any table but that of the revision holds a row."""
    names = _tables(connection) - {"alembic_version"}
    return any(connection.execute(str(select(_ONE).select_from(table(name)))).fetchone() for name in names)


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


@contextmanager
def _alone(database: Path) -> Iterator[sqlite3.Connection]:
    """The only connection to the database, which is made, for its owner alone, if it is not there."""
    if not database.exists():
        database.touch(0o600)
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        try:
            # Fails as long as anybody else has the database open; from here on nobody else gets in.
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise BackupRefused(IN_USE) from error
        yield connection


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        # It names files, tables and reasons, and no values.
        raise BackupRefused(f"SQLite: {error}") from error
