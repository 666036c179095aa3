"""Dossiers and items that a party made or was told of, its own references to them, and since when it knows any."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.store.tables import dossiers, items, stock_units


@dataclass(frozen=True, slots=True)
class OwnItem:
    """An item as one party knows it: the schema of its records, and its reference if the party gave one."""

    item: str
    dossier: str
    reference: str | None
    schema: str
    glassmaker: int


def dossier_by_reference(connection: Connection, party: int, reference: str) -> str | None:
    """The dossier that the party opened under a reference."""
    rows = select(dossiers.c.dossier).where(dossiers.c.party == party, dossiers.c.reference == reference)
    return connection.execute(rows).scalar_one_or_none()


def knows_dossier(connection: Connection, party: int, dossier: str) -> bool:
    """Whether the party made this dossier or was given a package about it."""
    rows = select(dossiers.c.dossier).where(dossiers.c.party == party, dossiers.c.dossier == dossier)
    return connection.execute(rows).first() is not None


def oldest(connection: Connection, party: int) -> int | None:
    """Since when the party knows the first of its items, dossiers and units of stock; None if it knows none."""
    tables = (dossiers, items, stock_units)
    first = [select(func.min(each.c.created_at)).where(each.c.party == party).scalar_subquery() for each in tables]
    return min((since for since in connection.execute(select(*first)).one() if since is not None), default=None)


def references(connection: Connection, party: int, subjects: Sequence[str]) -> dict[str, str]:
    """The party's references to these items and dossiers, by identifier."""
    found: dict[str, str] = {}
    for table, name in ((dossiers, dossiers.c.dossier), (items, items.c.item)):
        rows = select(name, table.c.reference).where(table.c.party == party, name.in_(subjects))
        found |= {subject: text for subject, text in connection.execute(rows) if text is not None}
    return found


def add_dossier(connection: Connection, party: int, dossier: str, reference: str, now: int) -> None:
    """Open a dossier; the database refuses a second one under the same reference."""
    row = {"party": party, "dossier": dossier, "reference": reference, "created_at": now}
    connection.execute(insert(dossiers).values(**row))


def add_item(connection: Connection, party: int, item: OwnItem, now: int) -> None:
    """Add an item; the database refuses a second one under the same reference in a dossier."""
    connection.execute(insert(items).values(**_item_row(party, item, now)))


def learn_item(connection: Connection, party: int, item: OwnItem, now: int) -> None:
    """Note an item and its dossier that another party's package told of; known ones stay as they are."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    dossier = {"party": party, "dossier": item.dossier, "reference": None, "created_at": now}
    connection.execute(dialect.insert(dossiers).values(**dossier).on_conflict_do_nothing())
    connection.execute(dialect.insert(items).values(**_item_row(party, item, now)).on_conflict_do_nothing())


def forget_references(connection: Connection, party: int, subjects: Sequence[str]) -> None:
    """Forget the party's references to these items and dossiers."""
    for table, name in ((dossiers, dossiers.c.dossier), (items, items.c.item)):
        connection.execute(update(table).where(table.c.party == party, name.in_(subjects)).values(reference=None))


def _item_row(party: int, item: OwnItem, now: int) -> dict[str, object]:
    return {
        "party": party,
        "item": item.item,
        "dossier": item.dossier,
        "reference": item.reference,
        "schema": item.schema,
        "glassmaker": item.glassmaker,
        "created_at": now,
    }


def items_known(connection: Connection, party: int, names: Sequence[str]) -> dict[str, OwnItem]:
    """Those of these items that the party knows."""
    rows = select(items).where(items.c.party == party, items.c.item.in_(names))
    return {row.item: _item(row) for row in connection.execute(rows)}


def items_in(connection: Connection, party: int, dossier: str) -> list[OwnItem]:
    """The items of a dossier that the party knows, in the order they were made known."""
    rows = select(items).where(items.c.party == party, items.c.dossier == dossier)
    return [_item(row) for row in connection.execute(rows.order_by(items.c.created_at, items.c.item))]


def _item(row: object) -> OwnItem:
    return OwnItem(row.item, row.dossier, row.reference, row.schema, row.glassmaker)  # type: ignore[attr-defined]
