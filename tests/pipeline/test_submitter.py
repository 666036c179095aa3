"""Sending: each event once, nobody held up, nothing sent that would only be skipped."""

import secrets
from collections.abc import Iterator
from threading import Thread
from time import sleep
from typing import Any

import pytest
from eth_account import Account

from app.domain.packages import moment
from app.errors import LeaseLost
from app.pipeline.picking import LONGEST_WAIT
from app.services.ground import LEASE_SECONDS
from app.wiring import SystemClock
from tests.gateway.sales import (
    RIGHT,
    billed_frame,
    invoiced,
    manufactured,
    ordered,
    quoted_frame,
    quoted_lens,
)
from tests.support.benches import Bench, Pipeline, ShiftedClock
from tests.support.grounds import SetClock
from tests.support.proxy import LyingNode, lying_node
from tests.support.worlds import INSURER, MAKER, OTHER_INSURER, OTHER_SHOP, SHOP, THIRD_INSURER


@pytest.fixture
def node(bench: Bench) -> Iterator[LyingNode]:
    with lying_node(bench.chain.url) as found:
        yield found


def status_of(gateway: Pipeline, party: int, *events: Any) -> list[tuple[str, str | None]]:
    found = gateway.events(party, [event.id for event in events])
    return [(event.status, event.outcome) for event in found]


# -- one submitter at a time --


def test_of_two_processes_with_one_key_one_submits_until_it_falls_silent(bench: Bench) -> None:
    database, key, clock = bench.database_url(), secrets.token_bytes(32), ShiftedClock(0)
    one, other = (bench.pipeline(database=database, relayer=key, clock=clock) for _ in (1, 2))
    one.turn()
    one.record(SHOP, quoted_lens("A", "D1-lease"))
    with pytest.raises(LeaseLost):
        other.worker.turn()
    clock.ahead = LEASE_SECONDS + 1
    other.turn()
    assert other.waiting() == 0
    with pytest.raises(LeaseLost):
        one.worker.turn()
    assert len(one.transactions()) == 1


def test_a_process_that_ends_in_order_leaves_its_lease_to_the_next_at_once(bench: Bench) -> None:
    database, key, clock = bench.database_url(), secrets.token_bytes(32), ShiftedClock(0)
    one, other = (bench.pipeline(database=database, relayer=key, clock=clock) for _ in (1, 2))
    (event,) = one.record(SHOP, quoted_lens("A", "D1-ended"))
    serving = Thread(target=one.worker.run)
    serving.start()
    while one.waiting():
        assert serving.is_alive()
        sleep(0.05)
    with pytest.raises(LeaseLost):
        other.worker.turn()
    one.worker.stop()
    serving.join()
    other.worker.turn()
    # What the one has not written yet, it never will.
    with pytest.raises(LeaseLost):
        one.worker.turn()
    assert status_of(other, SHOP, event) == [("anchored", None)]


