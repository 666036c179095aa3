"""The revisions of the tables: which this release knows, and bringing a database to the newest of them."""

from collections.abc import Collection
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from app.store.tables import metadata

RESTORE = "optitrace restore FILE --overwrite"


class UnusableDatabase(Exception):
    """This release cannot work on the database; the message says why, and by which command that is mended."""


def known() -> frozenset[str]:
    """Every revision that this release can read: its own and all before it."""
    return frozenset(each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions())


def check(revisions: Collection[str]) -> None:
    """Raise UnusableDatabase for a revision that this release does not know."""
    unknown = sorted(set(revisions) - known())
    if unknown:
        raise UnusableDatabase(
            f"the database was made by another release, at a revision that this one does not know ({unknown[0]:.40}): "
            f"start that release, or give this one a backup that it can read, with `{RESTORE}`"
        )


def upgrade(connection: Connection) -> None:
    """Bring the tables to this release, in the transaction under way; raises UnusableDatabase and changes nothing."""
    found = MigrationContext.configure(connection).get_current_heads()
    check(found)
    if not found and set(inspect(connection).get_table_names()) & set(metadata.tables):
        raise UnusableDatabase(
            "the database has a gateway's tables and does not say of which release: "
            f"give the gateway an empty database, or a backup with `{RESTORE}`"
        )
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
