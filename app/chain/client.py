"""One node of the chain, as the pipeline sees it: plain JSON-RPC, and no retry that the pipeline does not ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from eth_account import Account
from hexbytes import HexBytes
from requests.exceptions import RequestException
from web3 import Web3
from web3.exceptions import BlockNotFound, TransactionNotFound, Web3Exception, Web3RPCError

from app.chain import codec
from app.chain.rpc import connect, disconnect
from app.domain.keccak import keccak256
from app.domain.steps import SignedList
from app.domain.weights import TRANSACTION_GAS
from app.errors import ChainUnavailable
from app.ports import Block, LedgerLog, Network, Outcome, Place, Receipt, SignedTransaction

Answer = TypeVar("Answer")

KNOWN = ("known", "already imported", "nonce too low")
"""What nodes answer to bytes that they have or that are mined. The receipt, not the answer, says what is true."""


class NodeChain:
    """The chain through one node; transactions are signed with the relayer's key."""

    def __init__(self, url: str, network: Network, relayer_key: bytes) -> None:
        self._node: Web3 = connect(url)
        self._network = network
        self._account = Account.from_key(relayer_key)
        self._ledger = Web3.to_checksum_address("0x" + network.ledger)
        self._registry = Web3.to_checksum_address("0x" + network.registry)

    @property
    def relayer(self) -> str:
        """The account that signs transactions, lower-case hex without 0x."""
        return str(self._account.address).lower().removeprefix("0x")

    def close(self) -> None:
        """Close the connection."""
        disconnect(self._node)

    def chain_id(self) -> int:
        """The id that the node reports."""
        return _asked(lambda: int(self._node.eth.chain_id))

    def head(self) -> int:
        """Number of the newest block."""
        return _asked(lambda: int(self._node.eth.block_number))

    def block(self, number: int) -> Block | None:
        """Header of a block; None if the node has no such block."""
        try:
            found: Any = _asked(lambda: self._node.eth.get_block(number))
        except BlockNotFound:
            return None
        return Block(found["number"], bytes(found["hash"]), bytes(found["parentHash"]), found["timestamp"])

    def code_hash(self) -> bytes:
        """Keccak of the code at the ledger's address."""
        return keccak256(bytes(_asked(lambda: self._node.eth.get_code(self._ledger))))

    def count(self, block: int) -> int:
        """How many steps the ledger had recorded at the end of `block`."""
        answer = _asked(lambda: self._node.eth.call({"to": self._ledger, "data": HexBytes(codec.count_call())}, block))
        return int.from_bytes(answer, "big")

    def logs(self, first: int, last: int) -> list[LedgerLog]:
        """What ledger and registry logged in these blocks, in order."""
        wanted = {"address": [self._ledger, self._registry], "fromBlock": first, "toBlock": last}
        return self._facts(_asked(lambda: self._node.eth.get_logs(wanted)))  # type: ignore[arg-type]

    def logs_by_receipts(self, block: int) -> list[LedgerLog]:
        """The same for one block, read from its receipts instead of the node's log index."""
        receipts: Any = _asked(lambda: self._node.eth.get_block_receipts(block))
        return self._facts(log for receipt in receipts for log in receipt["logs"])

    def _facts(self, logs: Iterable[Mapping[str, Any]]) -> list[LedgerLog]:
        found: dict[tuple[int, int], LedgerLog] = {}
        for log in logs:
            if log["address"] not in (self._ledger, self._registry) or log.get("removed"):
                continue
            place = Place(log["blockNumber"], bytes(log["blockHash"]), bytes(log["transactionHash"]), log["logIndex"])
            fact = codec.ledger_log(place, [bytes(topic) for topic in log["topics"]], bytes(log["data"]))
            if fact is not None:
                found[place.block, place.log_index] = fact
        return [found[place] for place in sorted(found)]

    def nonce(self, relayer: str) -> int:
        """How many transactions of this account are mined."""
        address = Web3.to_checksum_address("0x" + relayer)
        return _asked(lambda: int(self._node.eth.get_transaction_count(address, "latest")))

    def simulate(self, relayer: str, lists: Sequence[SignedList], witnesses: codec.Witnesses) -> list[list[Outcome]]:
        """What would become of every step if this were submitted now."""
        call: Any = {
            "from": Web3.to_checksum_address("0x" + relayer),
            "to": self._ledger,
            "data": HexBytes(codec.submit_call(lists, witnesses)),
            "gas": TRANSACTION_GAS,
            "gasPrice": 0,
        }
        return codec.submit_outcomes(bytes(_asked(lambda: self._node.eth.call(call))))

    def submission(
        self, nonce: int, gas: int, lists: Sequence[SignedList], witnesses: codec.Witnesses
    ) -> SignedTransaction:
        """A signed transaction that submits these lists; the same bytes for the same arguments (RFC 6979)."""
        transaction: dict[str, Any] = {
            "chainId": self._network.chain_id,
            "to": self._ledger,
            "data": HexBytes(codec.submit_call(lists, witnesses)),
            "gas": gas,
            "gasPrice": 0,
            "nonce": nonce,
            "value": 0,
        }
        signed = self._account.sign_transaction(transaction)
        return SignedTransaction(bytes(signed.raw_transaction), bytes(signed.hash))

    def send(self, raw: bytes) -> None:
        """Hand a signed transaction to the node. That the node knows it already is success."""
        try:
            _asked(lambda: self._node.eth.send_raw_transaction(HexBytes(raw)))
        except ChainUnavailable as error:
            refusal = error.__cause__
            known = isinstance(refusal, Web3RPCError) and any(text in str(refusal).lower() for text in KNOWN)
            if not known:
                raise

    def receipt(self, transaction: bytes) -> Receipt | None:
        """The receipt of a transaction; None while it is not mined."""
        try:
            found: Any = _asked(lambda: self._node.eth.get_transaction_receipt(HexBytes(transaction)))
        except TransactionNotFound:
            return None
        return Receipt(found["blockNumber"], found["status"] == 1)


def _asked(question: Callable[[], Answer]) -> Answer:
    """Ask the node; whatever keeps it from answering is one thing for those above."""
    try:
        return question()
    except (BlockNotFound, TransactionNotFound):
        raise
    except (RequestException, Web3Exception, OSError, ValueError, KeyError) as error:
        raise ChainUnavailable("the node does not answer", mend="It is tried again by itself.") from error
