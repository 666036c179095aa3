"""The five things that pin a chain: each is missed by itself, says so, and stops sending but not accepting."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from sqlalchemy import delete

from app.errors import ChainUntrusted
from app.store import pin
from app.store.ledger_tables import ledger_blocks
from app.store.tables import chain_pin
from tests.gateway.sales import quoted_lens
from tests.support.benches import MIRROR, Bench, Pipeline
from tests.support.proxy import LyingNode, lying_node
from tests.support.worlds import SHOP

OTHER_HASH = "0x" + "ab" * 32


@pytest.fixture
def node(bench: Bench) -> Iterator[LyingNode]:
    with lying_node(bench.chain.url) as found:
        yield found


def refused(gateway: Pipeline, where: str) -> ChainUntrusted:
    """A turn stops at this check, sends nothing, and events go on being accepted."""
    sent = gateway.transactions()
    (event,) = gateway.record(SHOP, quoted_lens(f"{where}-{gateway.waiting()}", "D1-identity"))
    with pytest.raises(ChainUntrusted) as raised:
        gateway.worker.turn()
    assert raised.value.where == where
    assert gateway.transactions() == sent
    assert gateway.events(SHOP, [event.id])[0].status == "accepted"
    return raised.value


Change = Callable[[list[Any], Any], Any]
OTHERS: dict[str, tuple[str, Change, str]] = {
    "chain_id": ("eth_chainId", lambda _p, _r: "0x1", "another chain id"),
    "genesis": ("eth_getBlockByNumber", lambda p, r: r | {"hash": OTHER_HASH} if p[0] == "0x0" else r, "genesis"),
    "ledger": ("eth_getCode", lambda _p, _r: "0x6001", "other code"),
}


@pytest.mark.parametrize("where", OTHERS)
def test_another_chain_genesis_or_ledger_is_named(bench: Bench, node: LyingNode, where: str) -> None:
    method, change, words = OTHERS[where]
    gateway = bench.pipeline(url=node.url)
    gateway.record(SHOP, quoted_lens(f"{where}-1", f"D1-{where}"))
    gateway.turn()
    node.tell(method, change)
    fresh = bench.pipeline(url=node.url)
    assert words in refused(fresh, where).detail
    node.lie = None
    fresh.turn()
    assert fresh.waiting() == 0


def test_a_chain_exchanged_between_two_questions_is_noticed_before_anything_is_taken_back(
    bench: Bench, node: LyingNode
) -> None:
    gateway = bench.pipeline(url=node.url)
    gateway.record(SHOP, quoted_lens("A", "D1-exchanged"))
    gateway.turn()
    mirror = gateway.mirror()
    bench.mine(1)
    first = iter([True])
    other = {"hash": OTHER_HASH, "parentHash": OTHER_HASH}
    node.tell("eth_getBlockByNumber", lambda p, r: r if p[0] == "latest" and next(first, False) else r | other)
    refused(gateway, "genesis")
    assert gateway.mirror() == mirror


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ("chain_id", {"chain_id": 1}),
        ("genesis", {"genesis": b"\7" * 32}),
        ("ledger", {"ledger": "77" * 20}),
        ("ledger", {"ledger_code_hash": b"\7" * 32}),
    ],
)
def test_a_database_of_another_network_is_not_taken_over(bench: Bench, where: str, change: dict[str, Any]) -> None:
    database = bench.database_url()
    first = bench.pipeline(database=database)
    first.worker.turn()
    with first.ground.database.writing() as connection:
        connection.execute(delete(chain_pin))
        pin.pin(connection, replace(bench.chain.network, **change))
    assert "database belongs to another" in refused(bench.pipeline(database=database), where).detail


def test_a_relayers_key_that_was_used_elsewhere_is_named_and_a_new_key_goes_on(bench: Bench) -> None:
    key, database = b"\x21" * 32, bench.database_url()
    gateway = bench.pipeline(database=database, relayer=key)
    (first,) = gateway.record(SHOP, quoted_lens("A", "D1-key"))
    gateway.turn()
    send_from(bench, key)
    assert "used elsewhere" in refused(gateway, "nonce").detail
    after = bench.pipeline(database=database)
    after.turn()
    assert after.waiting() == 0
    assert after.events(SHOP, [first.id])[0].status == "anchored"


def send_from(bench: Bench, key: bytes) -> None:
    """Use an account behind its gateway's back."""
    account = Account.from_key(key)
    nonce = int(bench.ask("eth_getTransactionCount", account.address, "latest"), 16)
    transaction = {"chainId": 31337, "to": "0x" + "11" * 20, "gas": 21_000, "gasPrice": 0, "nonce": nonce, "value": 0}
    bench.ask("eth_sendRawTransaction", account.sign_transaction(transaction).raw_transaction.to_0x_hex())


@pytest.mark.parametrize("sent", [False, True])
def test_a_nonce_that_somebody_else_took_voids_the_transaction_and_loses_no_event(bench: Bench, sent: bool) -> None:
    key, database = (b"\x22" if sent else b"\x23") * 32, bench.database_url()
    gateway = bench.pipeline(database=database, relayer=key)
    gateway.worker.turn()
    (event,) = gateway.record(SHOP, quoted_lens(f"A{sent}1", "D1-taken"))
    assert gateway.worker.turn()
    assert [status for _, _, status in gateway.transactions()] == ["prepared"]
    send_from(bench, key)
    with pytest.raises(ChainUntrusted) as raised:
        gateway.worker.turn()
    assert raised.value.where == "nonce"
    after = bench.pipeline(database=database)
    after.turn()
    assert after.events(SHOP, [event.id])[0].status == "anchored"
    assert len(after.transactions()) == 2
    assert after.mirror() == bench.replay()


def test_a_transaction_of_a_key_that_was_replaced_is_still_brought_home(bench: Bench) -> None:
    database = bench.database_url()
    gateway = bench.pipeline(database=database)
    gateway.worker.turn()
    (event,) = gateway.record(SHOP, quoted_lens("A", "D1-replaced"))
    assert gateway.worker.turn()
    after = bench.pipeline(database=database)
    after.turn()
    assert after.events(SHOP, [event.id])[0].status == "anchored"
    assert [status for _, _, status in after.transactions()] == ["settled"]


def test_a_chain_that_forgot_transactions_is_named(bench: Bench, node: LyingNode) -> None:
    gateway = bench.pipeline(url=node.url)
    gateway.record(SHOP, quoted_lens("A", "D1-forgot"))
    gateway.turn()
    node.tell("eth_getTransactionCount", lambda _p, _r: "0x0")
    bench.mine(1)
    assert "forgot transactions" in refused(gateway, "nonce").detail
    node.lie = None
    gateway.turn()
    assert gateway.waiting() == 0


def test_a_rebuilt_mirror_of_a_shorter_chain_is_noticed_by_the_nonce(bench: Bench) -> None:
    snapshot = bench.ask("evm_snapshot")
    gateway = bench.pipeline()
    (event,) = gateway.record(SHOP, quoted_lens("A", "D1-shorter"))
    gateway.turn()
    bench.ask("evm_revert", snapshot)
    with gateway.ground.database.writing() as connection:
        for table in (*MIRROR, ledger_blocks):
            connection.execute(delete(table))
    refused(gateway, "nonce")
    assert gateway.events(SHOP, [event.id])[0].status == "anchored"
