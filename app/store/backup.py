"""
Backups: the whole database of one moment in one file, taken while the gateway works; and the way back.

A backup holds the secrets and values as the database holds them, sealed, without the vault's keys and without a key of
a party. It is there whole, for its owner alone, or not at all. What is restored is there whole, or the database is as
it was.
"""

import os
import secrets
from pathlib import Path

from sqlalchemy import make_url

from app.store import backup_postgresql, backup_sqlite
from app.store.backup_refusal import BackupRefused
from app.store.database import SQLITE_MAGIC

__all__ = ["BackupRefused", "back_up", "restore"]

_KINDS = {"sqlite": backup_sqlite, "postgresql": backup_postgresql}
_MAGIC = {SQLITE_MAGIC: "sqlite", b"PGDMP": "postgresql"}


def back_up(url: str, file: Path) -> None:
    """Copy the database at `url` into a new `file`; raises BackupRefused."""
    if file.exists():
        raise BackupRefused(f"{file} is there already; a backup replaces nothing")
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _KINDS[make_url(url).get_backend_name()].back_up(url, draft)
        _sync(draft)
        draft.rename(file)
        _sync(file.parent)
    finally:
        draft.unlink(missing_ok=True)


def restore(url: str, file: Path, *, overwrite: bool) -> None:
    """
    Put what a backup holds into the database at `url`, which no gateway may use meanwhile.

    Raises BackupRefused for a backup that is damaged, of another kind of database or of a release that this one does
    not know; and for a database with content, unless it is to be overwritten.
    """
    kind = make_url(url).get_backend_name()
    with file.open("rb") as opened:
        start = opened.read(len(SQLITE_MAGIC))
    found = next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), None)
    if found is None:
        raise BackupRefused(f"{file} is no backup")
    if found != kind:
        raise BackupRefused(f"{file} is a backup of {found}, and the database is {kind}")
    _KINDS[kind].restore(url, file, overwrite=overwrite)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
