"""The ledger on a chain, given many signed steps at once, and what it logged of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode
from web3 import Web3
from web3.types import RPCEndpoint, TxReceipt

from app.chain.codec import Witnesses, submit_call
from app.chain.signer import KeySigner
from app.domain.keccak import keccak256
from app.domain.outcomes import Outcome
from app.domain.steps import SignedList, Step, domain_separator, list_hash, signing_hash
from app.domain.witness import Witness
from tests.support.gateways import Ground0

_RECORDED = keccak256(b"StepRecorded(bytes16,uint256,bytes32,bytes32[])")
_DUPLICATE = keccak256(b"DuplicateFound(bytes16,uint256)")
_SKIPPED = keccak256(b"StepSkipped(bytes16,uint32,uint8,bytes32,bytes32)")


@dataclass(frozen=True, slots=True)
class Said:
    """What the ledger says of one step: its outcome, and where it is recorded the states and duplicates logged."""

    outcome: Outcome
    states: tuple[int, ...] = ()
    duplicates: tuple[tuple[bytes, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """One step of one party, with the witness that its relayer adds."""

    party: int
    step: Step
    witness: Witness


class ChainLedger:
    """The ledger of a test chain, through an account that the node signs for (`OPTIONS`)."""

    def __init__(self, node: Web3, ground: Ground0) -> None:
        self._node = node
        self._ledger = ground.deployment.ledger
        self._signer = KeySigner(dict(ground.keys))
        chain_id, address = ground.network.chain_id, bytes.fromhex(ground.network.ledger)
        self._separator = domain_separator(chain_id, address)
        self._sender = "0x" + "11" * 20
        block = self._ask("eth_getBlockByNumber", "latest", False)
        self._gas_limit = int(block["gasLimit"], 16)
        self.time = int(block["timestamp"], 16)

    def submit(self, offers: Sequence[Offer]) -> list[Said]:
        """Have the offers taken in one transaction, in this order."""
        lists = [self.signed(offer.party, [offer.step]) for offer in offers]
        found = list(said(self.relay(lists, [[offer.witness] for offer in offers])["logs"]))
        assert len(found) == len(offers), "one log for each step"
        return found

    def relay(self, lists: Sequence[SignedList], witnesses: Witnesses) -> TxReceipt:
        """The receipt of one transaction with these lists."""
        data = submit_call(lists, witnesses)
        gas = hex(self._gas_limit)
        call = {"from": self._sender, "to": self._ledger, "data": "0x" + data.hex(), "gas": gas, "gasPrice": "0x0"}
        receipt = self._node.eth.wait_for_transaction_receipt(self._ask("eth_sendTransaction", call))
        assert receipt["status"] == 1, "the transaction reverted"
        return receipt

    def bits_of(self, item: bytes) -> tuple[int, int]:
        """Mismatches that count and those justified, as the contract says."""
        mismatches, justified = decode(["uint16", "uint16"], self._shown("bitsOf", item))
        return mismatches, justified

    def item_of(self, item: bytes) -> tuple[int, int]:
        """State and exceptions of an item, packed."""
        state, exceptions = decode(["uint256", "uint256"], self._shown("itemOf", item))
        return state, exceptions

    def dossier_of(self, dossier: bytes) -> int:
        """State of a dossier, packed."""
        return int.from_bytes(self._shown("dossierOf", dossier), "big")

    def _shown(self, function: str, name: bytes) -> bytes:
        selector = keccak256(f"{function}(bytes16)".encode())[:4]
        call = {"to": self._ledger, "data": "0x" + (selector + name.ljust(32, b"\0")).hex()}
        return bytes.fromhex(self._ask("eth_call", call, "latest")[2:])

    def signed(self, party: int, steps: Sequence[Step]) -> SignedList:
        """A list of a party, signed, with its deadline 34 days ahead."""
        deadline = self.time + 34 * 24 * 3600
        digest = signing_hash(self._separator, list_hash(party, deadline, [step.digest for step in steps]))
        signature = self._signer.sign(party, digest)
        return SignedList(party, deadline, self._signer.address(party), tuple(steps), signature)

    def _ask(self, method: str, *arguments: object) -> Any:
        answer = self._node.provider.make_request(RPCEndpoint(method), list(arguments))
        assert "error" not in answer, answer
        return answer["result"]


def said(logs: Sequence[Any]) -> list[Said]:
    """What the ledger logged of each step, in order."""
    found: list[Said] = []
    duplicates: list[tuple[bytes, int]] = []
    for log in logs:
        topic, data = bytes(log["topics"][0]), bytes(log["data"])
        if topic == _DUPLICATE:
            duplicates.append((bytes(log["topics"][1])[:16], int.from_bytes(data, "big")))
        elif topic == _SKIPPED:
            found.append(Said(Outcome(data[31])))
        else:
            assert topic == _RECORDED, "a log of another kind"
            number = int.from_bytes(data[:32], "big")
            content = [data[at : at + 32] for at in range(128, len(data), 32)]
            states = tuple(int.from_bytes(word, "big") for word in content[: number >> 96])
            found.append(Said(Outcome.RECORDED, states, tuple(duplicates)))
            duplicates = []
    return found
