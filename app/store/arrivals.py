"""Packages that a party took in: who sent them, about which dossier, with which steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, tuple_

from app.store.tables import packages


@dataclass(frozen=True, slots=True)
class Arrival:
    """One package that came in. `digests` are those of its steps, as JSON."""

    id: str
    sender: int
    dossier: str
    digests: str
    received_at: int


def add_package(
    connection: Connection, package: str, party: int, sender: int, dossier: str, digests: str, now: int
) -> str:
    """Note a package; returns the id it was noted under, the first one if the same came before."""
    same = select(packages.c.id).where(
        packages.c.party == party, packages.c.sender == sender,
        packages.c.dossier == dossier, packages.c.digests == digests,
    )  # fmt: skip
    known = connection.execute(same).scalar_one_or_none()
    if known is not None:
        return str(known)
    row = {
        "id": package,
        "party": party,
        "sender": sender,
        "dossier": dossier,
        "digests": digests,
        "received_at": now,
    }
    connection.execute(insert(packages).values(**row))
    return package


def packages_after(connection: Connection, party: int, after: Sequence[Any], limit: int) -> list[Arrival]:
    """Packages taken in after (moment, id), oldest first."""
    rows = select(packages).where(
        packages.c.party == party, tuple_(packages.c.received_at, packages.c.id) > tuple_(*after)
    )
    rows = rows.order_by(packages.c.received_at, packages.c.id).limit(limit)
    return [Arrival(r.id, r.sender, r.dossier, r.digests, r.received_at) for r in connection.execute(rows)]
