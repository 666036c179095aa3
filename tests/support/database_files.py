"""What lies in a database's files: the bytes themselves, whatever the database would say is there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import make_url, text

from app.store.database import Database
from tests.support.canary import Hit, Needles
from tests.support.postgres import Server


def files_of(database: Database, server: Server | None) -> list[Path]:
    """Every file that rows may lie in: the log of SQLite too, and with PostgreSQL heaps and indexes."""
    if database.engine.dialect.name == "sqlite":
        file = Path(str(make_url(str(database.engine.url)).database))
        return [each for each in file.parent.iterdir() if each.name.startswith(file.name)]
    assert server is not None
    with database.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        # What was written may still be in memory alone.
        connection.execute(text("CHECKPOINT"))
        number = connection.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar_one()
    return [each for each in (server.folder / "data/base" / str(number)).iterdir() if each.is_file()]


def left_over(database: Database, server: Server | None, wanted: Iterable[bytes]) -> set[bytes]:
    """
    Which of these bytes lie in the files after a scrub, although they should not.

    What was sealed may lie in PostgreSQL's heap until its own vacuum; nothing that opens it does.
    """
    found = lying_in(files_of(database, server), wanted)
    return found if server is None else {each for each in found if each[:1] != b"\x01"}


def lying_in(files: Iterable[Path], wanted: Iterable[bytes]) -> set[bytes]:
    """Which of these bytes, five or more of each, lie in any of the files, as they are or in hex."""
    forms = {
        form: Hit(each.hex(), written)
        for each in wanted
        for form, written in ((each, "clear"), (each.hex().encode(), "hex"), (each.hex().upper().encode(), "hex"))
    }
    needles, found = Needles(forms), set()
    for file in files:
        try:
            content = file.read_bytes()
        except FileNotFoundError:
            # PostgreSQL removes what a scrub left behind when it likes.
            continue
        found |= {bytes.fromhex(hit.value) for form, hit in needles.likely(content) if form in content}
    return found
