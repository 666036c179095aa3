"""
Units of lots of which a party erased its record, for those who hold these units still.

Who holds a lot holds openings of all its units, also of one that another shop drew and sold. It is told that this unit
was erased, and not of which item, nor by which step: the sale is another's. What one row says orders it among the
others, so that its place in the list tells nothing more.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select

from app.domain.steps import Kind
from app.domain.stock import drawn_unit
from app.store import stock
from app.store.erasures import erases_all
from app.store.ledger_tables import ledger_steps
from app.store.outbox import step_of
from app.store.pages import shown_in_inbox

_AT_ONCE = 500
"""Rows that the database hands over at a time: a page is full long before all are read."""


@dataclass(frozen=True, slots=True, order=True)
class ErasedUnit:
    """
    In a block of this moment, in seconds since 1970, a party erased its record of the item that a unit was drawn for.

    The party drew it or made the lot: the ledger takes that step of an item from nobody else.
    """

    block_time: int
    lot: str
    number: int
    party: int


def erased_units(connection: Connection, party: int, after: ErasedUnit, limit: int) -> list[ErasedUnit]:
    """Units that the party holds and others erased, after this one; but for those of which the step is shown to it."""
    held = stock.units_held(connection, party)
    if not held:
        return []
    erased, drawing = ledger_steps.c, ledger_steps.alias("drawing")
    rows: Select[Any] = select(erased.block_time, erased.party, drawing.c.head, drawing.c.words)
    rows = rows.join_from(ledger_steps, drawing, drawing.c.subject == erased.subject)
    rows = rows.where(
        *erases_all(ledger_steps),
        drawing.c.kind == int(Kind.DRAWN),
        erased.party != party,
        erased.block_time >= after.block_time,
        ~shown_in_inbox(party),
    )
    found: set[ErasedUnit] = set()
    last = after.block_time
    in_order = rows.order_by(erased.sequence).execution_options(yield_per=_AT_ONCE)
    with connection.execute(in_order) as read:
        for row in read:
            # Those of one moment are put in order here, so all of them are read.
            if len(found) >= limit and row.block_time > last:
                break
            step = step_of(row)
            unit = ErasedUnit(row.block_time, step.named.hex(), step.number, row.party)
            if unit > after and drawn_unit(step) in held.get(unit.lot, ()):
                found.add(unit)
                last = unit.block_time
    return sorted(found)[:limit]
