"""An insurer that was asked for cover and never invoiced erases what it holds, and the ledger says so."""

import pytest

from app.errors import NotFound
from app.store import vault
from tests.gateway.sales import quoted_lens
from tests.gateway.test_dossier_events import COVER
from tests.support.benches import Bench, Pipeline
from tests.support.worlds import INSURER, MAKER, OTHER_INSURER, SHOP


@pytest.fixture(scope="module")
def gateway(bench: Bench) -> Pipeline:
    found = bench.pipeline()
    found.turn()
    return found


def test_an_insurer_that_was_only_asked_says_that_it_erased(gateway: Pipeline) -> None:
    (quote,) = gateway.record(SHOP, quoted_lens("A", "D-asked", glassmaker=MAKER))
    dossier, item = str(quote.dossier), str(quote.item)
    gateway.record(SHOP, {"type": "cover_requested", "dossier": dossier, "insurer": INSURER, "cover": COVER})
    gateway.turn()
    gateway.hand(SHOP, INSURER, dossier)
    with pytest.raises(NotFound):
        gateway.desk.erase(gateway.caller(OTHER_INSURER), item)
    gateway.desk.erase(gateway.caller(INSURER), item)
    gateway.turn()
    erasures = gateway.desk.dossier(gateway.caller(SHOP), dossier).erasures
    assert [(each.party, each.item, each.sequence is not None) for each in erasures] == [(INSURER, None, True)]
    with gateway.ground.database.reading() as connection:
        assert not vault.holds(connection, INSURER, dossier)
        assert not vault.holds(connection, INSURER, item)
