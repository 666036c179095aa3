"""
Which dossiers change each other's facts: by a shared nullifier, an exchange, a breakage.

Almost all stand alone. When the chain takes blocks back, those that hang together are folded again together.
"""

from collections.abc import Collection

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.kinds import WITH_NULLIFIER, Kind
from app.domain.shelf import MemoryShelf, known_item
from app.domain.steps import Step
from app.store.ledger_tables import ledger_concerns, ledger_dossiers, ledger_items, ledger_links, ledger_nullifiers


def put_links(connection: Connection, facts: MemoryShelf, step: Step) -> None:
    """Note which dossiers a step ties together."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    for name, dossier in _links(facts, step):
        row = {"name": name.hex(), "dossier": dossier.hex()}
        connection.execute(dialect.insert(ledger_links).values(**row).on_conflict_do_nothing())


def _links(facts: MemoryShelf, step: Step) -> list[tuple[bytes, bytes]]:
    if step.kind in WITH_NULLIFIER and step.nullifier is not None:
        return [(step.nullifier, known_item(facts, step.subject).dossier)]
    if step.kind is Kind.EXCHANGED:
        return [(step.named, known_item(facts, item).dossier) for item in (step.subject, step.named)]
    if step.kind is Kind.BREAKAGE_REPLACED:
        return [(step.named, step.subject), (step.named, step.named)]
    return []


def linked(connection: Connection, dossiers: Collection[str]) -> set[str]:
    """These dossiers and all that hang together with them."""
    found, more = set(dossiers), set(dossiers)
    while more:
        names = select(ledger_links.c.name).where(ledger_links.c.dossier.in_(more))
        rows = connection.execute(select(ledger_links.c.dossier).where(ledger_links.c.name.in_(names)))
        more = set(rows.scalars()) - found
        found |= more
    return found


def forget(connection: Connection, dossiers: Collection[str]) -> None:
    """Forget all that followed from the steps of these dossiers."""
    items = list(connection.execute(select(ledger_items.c.item).where(ledger_items.c.dossier.in_(dossiers))).scalars())
    names = select(ledger_links.c.name).where(ledger_links.c.dossier.in_(dossiers))
    connection.execute(delete(ledger_nullifiers).where(ledger_nullifiers.c.nullifier.in_(names)))
    connection.execute(delete(ledger_links).where(ledger_links.c.dossier.in_(dossiers)))
    connection.execute(delete(ledger_items).where(ledger_items.c.dossier.in_(dossiers)))
    connection.execute(delete(ledger_dossiers).where(ledger_dossiers.c.dossier.in_(dossiers)))
    connection.execute(delete(ledger_concerns).where(ledger_concerns.c.subject.in_([*dossiers, *items])))
