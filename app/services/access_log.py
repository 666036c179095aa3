"""
Noting who did what for a party, in its access log.

An act that writes is noted in its own transaction, with `note`. What writes nothing else is noted by `Notes`, in a
small transaction of its own: the same act of the same key about the same thing once a minute, however often it is
repeated.
"""

import threading
from dataclasses import dataclass

from app.domain.access import BEFORE_THE_FIRST, Actor, Deed
from app.domain.packages import Package
from app.services.ground import Ground
from app.store import access_log
from app.store.database import Connection

WORKER = "worker"
EXCHANGE = "exchange"
COMMAND_LINE = "command line"

_MOST_REMEMBERED = 50_000


def note(ground: Ground, connection: Connection, actor: Actor, deed: Deed) -> None:
    """Add a row to the log of the actor's party, in a writing transaction that the caller holds."""
    access_log.append(connection, actor, deed, ground.clock.now())


def groups_in(package: Package) -> tuple[str, ...]:
    """The groups that a package discloses something of, by a key or by values."""
    keys = {each.group for each in package.keys}
    return tuple(sorted(keys | {values.group for step in package.steps for _, values in step.openings}))


class Notes:
    """Notes of one process; may be used by many threads at once."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._lock = threading.Lock()
        self._minute = 0
        self._noted: set[tuple[Actor, Deed]] = set()

    def once_a_minute(self, actor: Actor, *deeds: Deed) -> None:
        """Note each deed unless the same was noted in this minute; raises if they cannot be written."""
        due = [deed for deed in deeds if self.due(actor, deed)]
        if not due:
            return
        with self._ground.database.writing(actor.party) as connection:
            for deed in due:
                note(self._ground, connection, actor, deed)
        for deed in due:
            self.done(actor, deed)

    def due(self, actor: Actor, deed: Deed) -> bool:
        """Whether this deed was not noted in this minute yet."""
        minute = self._ground.clock.now() // 60
        with self._lock:
            if minute != self._minute:
                self._minute, self._noted = minute, set()
            return (actor, deed) not in self._noted

    def done(self, actor: Actor, deed: Deed) -> None:
        """Remember that the deed is noted: only now, for what failed to be written has to be written next time."""
        with self._lock:
            if len(self._noted) < _MOST_REMEMBERED:
                self._noted.add((actor, deed))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a log looks like: how many rows hold, the last hash, and what is wrong with the first that does not."""

    rows: int
    last_hash: str
    broken: str | None


def examined(ground: Ground, party: int, known: tuple[int, str] | None = None) -> Finding:
    """
    Compute all hashes of a party's log anew.

    `known` is the number and hash of a row as they were noted elsewhere: it shows a log that was written anew as a
    whole, or that lost its last rows.
    """
    rows, before, seen = 0, BEFORE_THE_FIRST, known is None
    with ground.database.reading() as connection:
        for kept in access_log.whole_log(connection, party):
            if kept.row.number != rows + 1:
                return Finding(rows, before, f"row {rows + 1} is missing")
            if kept.before != before:
                return Finding(rows, before, f"row {rows + 1} does not follow the row before it")
            if kept.row.hash(before) != kept.hash:
                return Finding(rows, before, f"row {rows + 1} is not what was written")
            rows, before = rows + 1, kept.hash
            if known is not None and rows == known[0]:
                seen = kept.hash == known[1]
                if not seen:
                    return Finding(rows - 1, kept.before, f"row {rows} is not the one that was noted elsewhere")
    return Finding(rows, before, None if seen else "the row that was noted elsewhere is missing")
