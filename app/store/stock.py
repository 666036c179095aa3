"""
Units of stock that a party holds: in which lot, since when, and to whom the lot was handed on.

A unit is neither an item nor a dossier, and what is sealed of it lies in the vault under its identifier. What stands
here lets it be forgotten: when its time is over, or when the lot is another's.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from app.store.tables import stock_units
from app.store.vault import Held, is_held


def keep(
    connection: Connection, party: int, lot: str, schemas: Mapping[str, str], handed_to: int | None, now: int
) -> None:
    """
    Note that the party holds these units of a lot, by their schemas; one that came before is kept since then.

    `handed_to` is to whom the party handed the lot on, None if it is the party's.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    for unit, schema in schemas.items():
        row = {"party": party, "unit": unit, "lot": lot, "schema": schema, "created_at": now, "handed_to": handed_to}
        rows = dialect.insert(stock_units).values(**row)
        same = [stock_units.c.party, stock_units.c.unit]
        connection.execute(rows.on_conflict_do_update(index_elements=same, set_={"handed_to": handed_to}))


def hand_on(connection: Connection, party: int, lot: str, holder: int | None) -> None:
    """Note to whom the party handed a lot on; None if it took it back."""
    its = (stock_units.c.party == party, stock_units.c.lot == lot)
    connection.execute(update(stock_units).where(*its).values(handed_to=holder))


def handed_on(connection: Connection, parties: Iterable[int]) -> list[tuple[int, str, int]]:
    """Party, lot and new holder of every lot that one of these parties handed on and still holds units of."""
    columns = (stock_units.c.party, stock_units.c.lot, stock_units.c.handed_to)
    rows = select(*columns).where(stock_units.c.party.in_(sorted(parties)), stock_units.c.handed_to.is_not(None))
    return [(row.party, row.lot, row.handed_to) for row in connection.execute(rows.distinct().order_by(*columns))]


def units_in(connection: Connection, party: int, lot: str) -> list[str]:
    """The units of a lot that the party holds."""
    rows = select(stock_units.c.unit).where(stock_units.c.party == party, stock_units.c.lot == lot)
    return list(connection.execute(rows.order_by(stock_units.c.unit)).scalars())


def units_held(connection: Connection, party: int) -> dict[str, set[str]]:
    """All units that the party holds, by their lots."""
    found: dict[str, set[str]] = {}
    for row in connection.execute(select(stock_units.c.lot, stock_units.c.unit).where(stock_units.c.party == party)):
        found.setdefault(row.lot, set()).add(row.unit)
    return found


def holding(
    connection: Connection, party: int, group: str, before: int, limit: int, after: Held | None = None
) -> list[Held]:
    """
    Units kept since `before` or earlier of which values or a key of this group are still held; `dossier` is the lot.

    Oldest first, and of those only what comes after `after`.
    """
    kept = stock_units.c
    rows = select(kept.unit, kept.lot, kept.schema, kept.created_at)
    rows = rows.where(kept.party == party, kept.created_at <= before, is_held(party, kept.unit, group))
    if after is not None:
        rows = rows.where(tuple_(kept.created_at, kept.unit) > tuple_(after.since, after.subject))
    return [Held(*row) for row in connection.execute(rows.order_by(kept.created_at, kept.unit).limit(limit))]


def let_go(connection: Connection, party: int, units: Sequence[str]) -> None:
    """Forget that the party held these units."""
    connection.execute(delete(stock_units).where(stock_units.c.party == party, stock_units.c.unit.in_(units)))
