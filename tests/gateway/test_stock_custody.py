"""Who keeps what of a lot: its glassmaker erases what it made of an item, and who hands a lot on forgets its units."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.kinds import Kind
from app.domain.stock import unit_name
from app.errors import NotFound, RecordErased
from app.services.erase import erase_item
from app.services.handed_on import forget_handed_on
from app.services.retention import forget_old
from app.store import access_log, erasures, exchange_outbox, outbox, vault
from app.store.ledger_tables import ledger_steps
from app.store.vault_tables import vault_keys
from tests.gateway.sales import quoted_lens
from tests.gateway.test_stock import shipment
from tests.support.benches import Bench, Pipeline, ShiftedClock
from tests.support.worlds import MAKER, OTHER_SHOP, SHOP, THIRD_SHOP, actor_of


@pytest.fixture(scope="module")
def gateway(bench: Bench) -> Pipeline:
    found = bench.pipeline()
    found.turn()
    return found


def bought(gateway: Pipeline, *numbers: str) -> str:
    """A lot that the shop has."""
    (lot,) = gateway.record(MAKER, shipment(SHOP, *numbers))
    gateway.turn()
    gateway.hand(MAKER, SHOP, lot.dossier)
    return str(lot.dossier)


def drew(gateway: Pipeline, lot: str, name: str, party: int = SHOP) -> str:
    """An item that a shop drew the first unit of a lot for, as the ledger shows it."""
    (quote,) = gateway.record(party, quoted_lens("A", name, glassmaker=MAKER))
    gateway.record(party, {"type": "drawn", "item": quote.item, "lot": lot, "unit": 1})
    gateway.turn()
    return str(quote.item)


def transfer(lot: str, holder: int) -> dict[str, Any]:
    return {"type": "lot_transferred", "lot": lot, "holder": holder}


def held(gateway: Pipeline, party: int, lot: str) -> list[int]:
    """The numbers of the units of which the party holds a data key."""
    with gateway.ground.database.reading() as connection:
        keys = select(vault_keys.c.subject).where(vault_keys.c.party == party)
        subjects = set(connection.execute(keys).scalars())
    return [number for number in range(1, 17) if unit_name(bytes.fromhex(lot), number).hex() in subjects]


def erased_steps(gateway: Pipeline, party: int) -> list[str]:
    with gateway.ground.database.reading() as connection:
        its = (ledger_steps.c.kind == int(Kind.ERASED), ledger_steps.c.party == party)
        return list(connection.execute(select(ledger_steps.c.subject).where(*its)).scalars())


def test_a_glassmaker_erases_what_it_holds_of_an_item_drawn_from_its_lot_and_the_ledger_says_so(
    gateway: Pipeline,
) -> None:
    lot = bought(gateway, "C-1", "C-2")
    item = drew(gateway, lot, "D1-c1")
    assert held(gateway, MAKER, lot) == [1, 2]
    view = gateway.desk.erase(gateway.caller(MAKER), item)
    assert (view.party, view.status, view.given_to, view.may_still_open) == (MAKER, "erasing", [SHOP], [SHOP])
    assert held(gateway, MAKER, lot) == [2]
    assert held(gateway, SHOP, lot) == [1, 2]
    gateway.turn()
    assert item in erased_steps(gateway, MAKER)
    again = gateway.desk.erase(gateway.caller(MAKER), item)
    assert again.sequence is not None
    seen = gateway.desk.item(gateway.caller(SHOP), item)
    (told,) = seen.erasures
    assert (told.party, told.item) == (MAKER, item)
    own = gateway.desk.item(gateway.caller(MAKER), item).erased
    assert own is not None
    assert own.party == MAKER
    with pytest.raises(RecordErased):
        gateway.package(MAKER, SHOP, lot)


def test_an_item_drawn_from_anothers_lot_is_none_that_a_glassmaker_erases(gateway: Pipeline) -> None:
    lot = bought(gateway, "C-11")
    (quote,) = gateway.record(SHOP, quoted_lens("A", "D1-c11", glassmaker=MAKER))
    gateway.turn()
    with pytest.raises(NotFound):
        erase_item(gateway.ground, actor_of(MAKER), str(quote.item))
    gateway.record(SHOP, {"type": "drawn", "item": quote.item, "lot": lot, "unit": 1})
    gateway.turn()
    for other in (OTHER_SHOP, 2002002003):
        with pytest.raises(NotFound):
            erase_item(gateway.ground, actor_of(other), str(quote.item))


def test_a_glassmakers_unit_whose_time_is_over_is_said_to_be_gone_of_the_item_it_became(bench: Bench) -> None:
    clock = ShiftedClock()
    gateway = bench.pipeline(clock=clock)
    lot = bought(gateway, "C-21", "C-22")
    item = drew(gateway, lot, "D1-c21")
    clock.ahead = 3653 * 24 * 3600
    forget_old(gateway.ground)
    assert held(gateway, MAKER, lot) == []
    with gateway.ground.database.reading() as connection:
        assert item in erasures.erased(connection, MAKER, [item])
    clock.ahead = 0
    gateway.turn()
    with gateway.ground.database.reading() as connection:
        said = outbox.events_of(connection, MAKER, subjects=[item])
    assert [event.step.kind for event in said] == [Kind.ERASED]


def test_groups_of_a_glassmakers_unit_are_said_to_be_gone_of_the_item_it_became(bench: Bench) -> None:
    clock = ShiftedClock()
    gateway = bench.pipeline(clock=clock)
    lot = bought(gateway, "C-25", "C-26")
    item = drew(gateway, lot, "D1-c25")
    clock.ahead = 1827 * 24 * 3600
    forget_old(replace(gateway.ground, roles={MAKER: gateway.ground.roles[MAKER]}))
    clock.ahead = 0
    assert held(gateway, MAKER, lot) == [1, 2], "a device is kept for longer"
    with gateway.ground.database.reading() as connection:
        (said,) = outbox.events_of(connection, MAKER, subjects=[item])
    assert said.step.erased_groups == ("product", "supplements", "correction", "coding")


def test_who_handed_a_lot_on_forgets_its_units_once_the_ledger_shows_it_and_the_new_holder_has_them(
    gateway: Pipeline,
) -> None:
    lot = bought(gateway, "C-31", "C-32", "C-33")
    item = drew(gateway, lot, "D1-c31")
    gateway.record(SHOP, transfer(lot, OTHER_SHOP))
    gateway.turn()
    # Nobody has said yet that the package came.
    assert held(gateway, SHOP, lot) == [1, 2, 3]
    gateway.hand(SHOP, OTHER_SHOP, lot)
    gateway.turn()
    assert held(gateway, SHOP, lot) == [1, 2, 3]
    gateway.record(OTHER_SHOP, transfer(lot, OTHER_SHOP))
    gateway.turn()
    # The lens that it drew is the shop's own.
    assert held(gateway, SHOP, lot) == [1]
    assert held(gateway, OTHER_SHOP, lot) == [1, 2, 3]
    assert held(gateway, MAKER, lot) == [1, 2, 3]
    with gateway.ground.database.reading() as connection:
        rows = [kept.row for kept in access_log.whole_log(connection, SHOP)]
        assert erasures.asked_scrub(connection) is not None
        assert vault.group_key(connection, SHOP, unit_name(bytes.fromhex(lot), 1).hex(), "coding") is not None
    (told,) = [row.deed for row in rows if row.deed.act == "groups_forgotten" and row.deed.subject == lot]
    assert told.counterparty == OTHER_SHOP
    with pytest.raises(RecordErased):
        gateway.package(SHOP, OTHER_SHOP, lot)
    assert gateway.desk.item(gateway.caller(SHOP), item).cases == []


def test_a_lot_that_is_handed_back_is_held_again_and_an_old_package_brings_nothing_back(gateway: Pipeline) -> None:
    lot = bought(gateway, "C-41", "C-42")
    old = gateway.package(MAKER, SHOP, lot)
    gateway.record(SHOP, transfer(lot, OTHER_SHOP))
    gateway.turn()
    gateway.hand(SHOP, OTHER_SHOP, lot)
    gateway.record(OTHER_SHOP, transfer(lot, OTHER_SHOP))
    gateway.turn()
    assert held(gateway, SHOP, lot) == []
    gateway.desk.take_package(gateway.caller(SHOP), old)
    assert forget_handed_on(gateway.ground) == 1
    assert held(gateway, SHOP, lot) == []
    gateway.record(OTHER_SHOP, transfer(lot, SHOP))
    gateway.turn()
    gateway.hand(OTHER_SHOP, SHOP, lot)
    gateway.turn()
    assert held(gateway, SHOP, lot) == [1, 2]
    gateway.record(SHOP, transfer(lot, SHOP))
    gateway.turn()
    assert (held(gateway, SHOP, lot), held(gateway, OTHER_SHOP, lot)) == ([1, 2], [])
    drew(gateway, lot, "D1-c41")


def test_a_lot_whose_package_goes_sealed_is_kept_until_its_receipt_comes(gateway: Pipeline) -> None:
    lot = bought(gateway, "C-51")
    gateway.record(SHOP, transfer(lot, OTHER_SHOP))
    gateway.turn()
    gateway.record(OTHER_SHOP, transfer(lot, OTHER_SHOP))
    gateway.turn()
    with gateway.ground.database.writing() as connection:
        sent = exchange_outbox.newest(connection, SHOP, OTHER_SHOP, lot)
        assert sent is not None
        exchange_outbox.set_package(connection, sent.number, "ab" * 16)
    gateway.hand(SHOP, OTHER_SHOP, lot)
    assert forget_handed_on(gateway.ground) == 0
    assert held(gateway, SHOP, lot) == [1]
    with gateway.ground.database.writing() as connection:
        exchange_outbox.settle(connection, sent.number, None, "receipt", 1)
    assert forget_handed_on(gateway.ground) == 1
    assert held(gateway, SHOP, lot) == []


KILLED = 137
FORGETS = """
import sys
from app import failpoints
from app.services.ground import Ground
from app.services.handed_on import forget_handed_on
from app.store.database import Database
from tests.support.grounds import NETWORK, SetClock
from tests.support.keys import KEYS
from tests.support.worlds import ROLES
failpoints.arm("K16:1")
forget_handed_on(Ground(Database(sys.argv[1], KEYS), None, SetClock(), NETWORK, ROLES))
"""


def test_a_gateway_killed_while_it_forgets_a_lot_forgets_it_whole_the_next_time(gateway: Pipeline) -> None:
    lot = bought(gateway, "C-61", "C-62")
    gateway.record(SHOP, transfer(lot, THIRD_SHOP))
    gateway.turn()
    gateway.hand(SHOP, THIRD_SHOP, lot)
    with gateway.ground.database.writing() as connection:
        sent = exchange_outbox.newest(connection, SHOP, THIRD_SHOP, lot)
        assert sent is not None
        exchange_outbox.settle(connection, sent.number, None, "receipt", 1)
    url = gateway.ground.database.engine.url.render_as_string(hide_password=False)
    root = Path(__file__).resolve().parents[2]
    died = subprocess.run([sys.executable, "-c", FORGETS, url], cwd=root, check=False, capture_output=True)
    assert died.returncode == KILLED, died.stderr
    assert held(gateway, SHOP, lot) == [1, 2]
    assert forget_handed_on(gateway.ground) == 1
    assert held(gateway, SHOP, lot) == []
