"""Leases on what one process at a time does: using a relayer's key, carrying packages."""

import secrets

from app.errors import LeaseLost
from app.services.ground import Ground
from app.store import leases
from app.store.database import Connection, WriteConflict


class Lease:
    """
    One process's hold on what is called `name`.

    A lease that ran out unnoticed does no harm: whatever relies on it checks the fence in the same transaction.
    """

    def __init__(self, ground: Ground, name: str) -> None:
        self._ground = ground
        self._name = name
        self._owner = secrets.token_hex(16)
        self._fence = 0
        self._renewed: int | None = None

    def hold(self) -> None:
        """Take the lease, or renew it in good time; raises LeaseLost while another process has it."""
        now = self._ground.clock.now()
        seconds = self._ground.lease_seconds
        if self._renewed is not None and 0 <= now - self._renewed < seconds // 3:
            return
        self._renewed = None
        try:
            with self._ground.database.writing() as connection:
                self._fence = leases.take(connection, self._name, self._owner, now, seconds)
        except WriteConflict as error:
            raise LeaseLost("another process took the lease at the same moment", mend="Stop one of the two.") from error
        self._renewed = now

    def check(self, connection: Connection) -> None:
        """Raise LeaseLost unless the lease is still this process's, in the transaction that relies on it."""
        try:
            leases.check(connection, self._name, self._owner, self._fence)
        except LeaseLost:
            self._renewed = None
            raise

    def give_up(self) -> None:
        """Let another process take it at once; of a lease that went to another, nothing changes."""
        if self._renewed is None:
            return
        self._renewed = None
        with self._ground.database.writing() as connection:
            leases.give_up(connection, self._name, self._owner)
