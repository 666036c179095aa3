"""What the council lets everybody know, as the registry logged it: outages, and roots of mapping tables."""

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, insert, select

from app.domain.kinds import Kind
from app.domain.reading import LATE
from app.ports import NoticeLog, OutageDeclared
from app.store.ledger_tables import ledger_mapping_tables, ledger_outages, ledger_steps

Outages = tuple[tuple[int, int], ...]
"""First and last moment of each, in seconds since 1970."""
_AT_ONCE = 500


def put_notice(connection: Connection, notice: NoticeLog) -> None:
    """Store one notice."""
    row: dict[str, object] = {"block": notice.place.block, "log_index": notice.place.log_index}
    if isinstance(notice, OutageDeclared):
        connection.execute(insert(ledger_outages).values(**row, started_at=notice.start, ended_at=notice.end))
    else:
        connection.execute(insert(ledger_mapping_tables).values(**row, name=notice.name, root=notice.root))


def outages(connection: Connection, after: int = -1) -> Outages:
    """The outages that were declared, or only those declared after a block."""
    rows = select(ledger_outages).where(ledger_outages.c.block > after)
    found = connection.execute(rows.order_by(ledger_outages.c.block, ledger_outages.c.log_index))
    return tuple((row.started_at, row.ended_at) for row in found)


def published_roots(connection: Connection) -> dict[str, str]:
    """The root of each mapping table that was published, by name; the first one of a name."""
    table = ledger_mapping_tables
    found: dict[str, str] = {}
    for row in connection.execute(select(table).order_by(table.c.block, table.c.log_index)):
        found.setdefault(row.name, row.root)
    return found


def in_parts(names: Collection[str]) -> Iterator[list[str]]:
    """Names in parts that one statement takes: after a long outage of a whole country there are many."""
    ordered = sorted(names)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]


def excused_dossiers(connection: Connection, start: int, end: int) -> set[str]:
    """The dossiers whose verdict may hang on an outage: those with a quote claimed in it, and long before its block."""
    steps = ledger_steps.c
    rows = select(steps.dossier).where(
        steps.kind == int(Kind.QUOTED),
        steps.claimed_at.between(start, end),
        steps.block_time - steps.claimed_at > LATE,
    )
    return set(connection.execute(rows.distinct()).scalars())