def test_a_process_that_slept_through_its_lease_cannot_write(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    database, key, clock = bench.database_url(), secrets.token_bytes(32), ShiftedClock(0)
    one, other = (bench.pipeline(database=database, relayer=key, clock=clock) for _ in (1, 2))
    one.worker.turn()
    (event,) = one.record(SHOP, quoted_lens("A", "D1-slept"))
    simulate = one.chain.simulate

    def slow(*arguments: Any) -> Any:
        clock.ahead += LEASE_SECONDS + 1
        other.worker.turn()
        return simulate(*arguments)

    monkeypatch.setattr(one.chain, "simulate", slow)
    with pytest.raises(LeaseLost):
        one.worker.turn()
    assert len(other.transactions()) == 1
    other.turn()
    assert status_of(other, SHOP, event) == [("anchored", None)]


def test_two_keys_on_one_database_take_no_list_twice(bench: Bench) -> None:
    database = bench.database_url()
    one, other = bench.pipeline(database=database), bench.pipeline(database=database)
    events = one.record(SHOP, *[quoted_lens(f"A{number}", "D1-two") for number in range(3)])
    for _ in range(10):
        one.worker.turn()
        other.worker.turn()
    assert status_of(one, SHOP, *events) == [("anchored", None)] * 3
    assert len(one.transactions()) == 1


# -- waiting --


def test_what_waits_for_another_party_costs_no_transaction_and_goes_when_that_is_there(bench: Bench) -> None:
    shop, maker = bench.pipeline(), bench.pipeline()
    (quote,) = shop.record(SHOP, quoted_lens("A", "D1-waits"))
    shop.record(SHOP, ordered(str(quote.item), RIGHT))
    maker.worker.turn()
    shop.hand(SHOP, MAKER, quote.dossier, to=maker)
    made = maker.record(MAKER, manufactured(str(quote.item), RIGHT, "V1"), {"type": "shipped", "item": quote.item})
    for _ in range(5):
        maker.worker.turn()
    assert status_of(maker, MAKER, *made) == [("accepted", "unknown_subject")] * 2
    assert maker.transactions() == []
    shop.turn()
    maker.turn()
    assert status_of(maker, MAKER, *made) == [("anchored", None)] * 2
    assert len(maker.transactions()) == 1


def test_a_list_that_is_partly_recorded_waits_with_the_rest_without_sending_it_again(bench: Bench) -> None:
    shop = bench.pipeline(clock=ShiftedClock(600))
    now = SystemClock().now()
    # One event lies ahead of the chain's clock by more than it allows, though not of the gateway's.
    ahead = quoted_lens("A", "D1-partly") | {"occurred_at": moment(now + 1_300)}
    first, second = shop.record(SHOP, ahead, quoted_lens("B", "D1-partly") | {"occurred_at": moment(now)})
    for _ in range(12):
        shop.worker.turn()
    assert status_of(shop, SHOP, first, second) == [("accepted", "claimed_ahead"), ("anchored", None)]
    assert len(shop.transactions()) == 1


def test_a_suspended_partys_queued_lists_go_on_once_it_is_reinstated(bench: Bench) -> None:
    gateway, council = bench.pipeline(), bench.chain.council
    gateway.worker.turn()
    (event,) = gateway.record(OTHER_SHOP, quoted_lens("A", "D1-suspended"))
    council.act(council.registry("suspend", OTHER_SHOP))
    try:
        for _ in range(4):
            gateway.worker.turn()
        assert status_of(gateway, OTHER_SHOP, event) == [("accepted", "party_suspended")]
        assert gateway.transactions() == []
    finally:
        council.act(council.registry("reinstate", OTHER_SHOP))
    gateway.turn()
    assert status_of(gateway, OTHER_SHOP, event) == [("anchored", None)]


# -- signing again --


def test_what_a_retired_key_signed_too_late_is_signed_again_by_the_new_one(bench: Bench) -> None:
    database, council = bench.database_url(), bench.chain.council
    old = bench.pipeline(database=database)
    old.worker.turn()
    new_key = secrets.token_bytes(32)
    address = {party: Account.from_key(key).address for party, key in bench.chain.keys.items()}[SHOP]
    council.act(
        council.registry("addKey", SHOP, Account.from_key(new_key).address, 0), council.registry("retireKey", address)
    )
    bench.ask("evm_increaseTime", 30)
    bench.mine(1)
    future = SystemClock().now() + 20
    (event,) = old.record(SHOP, quoted_lens("A", "D1-retired") | {"occurred_at": moment(future)})
    for _ in range(4):
        old.worker.turn()
    assert status_of(old, SHOP, event) == [("accepted", "claimed_after_retirement")]
    keys = dict(bench.chain.keys) | {SHOP: new_key}
    try:
        after = bench.pipeline(database=database, keys=keys, clock=ShiftedClock(120))
        after.turn()
        assert status_of(after, SHOP, event) == [("anchored", None)]
    finally:
        bench.chain.keys = keys


def test_a_gateway_whose_clock_is_ahead_signs_for_the_chains_clock(bench: Bench) -> None:
    now = SystemClock().now()
    gateway = bench.pipeline(clock=ShiftedClock(3 * 3600))
    (event,) = gateway.record(OTHER_SHOP, quoted_lens("A", "D1-ahead") | {"occurred_at": moment(now)})
    gateway.turn()
    assert status_of(gateway, OTHER_SHOP, event) == [("anchored", None)]


def test_a_list_whose_deadline_passed_is_refused_and_nothing_is_sent(bench: Bench) -> None:
    clock = SetClock(SystemClock().now())
    gateway = bench.pipeline(clock=clock)
    gateway.worker.turn()
    (event,) = gateway.record(SHOP, quoted_lens("A", "D1-expired"))
    clock.time += 36 * 24 * 3600
    gateway.turn()
    assert status_of(gateway, SHOP, event) == [("refused", "expired")]
    assert gateway.transactions() == []


# -- nobody is held up --


def test_a_step_behind_one_that_is_refused_for_good_is_recorded(bench: Bench) -> None:
    gateway = bench.pipeline()
    one, other = gateway.record(OTHER_SHOP, quoted_frame("A", "D1-third"), quoted_frame("B", "D1-third"))
    first = invoiced(one.dossier, billed_frame(str(one.item)), partial=True, insurers=[INSURER, OTHER_INSURER])
    gateway.record(OTHER_SHOP, first)
    gateway.turn()
    third = invoiced(one.dossier, billed_frame(str(other.item)), partial=True, insurers=[THIRD_INSURER])
    delivered = {"type": "delivered", "item": other.item, "device": {"number": "M1"}}
    events = gateway.record(OTHER_SHOP, third, delivered)
    gateway.turn()
    assert status_of(gateway, OTHER_SHOP, *events) == [("refused", "not_allowed"), ("anchored", None)]
    assert gateway.mirror() == bench.replay()


def test_two_insurers_who_find_the_same_in_one_second_are_both_anchored(bench: Bench) -> None:
    gateway = bench.pipeline()
    (quote,) = gateway.record(OTHER_SHOP, quoted_frame("A", "D1-same"))
    gateway.record(
        OTHER_SHOP, invoiced(quote.dossier, billed_frame(str(quote.item)), insurers=[INSURER, OTHER_INSURER])
    )
    gateway.turn()
    check = {"type": "verified", "dossier": quote.dossier, "verdict": "incomplete", "cases": []}
    check["occurred_at"] = moment(SystemClock().now())
    events = {insurer: gateway.record(insurer, check)[0] for insurer in (INSURER, OTHER_INSURER)}
    assert len({event.digest for event in events.values()}) == 1
    gateway.turn()
    for insurer, event in events.items():
        assert status_of(gateway, insurer, event) == [("anchored", None)]


def test_a_list_that_would_fail_holds_nobody_up(bench: Bench, node: LyingNode) -> None:
    gateway = bench.pipeline(url=node.url, clock=(clock := ShiftedClock()))
    gateway.worker.turn()
    events = [gateway.record(OTHER_SHOP, quoted_frame(f"A{number}", "D1-fails"))[0] for number in range(5)]
    poison = str(events[2].item)

    def lie(method: str, parameters: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        if method == "eth_call" and poison in str(parameters[0].get("data", parameters[0].get("input", ""))):
            return {
                "jsonrpc": "2.0",
                "id": answer["id"],
                "error": {"code": 3, "message": "execution reverted", "data": "0x"},
            }
        return answer

    node.lie = lie
    for _ in range(20):
        gateway.worker.turn()
    found = status_of(gateway, OTHER_SHOP, *events)
    assert found == [("anchored", None)] * 2 + [("accepted", "reverted")] + [("anchored", None)] * 2
    node.lie = None
    clock.ahead += LONGEST_WAIT
    gateway.turn()
    assert gateway.waiting() == 0


def test_a_transaction_that_ran_out_of_gas_goes_again_with_more(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = bench.pipeline(clock=(clock := SetClock(SystemClock().now())))
    gateway.worker.turn()
    events = gateway.record(OTHER_SHOP, *[quoted_frame(f"A{number}", "D1-gas") for number in range(3)])
    monkeypatch.setattr("app.pipeline.batch.list_gas", lambda _steps: 60_000)
    gateway.turn(6)
    assert status_of(gateway, OTHER_SHOP, *events) == [("accepted", "reverted")] * 3
    clock.time += LONGEST_WAIT
    gateway.turn()
    assert status_of(gateway, OTHER_SHOP, *events) == [("anchored", None)] * 3
    assert [status for _, _, status in gateway.transactions()] == ["settled"] * 2
    assert gateway.mirror() == bench.replay()
