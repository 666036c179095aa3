"""Whatever was traded, in whatever order it arrived, the mirror holds what the rules leave, and can go back."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from app.domain.kinds import Kind
from app.store import mirror
from app.store.database import Connection, Database
from app.store.tables import metadata
from tests.domain.test_order import TURNS, played
from tests.domain.trade import Trade
from tests.domain.trades import FOCI, trades
from tests.store.test_mirror import check_same, read_in


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    found.migrate()
    yield found
    found.close()


def empty(connection: Connection) -> None:
    """Forget every row of the mirror, for the next trade."""
    for table in metadata.sorted_tables:
        if table.name.startswith("ledger_"):
            connection.execute(delete(table))


@pytest.mark.parametrize("focus", FOCI.values(), ids=FOCI)
@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.generate],  # making a failure smaller would take hours of databases
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_a_random_trade_is_mirrored_as_the_rules_leave_it(
    database: Database, focus: frozenset[Kind], data: st.DataObject
) -> None:
    trade = played(data.draw(trades(focus)), data.draw(TURNS))
    kept = data.draw(st.integers(0, len(trade.seen)))
    before = Trade(now=trade.now)
    for one in trade.seen[:kept]:
        before.take(one.party, one.step, one.block_time)
    before.now = trade.now
    with database.writing() as connection:
        empty(connection)
        assert set(read_in(connection, trade)) <= {None}
        check_same(connection, trade)
        mirror.roll_back(connection, kept)
        check_same(connection, before)
