"""Why a backup or a restoration did not happen."""

from collections.abc import Collection

from app.store import revisions
from app.store.revisions import UnusableDatabase


class BackupRefused(Exception):
    """Nothing was backed up or restored; the message is a sentence for the operator and holds no value."""


OVERWRITE = "the database has content; --overwrite replaces all of it"
IN_USE = "something uses the database; stop the gateway and its worker first"
NO_GATEWAYS = "the backup is not one of a gateway's database"


def check_revisions(found: Collection[str]) -> None:
    """Raise BackupRefused unless a backup is at a revision that this release knows."""
    if not found:
        raise BackupRefused(NO_GATEWAYS)
    try:
        revisions.check(found)
    except UnusableDatabase as error:
        raise BackupRefused("the backup was made by another release, which this one does not know") from error
