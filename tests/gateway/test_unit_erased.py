"""A shop that holds a unit of a lot which another drew is told that it was erased, and nothing of that one's sale."""

import base64
import json
import re
from typing import Any

import pytest
from sqlalchemy import select

from app.api.app import create_app
from app.domain.kinds import Kind
from app.domain.packages import moment
from app.queries.gateway import Filter
from app.queries.views import InboxEntry
from app.services.api_keys import create_api_key
from app.store.ledger_tables import ledger_steps
from tests.api.serving import served
from tests.gateway.sales import quoted_lens
from tests.gateway.test_lists import walk
from tests.gateway.test_stock_custody import bought, drew, transfer
from tests.support.benches import Bench, Pipeline
from tests.support.worlds import MAKER, OTHER_SHOP, SHOP, THIRD_SHOP


@pytest.fixture(scope="module")
def gateway(bench: Bench) -> Pipeline:
    found = bench.pipeline()
    found.turn()
    return found


def hand_on(gateway: Pipeline, lot: str, giver: int, holder: int) -> None:
    """Let a shop hand a lot to another, which takes it; what the giver did not draw is forgotten there."""
    gateway.record(giver, transfer(lot, holder))
    gateway.turn()
    gateway.hand(giver, holder, lot)
    gateway.record(holder, transfer(lot, holder))
    gateway.turn()


def sold_and_handed_on(gateway: Pipeline, *numbers: str) -> tuple[str, str]:
    """A lot whose first unit a shop drew before it handed the lot on: it, and the item."""
    lot = bought(gateway, *numbers)
    item = drew(gateway, lot, f"D-{numbers[0]}")
    hand_on(gateway, lot, SHOP, OTHER_SHOP)
    return lot, item


def erase(gateway: Pipeline, party: int, *items: str) -> None:
    for item in items:
        gateway.desk.erase(gateway.caller(party), item)
    gateway.turn()


def inbox(gateway: Pipeline, party: int, limit: int = 50) -> list[InboxEntry]:
    """Every entry of an inbox."""
    caller = gateway.caller(party)
    found: list[InboxEntry] = walk(lambda narrowed: gateway.desk.inbox(caller, narrowed), "entries", limit)
    return found


def units(gateway: Pipeline, party: int, lot: str) -> list[tuple[int | None, int, bool | None]]:
    """Number of the unit, author and whether it is still held, of each erasure in a lot that an inbox tells of."""
    told = [each for each in inbox(gateway, party) if each.type == "unit" and each.dossier == lot]
    return [(each.unit, each.sender, each.still_held) for each in told]


def steps(gateway: Pipeline, party: int, item: str) -> list[int]:
    """Who erased an item, by the steps that an inbox shows."""
    shown = [each.step for each in inbox(gateway, party) if each.step is not None]
    return [step.party for step in shown if step.kind == "erased" and step.item == item]


def recorded(gateway: Pipeline, item: str) -> list[Any]:
    """All that the ledger has of an item, in its order."""
    with gateway.ground.database.reading() as connection:
        rows = select(ledger_steps).where(ledger_steps.c.item == item).order_by(ledger_steps.c.sequence)
        return list(connection.execute(rows))


def read(gateway: Pipeline, party: int) -> tuple[list[dict[str, Any]], str, list[list[Any]]]:
    """An inbox as the API answers it, entry by entry: the entries, the text of all answers, the keys in the cursors."""
    entries, text, query = [], "", {"limit": 1}
    keys: list[list[Any]] = []
    with served(create_app(gateway.desk, production=False)) as client:
        client.headers["Authorization"] = f"Bearer {create_api_key(gateway.ground, party)}"
        while True:
            answer = client.get("/v1/inbox", params=query)
            assert answer.status_code == 200, answer.text
            entries += answer.json()["entries"]
            text += answer.text
            cursor = answer.json()["next"]
            if cursor is None:
                return entries, text, keys
            keys.append(json.loads(base64.urlsafe_b64decode(cursor + "==")))
            query |= {"cursor": cursor}


def test_a_new_holder_is_told_that_a_unit_drawn_before_was_erased_and_nothing_of_the_sale(gateway: Pipeline) -> None:
    lot, item = sold_and_handed_on(gateway, "E-1", "E-2")
    assert units(gateway, OTHER_SHOP, lot) == []
    erase(gateway, SHOP, item)
    erase(gateway, MAKER, item)
    sale = recorded(gateway, item)
    said = {row.party: row for row in sale if row.kind == int(Kind.ERASED)}
    entries, text, keys = read(gateway, OTHER_SHOP)
    expected = {
        "type": "unit", "dossier": lot, "package": None, "confirmed": None, "step": None, "still_held": True,
        "contradicted": None, "unit": 1,
    }  # fmt: skip
    told = [each for each in entries if each["type"] == "unit" and each["dossier"] == lot]
    assert told == [expected | {"at": moment(said[by].block_time), "sender": by} for by in (SHOP, MAKER)]
    # Neither the sale nor any step of it, in what is shown or in what leads on.
    everything = text + json.dumps(keys)
    traces = {row.dossier for row in sale} | {item} | {row.digest for row in sale} | {row.transaction for row in sale}
    assert not [each for each in traces if each in everything]
    sequences = {row.sequence for row in sale}
    assert not sequences & {int(each) for each in re.findall(r'"sequence":(\d+)', text)}
    assert not sequences & {part for key in keys for part in key[1:]}
    shown = {(each["at"], each["dossier"], each["unit"], each["sender"]) for each in entries if each["type"] == "unit"}
    assert {(moment(at), *rest) for _, _, at, *rest in keys} - shown <= {(moment(0), "", 0, 0)}


