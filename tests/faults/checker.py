"""
The history checker: what was promised, against what the chain and the database hold when the storm is over.

It believes nobody: steps are read from the chain into a fresh database, and every promise is looked up there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Table, func, select

from app.chain.client import NodeChain
from app.pipeline.indexer import Indexer
from app.ports import Network
from app.store import ledger_tables as mirror
from app.store.database import Connection, Database
from app.store.tables import events, lists, transactions

MIRRORED = (
    mirror.ledger_steps,
    mirror.ledger_items,
    mirror.ledger_dossiers,
    mirror.ledger_concerns,
    mirror.ledger_registry,
)


@dataclass(frozen=True)
class History:
    """What a client saw: the ids of the events that it was told are accepted, each time it was told."""

    acknowledged: tuple[str, ...]


def rebuilt(chain: NodeChain, network: Network, url: str) -> Database:
    """A fresh database, read from the first block."""
    database = Database(url)
    database.migrate()
    reader = Indexer(chain, database, network.deployed_block, lambda: None)
    reader.catch_up(chain.newest(), 0, lambda _head: True)
    return database


def faults(history: History, gateway: Database, replayed: Database, mined: int) -> list[str]:
    """
    Everything that contradicts exactly-once; an empty list if nothing does.

    `mined` is the number of transactions of the relayer that the chain has.
    """
    with gateway.reading() as here, replayed.reading() as there:
        return [
            *_promises(history, here, there),
            *_doubles(there),
            *_inventions(here, there),
            *_gaps(there),
            *_leftovers(here, mined),
            *(f"{table.name} differs from a replay" for table in MIRRORED if _rows(here, table) != _rows(there, table)),
        ]


def _promises(history: History, here: Connection, there: Connection) -> Iterable[str]:
    digests = {row.id: row.digest for row in here.execute(select(events.c.id, events.c.digest))}
    on_chain = set(there.execute(select(mirror.ledger_steps.c.digest)).scalars())
    for event in history.acknowledged:
        if event not in digests:
            yield f"accepted and forgotten: {event}"
        elif digests[event] not in on_chain:
            yield f"accepted and not on the chain: {event}"


def _doubles(there: Connection) -> Iterable[str]:
    digest = mirror.ledger_steps.c.digest
    rows = select(digest).group_by(digest).having(func.count() > 1)
    yield from (f"on the chain twice: {each}" for each in there.execute(rows).scalars())


def _inventions(here: Connection, there: Connection) -> Iterable[str]:
    ours = set(here.execute(select(events.c.party)).scalars())
    accepted = set(here.execute(select(events.c.digest)).scalars())
    rows = select(mirror.ledger_steps.c.digest).where(mirror.ledger_steps.c.party.in_(ours))
    yield from (f"never accepted: {digest}" for digest in there.execute(rows).scalars() if digest not in accepted)


def _gaps(there: Connection) -> Iterable[str]:
    steps = mirror.ledger_steps.c
    rows = select(steps.party, func.max(steps.party_sequence), func.count()).group_by(steps.party)
    yield from (f"party {party} has a gap" for party, last, count in there.execute(rows) if last != count)
    last, count = there.execute(select(func.max(steps.sequence), func.count())).one()
    if (last or 0) != count:
        yield "the ledger's numbers have a gap"


def _leftovers(here: Connection, mined: int) -> Iterable[str]:
    waiting = here.execute(select(events.c.id).where(events.c.status != "anchored")).scalars()
    yield from (f"not anchored: {event}" for event in waiting)
    open_lists = here.execute(select(lists.c.id).where(lists.c.status != "done")).scalars()
    yield from (f"list {number} is not done" for number in open_lists)
    nonces = sorted(here.execute(select(transactions.c.nonce)).scalars())
    if nonces != list(range(mined)):
        yield "the nonces stored are not exactly those mined"


def _rows(connection: Connection, table: Table) -> list[tuple[object, ...]]:
    return sorted(tuple(row) for row in connection.execute(select(table)))
