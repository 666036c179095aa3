"""The access log: rows are added and read. The database itself refuses to change or delete one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, insert, select, true, tuple_

from app.domain.access import BEFORE_THE_FIRST, LOOKS, Act, Actor, Deed, Row
from app.store.tables import access_log

_LOCKS: Final = 0x6F74 << 40
_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Kept:
    """A row as it is stored, with the hashes stored beside it."""

    row: Row
    before: str
    hash: str


def append(connection: Connection, actor: Actor, deed: Deed, now: int) -> None:
    """Add a row to the log of the actor's party, in the caller's transaction."""
    party = actor.party
    if connection.dialect.name == "postgresql":
        # One writer at a time to each log; SQLite has one to the whole database anyway.
        connection.execute(select(func.pg_advisory_xact_lock(_LOCKS | party)))
    last = connection.execute(
        select(access_log.c.number, access_log.c.hash)
        .where(access_log.c.party == party)
        .order_by(access_log.c.number.desc())
        .limit(1)
    ).first()
    number, before = (1, BEFORE_THE_FIRST) if last is None else (last.number + 1, last.hash)
    row = Row(number, now, actor, deed, deed.owner)
    connection.execute(insert(access_log).values(**_columns(row), before=before, hash=row.hash(before)))


def _columns(row: Row) -> dict[str, object]:
    return {
        "party": row.actor.party,
        "number": row.number,
        "at": row.at,
        "key": row.actor.key,
        "label": row.actor.label,
        "purpose": row.actor.purpose,
        "act": str(row.deed.act),
        "subject": row.deed.subject,
        "dossier": row.deed.dossier,
        "owner": row.owner,
        "counterparty": row.deed.counterparty,
        "fields": ",".join(row.deed.fields),
        "detail": row.deed.detail,
    }


def _kept(row: Any) -> Kept:
    fields = tuple(row.fields.split(",")) if row.fields else ()
    actor = Actor(row.party, row.key, row.label, row.purpose)
    deed = Deed(row.act, row.subject, row.dossier, row.counterparty, fields, row.detail)
    return Kept(Row(row.number, row.at, actor, deed, row.owner), row.before, row.hash)


def whole_log(connection: Connection, party: int) -> Iterator[Kept]:
    """All rows of a party's log, from the first."""
    after = 0
    while True:
        rows = select(access_log).where(access_log.c.party == party, access_log.c.number > after)
        found = connection.execute(rows.order_by(access_log.c.number).limit(_BATCH)).all()
        if not found:
            return
        yield from map(_kept, found)
        after = found[-1].number


def recipients(connection: Connection, party: int, subjects: Sequence[str]) -> list[int]:
    """The parties that were given a package about one of these items and dossiers, by number."""
    given = (access_log.c.party == party, access_log.c.act == Act.PACKAGE_GIVEN, access_log.c.subject.in_(subjects))
    rows = connection.execute(select(access_log.c.counterparty).where(*given).distinct())
    return sorted(number for number in rows.scalars() if number is not None)


def rows_to_read(
    connection: Connection, party: int, subject: str | None, before: Sequence[int] | None, limit: int
) -> list[Kept]:
    """
    What `party` may read, newest first: its own log, and others' looks at dossiers that it opened.

    `subject` narrows to an item, or to a dossier and all its items. `before` is (moment, party, number) of the last
    row of the page before.
    """
    # Questions that each walk one index, because one with `or` walks the table. A sum has no index: with a subject,
    # it is the subject's that is walked.
    author: Any = access_log.c.party if subject is None else access_log.c.party + 0
    owner: Any = access_log.c.owner if subject is None else access_log.c.owner + 0
    own = author == party
    looks = and_(
        owner == party,
        author != party,
        access_log.c.act.in_(sorted(LOOKS)),
    )
    about = [true()] if subject is None else [access_log.c.subject == subject, access_log.c.dossier == subject]
    found = {
        (each.row.at, each.row.actor.party, each.row.number): each
        for whose in (own, looks)
        for what in about
        for each in _newest(connection, and_(whose, what), before, limit)
    }
    return [found[place] for place in sorted(found, reverse=True)[:limit]]


def _newest(
    connection: Connection, wanted: ColumnElement[bool], before: Sequence[int] | None, limit: int
) -> Iterator[Kept]:
    order = (access_log.c.at, access_log.c.party, access_log.c.number)
    rows = select(access_log).where(wanted)
    if before is not None:
        rows = rows.where(tuple_(*order) < tuple_(*before))
    return map(_kept, connection.execute(rows.order_by(*(column.desc() for column in order)).limit(limit)))
