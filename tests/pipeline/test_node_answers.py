"""What a node may answer to a transaction, and what is done then."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.errors import ChainUnavailable
from app.store import outbox
from tests.gateway.sales import (
    quoted_frame,
)
from tests.support.benches import Bench, Pipeline, ShiftedClock
from tests.support.proxy import LyingNode, lying_node
from tests.support.worlds import OTHER_SHOP


@pytest.fixture
def node(bench: Bench) -> Iterator[LyingNode]:
    with lying_node(bench.chain.url) as found:
        yield found


def status_of(gateway: Pipeline, party: int, *events: Any) -> list[tuple[str, str | None]]:
    found = gateway.events(party, [event.id for event in events])
    return [(event.status, event.outcome) for event in found]


@pytest.mark.parametrize(
    "words", ["transaction already imported", "Known transaction", "already known", "Nonce too low"]
)
def test_that_a_node_has_a_transaction_already_is_success(bench: Bench, node: LyingNode, words: str) -> None:
    gateway = bench.pipeline(url=node.url)

    def lie(method: str, _parameters: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        if method == "eth_sendRawTransaction":
            return {"jsonrpc": "2.0", "id": answer["id"], "error": {"code": -32000, "message": words}}
        return answer

    node.lie = lie
    (event,) = gateway.record(OTHER_SHOP, quoted_frame("A", f"D1-{words.replace(' ', '-')}"))
    gateway.turn()
    assert status_of(gateway, OTHER_SHOP, event) == [("anchored", None)]


def test_an_answer_that_got_lost_sends_the_same_bytes_again_and_records_once(bench: Bench, node: LyingNode) -> None:
    clock = ShiftedClock(0)
    gateway, raw = bench.pipeline(url=node.url, clock=clock), []

    def lie(method: str, parameters: list[Any], answer: dict[str, Any]) -> Any:
        if method == "eth_sendRawTransaction":
            raw.append(parameters[0])
            return b""
        if method == "eth_getTransactionReceipt" and len(raw) < 2:
            return answer | {"result": None}
        if method == "eth_getTransactionCount" and len(raw) < 2:
            return answer | {"result": "0x0"}
        return answer

    node.lie = lie
    (event,) = gateway.record(OTHER_SHOP, quoted_frame("A", "D1-lost"))
    for _ in range(12):
        try:
            gateway.worker.turn()
        except ChainUnavailable:
            clock.ahead += 11
    gateway.turn()
    assert len(raw) == 2
    assert raw[0] == raw[1]
    assert status_of(gateway, OTHER_SHOP, event) == [("anchored", None)]
    assert len(gateway.transactions()) == 1


def test_a_refusal_that_nobody_knows_is_tried_again_and_said(bench: Bench, node: LyingNode) -> None:
    gateway = bench.pipeline(url=node.url, clock=(clock := ShiftedClock(0)))

    def lie(method: str, _parameters: list[Any], answer: dict[str, Any]) -> Any:
        if method == "eth_sendRawTransaction":
            return b'{"jsonrpc":"2.0","id":0,"error":{"code":-32000,"message":"sender unknown to the pool"}}'
        return answer

    gateway.worker.turn()
    (event,) = gateway.record(OTHER_SHOP, quoted_frame("A", "D1-unknown"))
    gateway.worker.turn()
    node.lie = lie
    with pytest.raises(ChainUnavailable, match="refuses"):
        gateway.worker.turn()
    node.lie = None
    clock.ahead += 11
    gateway.turn()
    assert status_of(gateway, OTHER_SHOP, event) == [("anchored", None)]
    with gateway.ground.database.reading() as connection:
        assert outbox.waiting(connection) == (0, None)
