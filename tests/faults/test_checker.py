"""The history checker itself: it finds nothing in a whole history, and each thing that can be wrong with one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from app.store.database import Connection, Database
from app.store.ledger_tables import ledger_registry, ledger_steps
from app.store.outbox import EventRow, step_columns
from app.store.tables import events, lists, transactions
from tests.faults.checker import History, faults
from tests.gateway.sales import quoted_lens
from tests.support.keys import KEYS
from tests.support.worlds import MAKER, SHOP, World

ANCHORED = ("S-1", "S-2", "S-3")
"""The events that the chain of these tests has, in its order: each of those that were accepted, once."""


@dataclass
class Tale:
    """A gateway's database and a replay of the chain's, as they stand when the storm is over."""

    accepted: dict[str, EventRow]
    here: Database
    there: Database

    def found(self) -> list[str]:
        """What the checker says."""
        told = tuple(event.id for event in self.accepted.values())
        return faults(History(told), self.here, self.there, mined=1)


@pytest.fixture
def tale(tmp_path: Path) -> Iterator[Tale]:
    here, there = (Database(f"sqlite:///{tmp_path}/{name}.db", KEYS) for name in ("here", "there"))
    here.migrate()
    there.migrate()
    accepted = {}
    shop = World(here)
    for name in sorted(set(ANCHORED)):
        (accepted[name],) = shop.record(SHOP, quoted_lens(f"{name}/OD", name, glassmaker=MAKER))
    with here.writing() as connection:
        connection.execute(update(events).values(status="anchored"))
        connection.execute(update(lists).values(status="done"))
        sent = {"relayer": "0" * 40, "nonce": 0, "hash": "0" * 64, "raw": b"", "status": "settled", "created_at": 0}
        connection.execute(insert(transactions).values(**sent))
        registry = connection.execute(select(ledger_registry)).mappings().all()
    with there.writing() as connection:
        connection.execute(insert(ledger_registry), [dict(row) for row in registry])
    for database in (here, there):
        with database.writing() as connection:
            anchor(connection, [accepted[name] for name in ANCHORED])
    yield Tale(accepted, here, there)
    here.close()
    there.close()


def anchor(connection: Connection, rows: Sequence[EventRow]) -> None:
    """Mirror these events as steps of the chain, in this order; one that comes again has another occurrence."""
    for number, row in enumerate(rows, start=1):
        step = step_columns(row.step) | {"occurrence": rows[: number - 1].count(row)}
        place = {
            "sequence": number,
            "party_sequence": number,
            "block": number,
            "block_time": 0,
            "transaction": "0" * 64,
        }
        values = step | place | {"party": row.party, "item": row.item, "dossier": row.dossier}
        connection.execute(insert(ledger_steps).values(**values))


def test_nothing_is_wrong_with_a_whole_history(tale: Tale) -> None:
    assert tale.found() == []


def test_an_event_that_the_chain_has_twice_is_found(tale: Tale) -> None:
    row = tale.accepted["S-1"]
    for database in (tale.here, tale.there):
        with database.writing() as connection:
            connection.execute(delete(ledger_steps))
            anchor(connection, [*tale.accepted.values(), row])
    assert tale.found() == [f"on the chain twice: {row.digest}"]


def test_an_event_that_the_chain_does_not_have_is_found(tale: Tale) -> None:
    row = tale.accepted["S-3"]
    for database in (tale.here, tale.there):
        with database.writing() as connection:
            connection.execute(delete(ledger_steps).where(ledger_steps.c.digest == row.digest))
    assert tale.found() == [f"accepted and not on the chain: {row.id}"]


def test_an_event_that_the_gateway_forgot_is_found(tale: Tale) -> None:
    row = tale.accepted["S-2"]
    with tale.here.writing() as connection:
        connection.execute(delete(events).where(events.c.id == row.id))
    assert tale.found() == [f"accepted and forgotten: {row.id}", f"never accepted: {row.digest}"]


def test_a_hole_in_the_chains_numbers_is_found(tale: Tale) -> None:
    with tale.there.writing() as connection:
        connection.execute(update(ledger_steps).where(ledger_steps.c.sequence == 3).values(sequence=4))
        connection.execute(update(ledger_steps).where(ledger_steps.c.sequence == 4).values(party_sequence=4))
    assert tale.found() == [
        f"party {SHOP} has a gap",
        "the ledger's numbers have a gap",
        "ledger_steps differs from a replay",
    ]


def test_what_is_left_over_is_found(tale: Tale) -> None:
    row = tale.accepted["S-2"]
    with tale.here.writing() as connection:
        connection.execute(update(events).where(events.c.id == row.id).values(status="accepted"))
        connection.execute(update(lists).where(lists.c.id == row.list_id).values(status="queued"))
        connection.execute(update(transactions).values(nonce=1))
    assert tale.found() == [
        f"not anchored: {row.id}",
        f"list {row.list_id} is not done",
        "the nonces stored are not exactly those mined",
    ]
