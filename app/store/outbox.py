"""
Events on their way: accepted, signed into lists, carried by transactions, and settled from what the chain says.

An event and its list are written in one transaction with the record and its secrets. So a process that dies anywhere
finds here what it had promised.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from app.domain.steps import HASH_LENGTH, Kind, SignedList, Step
from app.store.tables import events, lists

OPEN = ("accepted", "submitted")


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event as it is stored."""

    id: str
    party: int
    item: str | None
    dossier: str
    step: Step
    digest: str
    list_id: int
    position: int
    status: str
    outcome: str | None
    accepted_at: int

    @property
    def subject(self) -> str:
        """The subject's identifier, in hex."""
        return self.step.subject.hex()


@dataclass(frozen=True, slots=True)
class StoredList:
    """A signed list with its row, and the events in it."""

    id: int
    signed: SignedList
    attempts: int
    events: tuple[EventRow, ...]


def open_events(one: StoredList) -> list[EventRow]:
    """The events of a list that are neither anchored nor refused."""
    return [event for event in one.events if event.status in OPEN]


def step_columns(step: Step) -> dict[str, object]:
    """A step as the columns that hold it."""
    return {
        "kind": int(step.kind),
        "occurrence": step.occurrence,
        "subject": step.subject.hex(),
        "claimed_at": step.claimed_at,
        "head": step.head,
        "words": b"".join(step.words),
        "digest": step.digest.hex(),
    }


def step_of(row: Row[tuple[object, ...]]) -> Step:
    """The step that a row's head and words hold."""
    words = row.words
    parts = [words[start : start + HASH_LENGTH] for start in range(0, len(words), HASH_LENGTH)]
    return Step.from_parts(row.head, parts)


def event_of(row: Row[tuple[object, ...]]) -> EventRow:
    """The event of a row of `events`."""
    return EventRow(
        row.id, row.party, row.item, row.dossier, step_of(row), row.digest, row.list_id, row.position,
        row.status, row.outcome, row.accepted_at,
    )  # fmt: skip


def add_list(connection: Connection, signed: SignedList, now: int) -> int:
    """Queue a signed list; returns its row's number."""
    values = {
        "party": signed.party,
        "deadline": signed.deadline,
        "signer": signed.signer,
        "signature": signed.signature,
        "status": "queued",
        "due_at": now,
        "created_at": now,
    }
    return int(connection.execute(insert(lists).values(**values).returning(lists.c.id)).scalar_one())


def add_events(connection: Connection, rows: Iterable[EventRow]) -> None:
    """Store events with the place of each in its list."""
    connection.execute(
        insert(events),
        [
            step_columns(row.step)
            | {
                "id": row.id,
                "party": row.party,
                "item": row.item,
                "dossier": row.dossier,
                "list_id": row.list_id,
                "position": row.position,
                "status": row.status,
                "accepted_at": row.accepted_at,
            }
            for row in rows
        ],
    )


def events_by_id(connection: Connection, party: int, ids: Sequence[str]) -> dict[str, EventRow]:
    """Those of these events that are the party's own."""
    rows = connection.execute(select(events).where(events.c.party == party, events.c.id.in_(ids)))
    return {row.id: event_of(row) for row in rows}


def events_of(
    connection: Connection, party: int, *, subjects: Sequence[str] = (), dossiers: Sequence[str] = ()
) -> list[EventRow]:
    """The party's own events about any of these subjects or dossiers, refused ones apart, oldest first."""
    about = or_(events.c.subject.in_(subjects), events.c.dossier.in_(dossiers))
    rows = select(events).where(events.c.party == party, about, events.c.status != "refused")
    return [event_of(row) for row in connection.execute(rows.order_by(events.c.list_id, events.c.position))]


def drawn_from(connection: Connection, party: int, lot: bytes) -> list[Step]:
    """What the party drew from a lot of stock, refused events apart."""
    named = func.substr(events.c.words, 1, len(lot)) == lot
    rows = select(events).where(events.c.party == party, events.c.kind == int(Kind.DRAWN), named)
    return [step_of(row) for row in connection.execute(rows.where(events.c.status != "refused"))]


def event_ids(connection: Connection, party: int, dossier: str, since: int) -> list[str]:
    """The party's own events about a dossier that were accepted since a moment, refused ones too."""
    rows = select(events.c.id).where(events.c.party == party, events.c.dossier == dossier)
    return list(connection.execute(rows.where(events.c.accepted_at >= since)).scalars())


