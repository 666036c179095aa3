"""What the council lets everybody know: an outage excuses what was claimed in it; the first root of a name counts."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.conformity import Verdict
from app.domain.kinds import Kind
from app.domain.standing import Standing
from app.ports import OutageDeclared, TablePublished
from app.store import mirror, notices, verdict_changes
from app.store.database import Connection, Database
from app.store.ledger_tables import ledger_dossiers, ledger_items
from tests.domain.trade import DAY, DOSSIER, FIRST, START, Trade
from tests.store.test_mirror import place
from tests.store.test_verdict_changes import NOW, read_in, told


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    found.migrate()
    yield found
    found.close()


def late_sale() -> Trade:
    """A whole sale of which every step was recorded three days after it happened, and its check at once."""
    trade = Trade()
    trade.live()
    trade.seen = [replace(one, block_time=one.block_time + 3 * DAY) for one in trade.seen]
    trade.now += 3 * DAY
    trade.check()
    return trade


def verdicts(connection: Connection) -> list[int]:
    """The verdict of each item and dossier as lists show it."""
    items = connection.execute(select(ledger_items.c.verdict)).scalars()
    return [*items, *connection.execute(select(ledger_dossiers.c.verdict)).scalars()]


def stored(connection: Connection) -> list[Any]:
    """Every column of items and dossiers."""
    return [row for table in (ledger_items, ledger_dossiers) for row in connection.execute(select(table)).all()]


def outage(block: int, start: int = START, end: int = START + DAY) -> OutageDeclared:
    return OutageDeclared(place(block), start, end)


def declare(connection: Connection, notice: OutageDeclared) -> int:
    """Mirror an outage as the indexer does; how many changes were told."""
    return verdict_changes.follow_outage(connection, notice, mirror.add_notice(connection, notice), NOW)


def test_an_outage_that_is_declared_afterwards_excuses_a_late_quote_and_its_insurer_is_told(database: Database) -> None:
    trade = late_sale()
    after = len(trade.seen) + 1
    with database.writing() as connection:
        # The check of the trade says conform; the ledger does not bear that out.
        read_in(connection, trade)
        assert verdicts(connection) == [Verdict.INCOMPLETE, Verdict.INCOMPLETE]
        (first,) = told(connection)
        assert declare(connection, outage(after)) == 1
        assert verdicts(connection) == [Verdict.CONFORM, Verdict.CONFORM]
        change = told(connection)[-1]
        assert (change.before, change.after, change.cause) == (first.after, Standing(Verdict.CONFORM, 0), "outage")
        assert (change.dossier, change.author, change.digest) == (DOSSIER.hex(), None, None)


@pytest.mark.parametrize(("start", "end"), [(START + DAY, START + 2 * DAY), (START - DAY, START)])
def test_an_outage_at_another_time_excuses_nothing(database: Database, start: int, end: int) -> None:
    trade = late_sale()
    with database.writing() as connection:
        read_in(connection, trade)
        before = told(connection)
        assert declare(connection, outage(len(trade.seen) + 1, start, end)) == 0
        assert verdicts(connection) == [Verdict.INCOMPLETE, Verdict.INCOMPLETE]
        assert told(connection) == before


def test_steps_that_are_read_after_the_outage_are_judged_by_it(database: Database) -> None:
    trade = late_sale()
    with database.writing() as connection:
        mirror.add_notice(connection, outage(0))
        assert read_in(connection, trade) == 0
        assert verdicts(connection) == [Verdict.CONFORM, Verdict.CONFORM]


def test_an_outage_that_the_chain_takes_back_excuses_nothing_any_more(database: Database) -> None:
    trade = late_sale()
    kept = len(trade.seen)
    with database.writing() as connection:
        read_in(connection, trade)
        before = stored(connection)
        declare(connection, outage(kept + 1))
        assert stored(connection) != before
        touched = mirror.roll_back(connection, kept)
        assert verdict_changes.roll_back(connection, kept, touched, NOW) == 1
        assert stored(connection) == before
        assert notices.outages(connection) == ()
        assert told(connection)[-1].cause == "reorganised"


def test_what_an_outage_changed_is_the_same_when_later_steps_are_taken_back(database: Database) -> None:
    trade = late_sale()
    kept = len(trade.seen)
    trade.credit()
    with database.writing() as connection:
        read_in(connection, trade)
        first = outage(0, START - 1)
        declare(connection, first)
        mirror.roll_back(connection, kept)
        assert verdicts(connection) == [Verdict.CONFORM, Verdict.CONFORM]
        assert notices.outages(connection) == ((first.start, first.end),)


def test_only_quotes_hang_on_outages(database: Database) -> None:
    trade = late_sale()
    with database.writing() as connection:
        read_in(connection, trade)
        quote = trade.seen[0].step
        assert quote.kind is Kind.QUOTED
        assert notices.excused_dossiers(connection, quote.claimed_at, quote.claimed_at) == {DOSSIER.hex()}
        assert notices.excused_dossiers(connection, quote.claimed_at + 1, START + DAY) == set()
        assert told(connection, FIRST)


def test_the_first_root_of_a_name_is_the_tables(database: Database) -> None:
    with database.writing() as connection:
        for block, (name, root) in enumerate([("list/1", "aa" * 32), ("list/2", "bb" * 32), ("list/1", "cc" * 32)]):
            assert mirror.add_notice(connection, TablePublished(place(block), name, root)) == set()
        assert notices.published_roots(connection) == {"list/1": "aa" * 32, "list/2": "bb" * 32}
        mirror.roll_back(connection, 0)
        assert notices.published_roots(connection) == {"list/1": "aa" * 32}
