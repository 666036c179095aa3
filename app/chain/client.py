"""One node of the chain, as the pipeline sees it: plain JSON-RPC, and no retry that the pipeline does not ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from eth_account import Account
from hexbytes import HexBytes
from requests.exceptions import RequestException
from web3 import Web3
from web3.exceptions import BlockNotFound, ContractLogicError, TransactionNotFound, Web3Exception, Web3RPCError

from app.chain import codec
from app.chain.rpc import connect, disconnect
from app.domain.keccak import keccak256
from app.domain.steps import SignedList
from app.domain.weights import TRANSACTION_GAS
from app.errors import ChainUnavailable, LedgerBroken
from app.ports import Block, LedgerLog, Network, Outcome, Place, Receipt, SignedTransaction

Answer = TypeVar("Answer")

KNOWN = ("known transaction", "already known", "already imported", "nonce too low")
"""What nodes answer to bytes that they have or that are mined. The receipt, not the answer, says what is true."""


class NodeChain:
    """The chain through one node; transactions are signed with the relayer's key."""

    def __init__(self, url: str, network: Network, relayer_key: bytes) -> None:
        self._node: Web3 = connect(url)
        self._network = network
        self._account = Account.from_key(relayer_key)
        self._ledger = Web3.to_checksum_address("0x" + network.ledger)
        self._registry = Web3.to_checksum_address("0x" + network.registry)
        self._bits = [_bloom_bits(network.ledger), _bloom_bits(network.registry)]

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

    def newest(self) -> Block:
        """Header of the newest block."""
        return _asked(lambda: self._header(self._node.eth.get_block("latest")))

    def block(self, number: int) -> Block | None:
        """Header of a block; None if the node has no such block."""
        try:
            found = _asked(lambda: self._header(self._node.eth.get_block(number)))
        except BlockNotFound:
            return None
        if found.number != number:
            raise ChainUnavailable("the node answers with another block", mend="Ask another node.")
        return found

    def _header(self, block: Any) -> Block:
        bloom = int.from_bytes(bytes(block["logsBloom"]), "big")
        touched = any(bloom & bits == bits for bits in self._bits)
        return Block(
            int(block["number"]), bytes(block["hash"]), bytes(block["parentHash"]), int(block["timestamp"]), touched
        )

    def code_hash(self) -> bytes:
        """Keccak of the code at the ledger's address."""
        return keccak256(bytes(_asked(lambda: self._node.eth.get_code(self._ledger))))

    def count(self, block: int) -> int | None:
        """How many steps the ledger had recorded at the end of `block`; None if the node does not keep its state."""
        call: Any = {"to": self._ledger, "data": HexBytes(codec.count_call())}
        try:
            answer = _asked(lambda: self._node.eth.call(call, block))
        except ChainUnavailable as error:
            if isinstance(error.__cause__, Web3RPCError):
                return None
            raise
        # Before the ledger was deployed nothing answers in its place.
        return int.from_bytes(answer, "big") if len(answer) == 32 else None

    def logs(self, first: int, last: int) -> list[LedgerLog]:
        """What ledger and registry logged in these blocks, in order."""
        wanted: Any = {"address": [self._ledger, self._registry], "fromBlock": first, "toBlock": last}
        return self._facts(_asked(lambda: _logs(self._node.eth.get_logs(wanted))), first, last)

    def logs_by_receipts(self, block: int) -> list[LedgerLog]:
        """The same for one block, read from its receipts instead of the node's log index."""

        def ask() -> list[_Log]:
            receipts: Any = self._node.eth.get_block_receipts(block)
            return _logs(log for receipt in receipts for log in receipt["logs"])

        return self._facts(_asked(ask), block, block)

    def _facts(self, logs: Iterable[_Log], first: int, last: int) -> list[LedgerLog]:
        """
        The logs that are of the ledger or the registry, in these blocks, and stand; each place once.

        Raises LedgerBroken if a node gives two different logs for one place, or one that is not of its form.
        """
        found: dict[tuple[int, int], LedgerLog] = {}
        for log in logs:
            place = log.place
            if log.address not in (self._ledger, self._registry) or log.removed or not first <= place.block <= last:
                continue
            fact = codec.ledger_log(place, log.topics, log.data)
            if fact is not None and found.setdefault((place.block, place.log_index), fact) != fact:
                raise LedgerBroken("the node gives two logs for one place", where=f"block {place.block}")
        return [found[place] for place in sorted(found)]

    def nonce(self, relayer: str) -> int:
        """How many transactions of this account are mined."""
        address = Web3.to_checksum_address("0x" + relayer)
        return _asked(lambda: int(self._node.eth.get_transaction_count(address, "latest")))

    def simulate(
        self, relayer: str, lists: Sequence[SignedList], witnesses: codec.Witnesses
    ) -> list[list[Outcome]] | None:
        """What would become of every step if this were submitted now; None if the call as a whole would fail."""
        call: Any = {
            "from": Web3.to_checksum_address("0x" + relayer),
            "to": self._ledger,
            "data": HexBytes(codec.submit_call(lists, witnesses)),
            "gas": TRANSACTION_GAS,
            "gasPrice": 0,
        }
        try:
            answer = bytes(_asked(lambda: self._node.eth.call(call)))
        except ChainUnavailable as error:
            # The node answered: the call reverts, or needs more gas than one transaction may have.
            if isinstance(error.__cause__, ContractLogicError | Web3RPCError):
                return None
            raise
        return codec.submit_outcomes(answer, [len(one.steps) for one in lists])

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
            if not isinstance(refusal, Web3RPCError):
                raise
            if not any(text in str(refusal).lower() for text in KNOWN):
                raise ChainUnavailable("the node refuses the transaction", mend="See the node's log.") from refusal

    def receipt(self, transaction: bytes) -> Receipt | None:
        """The receipt of a transaction; None while it is not mined."""
        try:
            found: Any = _asked(lambda: self._node.eth.get_transaction_receipt(HexBytes(transaction)))
        except TransactionNotFound:
            return None
        return Receipt(int(found["blockNumber"]), found["status"] == 1)


@dataclass(frozen=True, slots=True)
class _Log:
    """A log as a node gives it."""

    address: str
    removed: bool
    place: Place
    topics: list[bytes]
    data: bytes


def _logs(logs: Iterable[Any]) -> list[_Log]:
    return [
        _Log(
            str(log["address"]),
            bool(log.get("removed")),
            Place(
                int(log["blockNumber"]), bytes(log["blockHash"]), bytes(log["transactionHash"]), int(log["logIndex"])
            ),
            [bytes(topic) for topic in log["topics"]],
            bytes(log["data"]),
        )
        for log in logs
    ]


def _bloom_bits(address: str) -> int:
    """The three bits that a log of this address sets in the bloom of its block (yellow paper, 4.3.1)."""
    digest = keccak256(bytes.fromhex(address))
    return sum({1 << (int.from_bytes(digest[at : at + 2], "big") & 2047) for at in (0, 2, 4)})


def _asked(question: Callable[[], Answer]) -> Answer:
    """Ask the node; whatever keeps it from answering is one thing for those above."""
    try:
        return question()
    except (BlockNotFound, TransactionNotFound):
        raise
    except (RequestException, OSError) as error:
        raise ChainUnavailable("the node does not answer", mend="It is tried again by itself.") from error
    except (Web3Exception, ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        # Whatever a node sends that the library cannot read ends here, not in a trace of our own.
        raise ChainUnavailable("the node's answer cannot be used", mend="It is tried again by itself.") from error
