"""Leases with a fence: one process at a time does what must not be done by two."""

from sqlalchemy import Connection, insert, select, update

from app.errors import LeaseLost
from app.store.tables import leases


def take(connection: Connection, name: str, owner: str, now: int, seconds: int) -> int:
    """
    Hold the lease `name` until `now + seconds`; returns its fence.

    The fence grows each time the lease changes hands, and `check` refuses an old one, so a process that slept
    through its lease cannot write. Raises LeaseLost while another owner's lease runs.
    """
    row = connection.execute(select(leases).where(leases.c.name == name).with_for_update()).first()
    if row is None:
        connection.execute(insert(leases).values(name=name, owner=owner, fence=1, expires_at=now + seconds))
        return 1
    if row.owner != owner and row.expires_at > now:
        raise LeaseLost("another process submits with this relayer's key", mend="Stop one of the two.")
    fence: int = int(row.fence) + (row.owner != owner)
    changed = update(leases).where(leases.c.name == name)
    connection.execute(changed.values(owner=owner, fence=fence, expires_at=now + seconds))
    return fence


def check(connection: Connection, name: str, owner: str, fence: int) -> None:
    """Raise LeaseLost unless the lease is still this owner's; call it in the transaction that relies on it."""
    row = connection.execute(select(leases).where(leases.c.name == name).with_for_update()).first()
    if row is None or row.owner != owner or row.fence != fence:
        raise LeaseLost("the lease of this relayer's key went to another process", mend="Stop one of the two.")


def give_up(connection: Connection, name: str, owner: str) -> None:
    """End the lease `name` if it is still this owner's; the fence stays for whoever takes it next."""
    mine = (leases.c.name == name) & (leases.c.owner == owner)
    connection.execute(update(leases).where(mine).values(expires_at=0))
