"""Reading a node that lies: a wrong row never, a missing one found or said."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.domain.keccak import keccak256
from app.errors import ChainUnavailable, ChainUntrusted, LeaseLost, LedgerBroken
from tests.gateway.sales import RIGHT, ordered, quoted_lens
from tests.support.benches import Bench, Pipeline
from tests.support.proxy import LyingNode, lying_node
from tests.support.worlds import SHOP


@pytest.fixture
def node(bench: Bench) -> Iterator[LyingNode]:
    with lying_node(bench.chain.url) as found:
        yield found


@pytest.fixture(scope="module")
def written(bench: Bench) -> Pipeline:
    """A few steps on the ledger, each in a block of its own."""
    gateway = bench.pipeline()
    for number in range(4):
        (quote,) = gateway.record(SHOP, quoted_lens(f"A{number}", f"D-{number}"))
        gateway.turn()
        gateway.record(SHOP, ordered(str(quote.item), RIGHT))
        gateway.turn()
    assert gateway.waiting() == 0
    return gateway


_RECORDED = "0x" + keccak256(b"StepRecorded(bytes16,uint256,bytes32,bytes32[])").hex()


def steps_in(logs: list[Any], ledger: str) -> list[Any]:
    """The logs of recorded steps."""
    return [log for log in logs if log["address"].lower() == "0x" + ledger and log["topics"][:1] == [_RECORDED]]


def test_the_mirror_is_what_a_replay_from_genesis_gives(bench: Bench, written: Pipeline) -> None:
    assert written.mirror() == bench.replay()
    assert len(written.mirror()["ledger_steps"]) == 8


def dropping(bench: Bench, place: int) -> Callable[[list[Any], Any], Any]:
    def change(_parameters: list[Any], logs: Any) -> Any:
        steps = steps_in(logs, bench.chain.network.ledger)
        return [log for log in logs if not steps or log is not steps[min(place, len(steps) - 1)]]

    return change


@pytest.mark.parametrize("place", [0, 3, 7])
def test_a_log_that_the_nodes_index_left_out_is_found_in_the_receipts(
    bench: Bench, written: Pipeline, node: LyingNode, place: int
) -> None:
    node.tell("eth_getLogs", dropping(bench, place))
    reader = bench.pipeline(url=node.url)
    reader.worker.turn()
    assert reader.mirror() == written.mirror()
    assert "eth_getBlockReceipts" in node.asked


def test_an_empty_answer_for_a_range_is_found_out_for_parties_and_keys_too(
    bench: Bench, written: Pipeline, node: LyingNode
) -> None:
    node.tell("eth_getLogs", lambda _parameters, _logs: [])
    reader = bench.pipeline(url=node.url)
    reader.worker.turn()
    assert reader.mirror() == written.mirror()


@pytest.mark.parametrize("place", [0, 7])
def test_a_log_that_is_nowhere_to_be_had_stops_the_cursor(
    bench: Bench, written: Pipeline, node: LyingNode, place: int
) -> None:
    drop = dropping(bench, place)
    block = sorted(row[12] for row in written.mirror()["ledger_steps"])[place]

    def lie(method: str, _parameters: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        if method == "eth_getLogs":
            return answer | {"result": drop([], answer["result"])}
        if method == "eth_getBlockReceipts":
            for receipt in answer["result"]:
                at = [log for log in receipt["logs"] if int(log["blockNumber"], 16) == block]
                receipt["logs"] = [log for log in receipt["logs"] if log not in at]
        return answer

    assert block > 0
    node.lie = lie
    reader = bench.pipeline(url=node.url)
    with pytest.raises(LedgerBroken):
        reader.worker.turn()
    assert reader.cursor() < bench.head()
    rows = reader.mirror()
    assert all(set(rows[name]) <= set(written.mirror()[name]) for name in rows)
    node.lie = None
    reader.worker.turn()
    assert reader.mirror() == written.mirror()


def _each(change: Callable[[Any], Any]) -> Callable[[list[Any], Any], Any]:
    return lambda _parameters, logs: [change(log) for log in logs]


HARMLESS: dict[str, Callable[[list[Any], Any], Any]] = {
    "twice": lambda _parameters, logs: [log for log in logs for _ in (1, 2)],
    "out of order": lambda _parameters, logs: logs[::-1],
    "with one taken back beside it": lambda _parameters, logs: [*logs, *({**log, "removed": True} for log in logs)],
    "with one of another address": lambda _parameters, logs: [
        *logs, *({**log, "address": "0x" + "77" * 20} for log in logs)
    ],
    "with one of another event": lambda _parameters, logs: [
        *logs,
        *({**log, "topics": ["0x" + "77" * 32], "logIndex": "0xff"} for log in logs),
    ],
    "with one of another block": lambda _parameters, logs: [
        *logs, *({**log, "blockNumber": hex(int(log["blockNumber"], 16) + 100_000)} for log in logs)
    ],
    "all taken back": lambda _parameters, logs: [{**log, "removed": True} for log in logs],
}  # fmt: skip


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_logs_given_in_an_odd_way_make_the_same_rows(
    bench: Bench, written: Pipeline, node: LyingNode, change: Callable[[list[Any], Any], Any]
) -> None:
    node.tell("eth_getLogs", change)
    reader = bench.pipeline(url=node.url)
    reader.worker.turn()
    assert reader.mirror() == written.mirror()


def _word(log: Any, number: int, value: str) -> Any:
    """The log with one 32-byte word of its data replaced."""
    data = log["data"][2:]
    return {**log, "data": "0x" + data[: 64 * number] + value.rjust(64, "0") + data[64 * number + 64 :]}


_SUBJECT = "0x" + "55" * 16 + "00" * 16
HOSTILE: dict[str, Callable[[Any], Any]] = {
    "a topic too few": lambda log: {**log, "topics": log["topics"][:-1]},
    "a topic too many": lambda log: {**log, "topics": [*log["topics"], "0x" + "00" * 32]},
    "no data": lambda log: {**log, "data": "0x"},
    "data cut short": lambda log: {**log, "data": log["data"][:-64]},
    "a number too large": lambda log: _word(log, 0, "f" * 64),
    "an array of endless length": lambda log: _word(log, 3, "7" * 64),
    "no states": lambda log: _word(log, 0, "99"),
    "another state": lambda log: _word(log, 4, "12345"),
    "an unknown kind": lambda log: _word(log, 1, "63" + "00" * 31),
    "another subject": lambda log: {**log, "topics": [log["topics"][0], _SUBJECT]},
    "another block's hash": lambda log: {**log, "blockHash": "0x" + "66" * 32},
    "no block's number": lambda log: {**log, "blockNumber": None},
    "a block's number that is none": lambda log: {**log, "blockNumber": "0xzz"},
    "nothing that belongs to a log": lambda _log: {},
}  # fmt: skip


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_a_log_that_cannot_be_true_is_refused_and_nothing_of_it_is_kept(
    bench: Bench, written: Pipeline, node: LyingNode, change: Callable[[Any], Any]
) -> None:
    ledger = bench.chain.network.ledger

    def lie(method: str, _parameters: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        logs = answer.get("result")
        if method == "eth_getBlockReceipts":
            for receipt in answer["result"]:
                receipt["logs"] = [change(log) if steps_in([log], ledger) else log for log in receipt["logs"]]
        if method == "eth_getLogs":
            return answer | {"result": [change(log) if steps_in([log], ledger) else log for log in logs or []]}
        return answer

    node.lie = lie
    reader = bench.pipeline(url=node.url)
    with pytest.raises((LedgerBroken, ChainUnavailable)):
        reader.worker.turn()
    rows = reader.mirror()
    assert rows["ledger_steps"] == []
    assert all(set(rows[name]) <= set(written.mirror()[name]) for name in rows)
    node.lie = None
    reader.worker.turn()
    assert reader.mirror() == written.mirror()


NONSENSE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "cut off": lambda answer: json.dumps(answer).encode()[:-9],
    "nothing": lambda _answer: b"",
    "no JSON": lambda _answer: b"<html>busy</html>",
    "a null": lambda answer: answer | {"result": None},
    "a list": lambda answer: answer | {"result": [[]]},
    "an error": lambda _answer: {"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": "no"}},
    "NaN": lambda _answer: b'{"jsonrpc":"2.0","id":1,"result":NaN}',
}


@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE)
@pytest.mark.parametrize("method", ["", "eth_getLogs"])
def test_nonsense_from_a_node_is_an_unavailable_chain(
    bench: Bench, node: LyingNode, method: str, nonsense: Callable[[dict[str, Any]], Any]
) -> None:
    node.lie = lambda asked, _parameters, answer: nonsense(answer) if asked.startswith(method) else answer
    reader = bench.pipeline(url=node.url)
    with pytest.raises((ChainUnavailable, ChainUntrusted)):
        reader.worker.turn()
    assert reader.mirror()["ledger_steps"] == []


def test_a_node_that_falls_behind_is_not_followed_back(bench: Bench, written: Pipeline, node: LyingNode) -> None:
    reader = bench.pipeline(url=node.url)
    reader.worker.turn()
    behind = bench.head() - 3

    def stale(method: str, parameters: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        if method == "eth_getBlockByNumber" and parameters[0] == "latest":
            return answer | {"result": bench.ask("eth_getBlockByNumber", hex(behind), False)}
        return answer

    node.lie = stale
    with pytest.raises(ChainUntrusted) as raised:
        reader.worker.turn()
    assert raised.value.where == "last_block"
    assert reader.mirror() == written.mirror()
    node.lie = None
    reader.worker.turn()


def test_a_node_that_does_not_keep_old_states_is_read_all_the_same(
    bench: Bench, written: Pipeline, node: LyingNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.pipeline.indexer.WINDOW", 3)
    head = bench.head()

    def forgetful(method: str, parameters: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        if method == "eth_call" and parameters[1] != "latest" and int(parameters[1], 16) < head:
            return {"jsonrpc": "2.0", "id": answer["id"], "error": {"code": -32000, "message": "missing trie node"}}
        return answer

    node.lie = forgetful
    reader = bench.pipeline(url=node.url)
    reader.worker.turn()
    assert reader.mirror() == written.mirror()


def test_small_windows_give_the_same_rows_as_large_ones(
    bench: Bench, written: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.pipeline.indexer.WINDOW", 2)
    monkeypatch.setattr("app.pipeline.indexer.STEPS_AT_ONCE", 1)
    assert bench.replay() == written.mirror()


def test_two_processes_that_read_into_one_database_make_no_row_twice(bench: Bench, written: Pipeline) -> None:
    database = bench.database_url()
    one, other = (bench.pipeline(database=database, relayer=b"\1" * 32) for _ in (1, 2))
    one.worker.turn()
    with pytest.raises(LeaseLost):
        other.worker.turn()
    assert one.mirror() == written.mirror()