def test_nobody_is_told_twice_nor_of_its_own_and_a_shop_without_the_lot_is_not_told(gateway: Pipeline) -> None:
    lot, item = sold_and_handed_on(gateway, "E-11", "E-12")
    erase(gateway, MAKER, item)
    # Who drew it sees the step itself.
    assert (units(gateway, SHOP, lot), steps(gateway, SHOP, item)) == ([], [MAKER])
    assert (units(gateway, OTHER_SHOP, lot), steps(gateway, OTHER_SHOP, item)) == ([(1, MAKER, True)], [])
    assert units(gateway, MAKER, lot) == []
    other, sold = sold_and_handed_on(gateway, "E-16", "E-17")
    erase(gateway, SHOP, sold)
    # The glassmaker holds the unit too, and the item is its own to see.
    assert (units(gateway, MAKER, other), steps(gateway, MAKER, sold)) == ([], [SHOP])
    assert (units(gateway, OTHER_SHOP, other), units(gateway, SHOP, other)) == ([(1, SHOP, True)], [])
    assert [each for each in inbox(gateway, THIRD_SHOP) if each.type == "unit"] == []


def test_who_handed_a_lot_on_is_not_told_of_what_was_drawn_after(gateway: Pipeline) -> None:
    lot, _ = sold_and_handed_on(gateway, "E-21", "E-22")
    (quote,) = gateway.record(OTHER_SHOP, quoted_lens("A", "D1-e22", glassmaker=MAKER))
    gateway.record(OTHER_SHOP, {"type": "drawn", "item": quote.item, "lot": lot, "unit": 2})
    gateway.turn()
    erase(gateway, OTHER_SHOP, str(quote.item))
    erase(gateway, MAKER, str(quote.item))
    # It holds the first unit still, which it drew.
    assert units(gateway, SHOP, lot) == []
    assert steps(gateway, MAKER, str(quote.item)) == [OTHER_SHOP]


def test_who_is_handed_the_lot_later_is_told_and_who_handed_it_on_not_any_more(gateway: Pipeline) -> None:
    lot, item = sold_and_handed_on(gateway, "E-31", "E-32")
    erase(gateway, SHOP, item)
    assert units(gateway, OTHER_SHOP, lot) == [(1, SHOP, True)]
    hand_on(gateway, lot, OTHER_SHOP, THIRD_SHOP)
    assert units(gateway, THIRD_SHOP, lot) == [(1, SHOP, True)]
    assert units(gateway, OTHER_SHOP, lot) == []


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_an_inbox_with_units_shows_every_entry_once_however_it_is_paged(gateway: Pipeline, limit: int) -> None:
    sales = [sold_and_handed_on(gateway, f"E-4{limit}-{number}", f"E-5{limit}-{number}") for number in range(3)]
    # In one block, so that the moment alone does not tell them apart.
    erase(gateway, SHOP, *(item for _, item in sales))
    assert len({row.block for _, item in sales for row in recorded(gateway, item) if row.kind == Kind.ERASED}) == 1
    erase(gateway, MAKER, *(item for _, item in sales))
    whole = gateway.desk.inbox(gateway.caller(OTHER_SHOP), Filter(limit=200))
    assert whole.next is None
    assert inbox(gateway, OTHER_SHOP, limit) == whole.entries
    lots = {lot for lot, _ in sales}
    told = [(each.at, each.dossier, each.sender) for each in whole.entries if each.type == "unit"]
    mine = [(lot, by) for _, lot, by in told if lot in lots]
    assert sorted(mine) == sorted((lot, by) for lot in lots for by in (SHOP, MAKER))
    assert told == sorted(told)


def test_an_erasure_that_the_chain_takes_back_is_told_no_more_until_it_is_there_again(
    gateway: Pipeline, bench: Bench
) -> None:
    lot, item = sold_and_handed_on(gateway, "E-61", "E-62")
    erase(gateway, SHOP, item)
    assert units(gateway, OTHER_SHOP, lot) == [(1, SHOP, True)]
    bench.ask("anvil_reorg", 1, [])
    gateway.worker.turn()
    assert units(gateway, OTHER_SHOP, lot) == []
    gateway.turn()
    assert units(gateway, OTHER_SHOP, lot) == [(1, SHOP, True)]
