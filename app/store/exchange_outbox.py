"""
Packages that are due to other parties, until each has a receipt.

A row says to whom and about which items, never what: keys and values stay in the vault, and the package is made of
them each time it is sent. So nothing is kept twice, and a key that was replaced meanwhile does no harm.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, func, insert, select, update

from app.store.exchange_tables import exchange_outbox

WAITING, ACCEPTED, REFUSED = "waiting", "accepted", "refused"


@dataclass(frozen=True, slots=True)
class Due:
    """
    One package that goes, or went, from `party` to `recipient`.

    `package` is the id under which it was last made; `reason` says why it waits or was refused; `due_at` is when it is
    sent next, `settled_at` when its receipt came.
    """

    number: int
    party: int
    recipient: int
    dossier: str
    items: tuple[str, ...]
    status: str
    attempts: int
    due_at: int
    created_at: int
    settled_at: int | None
    package: str | None
    reason: str | None


def _due(row: Row[tuple[object, ...]]) -> Due:
    return Due(
        row.number, row.party, row.recipient, row.dossier, tuple(json.loads(row.items)), row.status, row.attempts,
        row.due_at, row.created_at, row.settled_at, row.package, row.reason,
    )  # fmt: skip


def add(connection: Connection, party: int, recipient: int, dossier: str, items: Sequence[str], now: int) -> None:
    """A package is due from now on."""
    row = {
        "party": party,
        "recipient": recipient,
        "dossier": dossier,
        "items": json.dumps(list(items)),
        "status": WAITING,
        "due_at": now,
        "created_at": now,
    }
    connection.execute(insert(exchange_outbox).values(**row))


def due(connection: Connection, now: int, limit: int) -> list[Due]:
    """Packages to be sent now, oldest first."""
    rows = select(exchange_outbox).where(exchange_outbox.c.status == WAITING, exchange_outbox.c.due_at <= now)
    return [_due(row) for row in connection.execute(rows.order_by(exchange_outbox.c.number).limit(limit))]


def page(connection: Connection, party: int, after: int, limit: int) -> list[Due]:
    """The party's packages after the one of this number, oldest first."""
    rows = select(exchange_outbox).where(exchange_outbox.c.party == party, exchange_outbox.c.number > after)
    return [_due(row) for row in connection.execute(rows.order_by(exchange_outbox.c.number).limit(limit))]


def waiting_for(connection: Connection, party: int, recipient: int, dossier: str) -> list[Due]:
    """The party's packages for `recipient` about a dossier that have no receipt."""
    rows = select(exchange_outbox).where(
        exchange_outbox.c.party == party,
        exchange_outbox.c.recipient == recipient,
        exchange_outbox.c.dossier == dossier,
        exchange_outbox.c.status == WAITING,
    )
    return [_due(row) for row in connection.execute(rows)]


def newest(connection: Connection, party: int, recipient: int, dossier: str) -> Due | None:
    """The party's last package for `recipient` about a dossier, whatever became of it; None if there was none."""
    its = (exchange_outbox.c.party == party, exchange_outbox.c.recipient == recipient)
    rows = select(exchange_outbox).where(*its, exchange_outbox.c.dossier == dossier)
    row = connection.execute(rows.order_by(exchange_outbox.c.number.desc()).limit(1)).first()
    return None if row is None else _due(row)


def waiting(connection: Connection) -> int:
    """How many packages have no receipt."""
    rows = select(func.count()).where(exchange_outbox.c.status == WAITING)
    return int(connection.execute(rows).scalar_one())


def set_package(connection: Connection, number: int, package: str) -> None:
    """Note under which id the package is made now; before any of it leaves."""
    _set(connection, number, package=package)


def postpone(connection: Connection, number: int, due_at: int, attempts: int, reason: str) -> None:
    """Send it again at `due_at`; `reason` says what it waits for."""
    _set(connection, number, due_at=due_at, attempts=attempts, reason=reason)


def attempts_for(connection: Connection, recipient: int) -> int:
    """How many attempts were made for the package to a recipient that has waited longest."""
    theirs = exchange_outbox.c.recipient == recipient, exchange_outbox.c.status == WAITING
    return int(connection.execute(select(func.max(exchange_outbox.c.attempts)).where(*theirs)).scalar_one() or 0)


def postpone_all(connection: Connection, recipient: int, due_at: int, attempts: int, reason: str) -> None:
    """Send everything that waits for a recipient again at `due_at`: it cannot be reached, so one attempt is enough."""
    theirs = exchange_outbox.c.recipient == recipient, exchange_outbox.c.status == WAITING
    values = {"due_at": due_at, "attempts": attempts, "reason": reason}
    connection.execute(update(exchange_outbox).where(*theirs).values(**values))


def settle(connection: Connection, number: int, reason: str | None, receipt: str | None, now: int) -> None:
    """It was accepted or, with a `reason`, refused; the receipt is the recipient's signature on that."""
    status = ACCEPTED if reason is None else REFUSED
    _set(connection, number, status=status, reason=reason, receipt=receipt, settled_at=now)


def numbers_of(connection: Connection, party: int, recipient: int, package: str) -> list[int]:
    """The rows of the party that were last made under this id for `recipient`, settled ones included."""
    rows = select(exchange_outbox.c.number).where(
        exchange_outbox.c.party == party,
        exchange_outbox.c.recipient == recipient,
        exchange_outbox.c.package == package,
    )
    return [int(number) for number in connection.execute(rows).scalars()]


def wake(connection: Connection, recipients: Iterable[int], now: int) -> None:
    """Make due at once what waits for parties that changed in the registry, or that showed themselves."""
    theirs = exchange_outbox.c.recipient.in_(sorted(set(recipients)))
    late = update(exchange_outbox).where(exchange_outbox.c.status == WAITING, exchange_outbox.c.due_at > now, theirs)
    connection.execute(late.values(due_at=now))


def _set(connection: Connection, number: int, **values: object) -> None:
    """A row that has its receipt stays as it is."""
    open_row = exchange_outbox.c.number == number, exchange_outbox.c.status == WAITING
    connection.execute(update(exchange_outbox).where(*open_row).values(**values))