def events_by_digest(connection: Connection, party: int, digests: Sequence[str]) -> list[EventRow]:
    """The party's own events with these digests."""
    rows = select(events).where(events.c.party == party, events.c.digest.in_(digests))
    return [event_of(row) for row in connection.execute(rows)]


def waiting(connection: Connection, party: int | None = None) -> tuple[int, int | None]:
    """How many events are not yet anchored or refused, and when the oldest was accepted."""
    rows = select(func.count(), func.min(events.c.accepted_at)).where(events.c.status.in_(OPEN))
    if party is not None:
        rows = rows.where(events.c.party == party)
    count, oldest = connection.execute(rows).one()
    return int(count), oldest


def list_digests(connection: Connection, list_id: int) -> list[bytes]:
    """The digests of all steps of a list, in order."""
    rows = select(events.c.digest).where(events.c.list_id == list_id).order_by(events.c.position)
    return [bytes.fromhex(digest) for digest in connection.execute(rows).scalars()]


def stored_list(connection: Connection, list_id: int) -> StoredList:
    """One list with its events."""
    return _with_events(connection, connection.execute(select(lists).where(lists.c.id == list_id)).all())[0]


def queued_lists(connection: Connection, now: int, limit: int) -> list[StoredList]:
    """Lists that are due, oldest first."""
    rows = select(lists).where(lists.c.status == "queued", lists.c.due_at <= now)
    return _with_events(connection, connection.execute(rows.order_by(lists.c.id).limit(limit)).all())


def lists_of(connection: Connection, transaction_id: int) -> list[StoredList]:
    """The lists that a transaction carries, oldest first."""
    rows = select(lists).where(lists.c.transaction_id == transaction_id, lists.c.status == "in_flight")
    return _with_events(connection, connection.execute(rows.order_by(lists.c.id)).all())


def _with_events(connection: Connection, rows: Sequence[Row[tuple[object, ...]]]) -> list[StoredList]:
    found: dict[int, list[EventRow]] = {row.id: [] for row in rows}
    query = select(events).where(events.c.list_id.in_(found)).order_by(events.c.list_id, events.c.position)
    for row in connection.execute(query):
        found[row.list_id].append(event_of(row))
    return [
        StoredList(
            row.id,
            SignedList(
                row.party,
                row.deadline,
                row.signer,
                tuple(event.step for event in found[row.id]),
                row.signature,
            ),
            row.attempts,
            tuple(found[row.id]),
        )
        for row in rows
    ]


def settle_events(connection: Connection, settled: Mapping[str, tuple[str, str | None]]) -> None:
    """Set status and outcome of events, by id."""
    for event_id, (status, outcome) in settled.items():
        connection.execute(update(events).where(events.c.id == event_id).values(status=status, outcome=outcome))


def close_list(connection: Connection, list_id: int) -> None:
    """Every step of the list is anchored or refused."""
    connection.execute(update(lists).where(lists.c.id == list_id).values(status="done"))


def postpone_list(connection: Connection, list_id: int, due_at: int, attempts: int) -> None:
    """Queue a list again for later."""
    values = {"status": "queued", "transaction_id": None, "due_at": due_at, "attempts": attempts}
    connection.execute(update(lists).where(lists.c.id == list_id).values(**values))


def replace_signature(connection: Connection, list_id: int, signed: SignedList) -> None:
    """Put a new signature over the same steps, with its own deadline."""
    values = {"deadline": signed.deadline, "signer": signed.signer, "signature": signed.signature}
    connection.execute(update(lists).where(lists.c.id == list_id).values(**values))


def wake_parties(connection: Connection, parties: Iterable[int], now: int) -> None:
    """Make lists due whose parties have just changed in the registry."""
    theirs = lists.c.party.in_(sorted(set(parties)))
    connection.execute(update(lists).where(lists.c.status == "queued", lists.c.due_at > now, theirs).values(due_at=now))


def wake(connection: Connection, dossiers: Sequence[str], now: int) -> None:
    """Make lists due whose events concern dossiers that have just changed on the ledger."""
    about = select(events.c.list_id).where(events.c.dossier.in_(dossiers), events.c.status == "accepted")
    connection.execute(
        update(lists).where(lists.c.status == "queued", lists.c.due_at > now, lists.c.id.in_(about)).values(due_at=now)
    )
