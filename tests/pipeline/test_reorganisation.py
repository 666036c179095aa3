"""Blocks that the chain replaces: what they held is taken back, and anchored again exactly once."""

from collections.abc import Callable, Iterator

import pytest

from app.errors import ChainUntrusted
from app.pipeline.indexer import DEEPEST
from app.pipeline.submitter import RESEND_SECONDS
from tests.gateway.sales import RIGHT, ordered, quoted_lens
from tests.pipeline.test_told_once import check as checked
from tests.pipeline.test_told_once import credit, sold, told
from tests.support import benches
from tests.support.benches import Bench, Pipeline, ShiftedClock
from tests.support.worlds import INSURER, SHOP


@pytest.fixture(scope="module")
def bench(new_database: Callable[[], str]) -> Iterator[Bench]:
    """A chain of its own: other tests would not like their blocks to go."""
    with benches.bench(new_database) as found:
        yield found


def three_blocks(gateway: Pipeline, name: str) -> list[str]:
    """Record an item in three blocks; gives the ids of the events."""
    (quote,) = gateway.record(SHOP, quoted_lens(f"{name}-1", f"{name}-1"))
    gateway.turn()
    (order,) = gateway.record(SHOP, ordered(str(quote.item), RIGHT))
    gateway.turn()
    (receipt,) = gateway.record(SHOP, {"type": "received", "item": quote.item})
    gateway.turn()
    return [quote.id, order.id, receipt.id]


def check(bench: Bench, gateway: Pipeline, events: list[str]) -> None:
    """Everything is anchored, once, and the mirror is what a replay gives."""
    gateway.turn(80)
    assert [event.status for event in gateway.events(SHOP, events)] == ["anchored"] * len(events)
    assert gateway.mirror() == bench.replay()
    nonces = [(relayer, nonce) for relayer, nonce, _ in gateway.transactions()]
    assert len(set(nonces)) == len(nonces)
    assert {status for _, _, status in gateway.transactions()} == {"settled"}


@pytest.mark.parametrize("depth", [1, 3])
def test_what_a_reorganisation_dropped_is_anchored_again(bench: Bench, depth: int) -> None:
    gateway = bench.pipeline()
    kept = three_blocks(gateway, f"kept-{depth}")
    events = three_blocks(gateway, f"dropped-{depth}")
    before = gateway.transactions()
    bench.ask("anvil_reorg", depth, [])
    check(bench, gateway, kept + events)
    assert gateway.transactions() == before  # the same bytes under the same nonces


def test_a_chain_that_is_put_back_and_grows_again_is_read_again(bench: Bench) -> None:
    gateway = bench.pipeline()
    kept = three_blocks(gateway, "before")
    snapshot = bench.ask("evm_snapshot")
    events = three_blocks(gateway, "after")
    bench.ask("evm_revert", snapshot)
    with pytest.raises(ChainUntrusted, match="shorter") as raised:
        gateway.worker.turn()
    assert raised.value.where == "last_block"
    # What is shown meanwhile is what was read; nothing is sent, and events are accepted.
    assert len(gateway.record(SHOP, quoted_lens("meanwhile-1", "before-1"))) == 1
    bench.mine(5)
    check(bench, gateway, kept + events)


def test_a_transaction_under_way_in_a_replaced_block_is_sent_again(bench: Bench) -> None:
    clock = ShiftedClock()
    gateway = bench.pipeline(clock=clock)
    gateway.worker.turn()
    (quote,) = gateway.record(SHOP, quoted_lens("under-way-1", "under-way-1"))
    bench.ask("evm_setAutomine", False)
    gateway.worker.turn()  # signs and keeps it
    gateway.worker.turn()  # sends it
    bench.mine(1)  # the worker has not read this block
    assert [status for _, _, status in gateway.transactions()] == ["prepared"]
    assert bench.newest_holds() == 1
    bench.ask("anvil_reorg", 1, [])
    assert bench.newest_holds() == 0
    bench.ask("evm_setAutomine", True)
    clock.ahead += RESEND_SECONDS
    check(bench, gateway, [quote.id])


def test_an_insurer_is_told_that_a_change_was_taken_back_and_that_it_came_again(bench: Bench) -> None:
    gateway = bench.pipeline()
    dossier, item = sold(gateway, "taken-back-1")
    checked(gateway, dossier)
    credit(gateway, item)
    gateway.turn()
    bench.ask("anvil_reorg", 1, [])
    gateway.turn(80)
    found = told(gateway, INSURER, dossier=dossier)
    assert [each.cause for each in found] == ["step", "reorganised", "step"]
    assert [each.after.verdict for each in found] == ["non_conform", "conform", "non_conform"]


def test_a_reorganisation_deeper_than_any_chain_makes_needs_an_operator(bench: Bench) -> None:
    gateway = bench.pipeline()
    snapshot = bench.ask("evm_snapshot")
    events = three_blocks(gateway, "deep")
    for _ in range(DEEPEST + 2):
        bench.mine(1)
    gateway.worker.turn()
    mirror = gateway.mirror()
    bench.ask("evm_revert", snapshot)
    bench.ask("evm_increaseTime", 7)
    bench.mine(DEEPEST + 10)
    with pytest.raises(ChainUntrusted) as raised:
        gateway.worker.turn()
    assert raised.value.where == "last_block"
    assert gateway.mirror() == mirror
    assert [event.status for event in gateway.events(SHOP, events)] == ["anchored"] * 3
