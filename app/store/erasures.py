"""
What a party erased, and what is left to do: files that may still hold what was deleted are written anew later.

An erasure is `erasing` until the scrub that it asked for was done, `erased` after that.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, insert, or_, select

from app.domain.kinds import Kind
from app.domain.packages import moment
from app.errors import RecordErased
from app.store.ledger_tables import ledger_dossiers, ledger_items, ledger_steps
from app.store.outbox import EventRow, event_of
from app.store.tables import events
from app.store.vault_tables import erasures, scrubs

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Erasure:
    """A party erased its record of an item, or of a dossier with its last item; in seconds since 1970."""

    party: int
    subject: str
    dossier: str
    erased_at: int
    done: bool


def add(connection: Connection, party: int, subject: str, dossier: str, now: int, scrub: int) -> None:
    """Note an erasure, in the transaction that deletes."""
    row = {"party": party, "subject": subject, "dossier": dossier, "erased_at": now, "scrub": scrub}
    connection.execute(insert(erasures).values(**row))


def erased(connection: Connection, party: int, subjects: Sequence[str]) -> dict[str, Erasure]:
    """Those of these items and dossiers that the party erased."""
    found: dict[str, Erasure] = {}
    pending = connection.execute(select(func.min(scrubs.c.number))).scalar_one()
    for start in range(0, len(subjects), _CHUNK):
        some = erasures.c.subject.in_(subjects[start : start + _CHUNK])
        rows = connection.execute(select(erasures).where(erasures.c.party == party, some))
        found |= {row.subject: _erasure(row, pending) for row in rows}
    return found


def _erasure(row: Row[tuple[object, ...]], pending: int | None) -> Erasure:
    done = pending is None or row.scrub < pending
    return Erasure(row.party, row.subject, row.dossier, row.erased_at, done)


def is_erased(party: Any, subject: Any) -> Any:
    """The condition that this party erased this subject."""
    return exists(select(erasures.c.subject).where(erasures.c.party == party, erasures.c.subject == subject))


def erasers(connection: Connection) -> set[int]:
    """The parties that erased anything."""
    return set(connection.execute(select(erasures.c.party).distinct()).scalars())


def unsaid(connection: Connection, party: int, *, items: bool, dossiers: bool) -> list[Erasure]:
    """Items and dossiers that the ledger knows, that the party erased, and of which no step says so or is under way."""
    said = [
        exists(select(table.c.subject).where(*_erased_step(table), table.c.party == party, *more))
        for table, more in ((events, (events.c.status != "refused",)), (ledger_steps, ()))
    ]
    wanted = ((items, ledger_items.c.item), (dossiers, ledger_dossiers.c.dossier))
    known = or_(*(exists(select(name).where(name == erasures.c.subject)) for asked, name in wanted if asked))
    rows = select(erasures).where(erasures.c.party == party, ~or_(*said), known).order_by(erasures.c.erased_at)
    return [_erasure(row, None) for row in connection.execute(rows)]


def _erased_step(table: Any) -> tuple[Any, ...]:
    return table.c.subject == erasures.c.subject, *erases_all(table)


def erases_all(table: Any) -> tuple[Any, ...]:
    """The conditions that a step says of the whole record that it was erased; of single groups others do."""
    return table.c.kind == int(Kind.ERASED), table.c.occurrence == 0


def unsaid_groups(connection: Connection, parties: Collection[int]) -> list[EventRow]:
    """
    Steps of these parties by which single groups are gone, which were too late for the ledger and are not said since.

    What it refused for another reason it would refuse again.
    """
    other, same = events.alias("other"), ("party", "subject", "kind", "occurrence")
    again, shown = (
        exists(select(table.c.kind).where(*(table.c[name] == events.c[name] for name in same), *more))
        for table, more in ((other, (other.c.status != "refused",)), (ledger_steps, ()))
    )
    late = (events.c.kind == int(Kind.ERASED), events.c.occurrence > 0, events.c.status == "refused")
    by_them = events.c.party.in_(sorted(parties))
    rows = select(events).where(*late, events.c.outcome == "expired", by_them, ~again, ~shown)
    rows = rows.order_by(events.c.accepted_at)
    return list({(row.party, row.subject, row.occurrence): event_of(row) for row in connection.execute(rows)}.values())


@dataclass(frozen=True, slots=True)
class Said:
    """A step on the ledger by which a party says that it erased an item or a dossier."""

    party: int
    subject: str
    dossier: str
    claimed_at: int


def undone(connection: Connection, parties: Collection[int], after: int) -> list[Said]:
    """What these parties said on the ledger, after this sequence, that they erased, and that is not erased here."""
    wanted = (ledger_steps.c.sequence > after, *erases_all(ledger_steps))
    by_them = (ledger_steps.c.party.in_(sorted(parties)), ~is_erased(ledger_steps.c.party, ledger_steps.c.subject))
    columns = (ledger_steps.c.party, ledger_steps.c.subject, ledger_steps.c.dossier, ledger_steps.c.claimed_at)
    rows = select(*columns).where(*wanted, *by_them).order_by(ledger_steps.c.sequence)
    return [Said(*row) for row in connection.execute(rows)]


def refuse(connection: Connection, party: int, subjects: Sequence[str]) -> None:
    """Raise RecordErased if the party erased one of these."""
    for each in erased(connection, party, subjects).values():
        raise record_erased(each)


def record_erased(erasure: Erasure) -> RecordErased:
    """The one answer for what a party erased."""
    day = moment(erasure.erased_at)
    return RecordErased(
        f"party {erasure.party} erased its record on {day}",
        mend="Its steps stay on the ledger. Whoever was given a package of it may still open it: see the access log.",
    )


def ask_scrub(connection: Connection, now: int, *, whole: bool = False) -> int:
    """Ask for the files to be written anew, `whole` with all tables of the vault; returns the scrub's number."""
    row = insert(scrubs).values(whole=whole, asked_at=now).returning(scrubs.c.number)
    return int(connection.execute(row).scalar_one())


def asked_scrub(connection: Connection) -> tuple[int, bool] | None:
    """The newest scrub that was asked for, and whether any of those that wait is whole; None if none waits."""
    waiting = connection.execute(select(scrubs.c.number, scrubs.c.whole)).all()
    return (max(row.number for row in waiting), any(row.whole for row in waiting)) if waiting else None


def scrubbed(connection: Connection, number: int) -> None:
    """The files were written anew after the scrub of this number was asked for."""
    connection.execute(delete(scrubs).where(scrubs.c.number <= number))
