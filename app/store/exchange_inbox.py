"""Sealed packages that came in, each with the receipt that was given for it: the same package gets the same receipt."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, or_, select

from app.store.exchange_tables import exchange_inbox


@dataclass(frozen=True, slots=True)
class Sealed:
    """
    One sealed package that came in from `sender`, under the id that its content has.

    Taken in, it has `arrival`, the id in the inbox of all that comes in, and the digests of its steps; refused, it has
    a `reason`.
    """

    number: int
    sender: int
    package: str
    dossier: str | None
    arrival: str | None
    digests: list[str]
    reason: str | None
    received_at: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a package beside its receipt."""

    dossier: str | None = None
    arrival: str | None = None
    digests: Sequence[str] = ()
    reason: str | None = None


def receipt_of(connection: Connection, party: int, sender: int, package: str) -> str | None:
    """The receipt that the party gave for this package; None if it never came in."""
    rows = select(exchange_inbox.c.receipt).where(
        exchange_inbox.c.party == party, exchange_inbox.c.sender == sender, exchange_inbox.c.package == package
    )
    return connection.execute(rows).scalar_one_or_none()


def add(connection: Connection, party: int, sender: int, package: str, kept: Kept, receipt: str, now: int) -> None:
    """Keep the receipt for a package; raises WriteConflict, as the database's, if there is one."""
    row = {
        "party": party,
        "sender": sender,
        "package": package,
        "dossier": kept.dossier,
        "arrival": kept.arrival,
        "digests": json.dumps(list(kept.digests)),
        "reason": kept.reason,
        "received_at": now,
        "receipt": receipt,
    }
    connection.execute(insert(exchange_inbox).values(**row))


def drop_refused(connection: Connection, before: int, most: int) -> int:
    """
    Drop what was refused at `before` or earlier, and of each pair of parties all but the newest `most`; how many.

    The same package is judged anew, should it come again.
    """
    place = func.row_number().over(
        partition_by=(exchange_inbox.c.party, exchange_inbox.c.sender), order_by=exchange_inbox.c.number.desc()
    )
    refused = select(exchange_inbox.c.number, exchange_inbox.c.received_at, place.label("place"))
    ranked = refused.where(exchange_inbox.c.reason.is_not(None)).subquery()
    gone = select(ranked.c.number).where(or_(ranked.c.received_at <= before, ranked.c.place > most))
    return connection.execute(delete(exchange_inbox).where(exchange_inbox.c.number.in_(gone))).rowcount


def page(connection: Connection, party: int, after: int, limit: int) -> list[Sealed]:
    """What came in for the party after the one of this number, oldest first."""
    rows = select(exchange_inbox).where(exchange_inbox.c.party == party, exchange_inbox.c.number > after)
    return [
        Sealed(r.number, r.sender, r.package, r.dossier, r.arrival, json.loads(r.digests), r.reason, r.received_at)
        for r in connection.execute(rows.order_by(exchange_inbox.c.number).limit(limit))
    ]
