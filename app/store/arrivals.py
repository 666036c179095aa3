"""Packages that a party took in: who sent them, about which dossier, with which steps."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from app.store.tables import packages


@dataclass(frozen=True, slots=True)
class Arrival:
    """One package that came in: its number in the order of arrival, and the digests of its steps."""

    number: int
    id: str
    sender: int
    dossier: str
    digests: list[str]
    received_at: int


def add_package(connection: Connection, party: int, sender: int, dossier: str, digests: Sequence[str], now: int) -> str:
    """Note a package; returns its id, which is the same for the same steps: again changes nothing."""
    content = json.dumps(list(digests))
    name = _id(party, sender, dossier, content)
    row = {
        "id": name,
        "party": party,
        "sender": sender,
        "dossier": dossier,
        "digests": content,
        "received_at": now,
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(packages).values(**row).on_conflict_do_nothing())
    return name


def has_come(connection: Connection, party: int, sender: int, dossier: str, digests: Sequence[str]) -> bool:
    """Whether a package with these steps came in before."""
    name = _id(party, sender, dossier, json.dumps(list(digests)))
    return connection.execute(select(packages.c.id).where(packages.c.id == name)).first() is not None


def _id(party: int, sender: int, dossier: str, digests: str) -> str:
    return hashlib.sha256(f"{party} {sender} {dossier} {digests}".encode()).hexdigest()[:32]


def packages_after(connection: Connection, party: int, after: int, limit: int) -> list[Arrival]:
    """Packages taken in after the one of this number, oldest first."""
    rows = select(packages).where(packages.c.party == party, packages.c.number > after)
    rows = rows.order_by(packages.c.number).limit(limit)
    return [
        Arrival(r.number, r.id, r.sender, r.dossier, json.loads(r.digests), r.received_at)
        for r in connection.execute(rows)
    ]
