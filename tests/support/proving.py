"""A chain on which other ledgers than the committed one play histories until one contradicts Python."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from eth_abi.abi import encode
from eth_typing import ChecksumAddress, HexStr
from web3 import Web3
from web3.types import TxParams, Wei

from app.chain.artifacts import artifact
from app.domain.justification import bits_of
from app.domain.keccak import keccak256
from app.domain.shelf import MemoryShelf
from tests.differential.histories import ROLES as LABELS
from tests.differential.histories import History
from tests.differential.ledgers import ChainLedger, Offer, Said
from tests.differential.published import HISTORIES, NOW, ROLES, offered, raw
from tests.differential.test_rules_agree import AT_ONCE, FIRST_SEED, played
from tests.support.chain import connected, running_chain
from tests.support.gateways import Ground0, deployed_on

RANDOM = 600
"""Histories by chance, after those published."""
OPTIONS = ("--gas-limit", "4000000000", "--no-request-size-limit", "--auto-impersonate", "--disable-code-size-limit")
_INITIALIZE = keccak256(b"initialize(address,address)")[:4]
_SENDER = Web3.to_checksum_address("0x" + "11" * 20)


@dataclass(frozen=True, slots=True)
class Batch:
    """Histories of one transaction: what is said of each step, and then of mismatches that count and are justified."""

    name: str
    plays: list[tuple[Offer, Said]]
    bits: dict[bytes, tuple[int, int]]

    def holds_on(self, ledger: ChainLedger) -> bool:
        """Whether the ledger says the same."""
        answers = ledger.submit([offer for offer, _ in self.plays])
        return answers == [expected for _, expected in self.plays] and all(
            ledger.bits_of(item) == bits for item, bits in self.bits.items()
        )


class Ground:
    """The registry of one network, and what every ledger beside it has to play."""

    def __init__(self, node: Web3, ground: Ground0) -> None:
        self._node, self._ground = node, ground
        self._batches = [*_published(), *_random()]

    def difference(self, rare: bytes, ledger: bytes) -> str | None:
        """The first history of which the ledger of this bytecode says another thing; None if there is none."""
        try:
            deployed = self._deployed(rare, ledger)
            return next((batch.name for batch in self._batches if not batch.holds_on(deployed)), None)
        except (AssertionError, ValueError) as error:
            return f"an error: {type(error).__name__}"

    def _deployed(self, rare: bytes, ledger: bytes) -> ChainLedger:
        at = self._create(rare)
        logic = self._create(ledger + encode(["address"], [at]))
        deployment = self._ground.deployment
        initialize = _INITIALIZE + encode(["address", "address"], [deployment.access_manager, deployment.registry])
        proxy = self._create(artifact("ERC1967Proxy").bytecode + encode(["address", "bytes"], [logic, initialize]))
        network = dataclasses.replace(self._ground.network, ledger=proxy.lower()[2:])
        ground = dataclasses.replace(
            self._ground, deployment=dataclasses.replace(deployment, ledger=proxy), network=network
        )
        return ChainLedger(self._node, ground)

    def _create(self, code: bytes) -> ChecksumAddress:
        call = TxParams({"from": _SENDER, "data": HexStr("0x" + code.hex()), "gas": 100_000_000, "gasPrice": Wei(0)})
        receipt = self._node.eth.wait_for_transaction_receipt(self._node.eth.send_transaction(call))
        assert receipt["status"] == 1, "the contract was not created"
        address = receipt["contractAddress"]
        assert address is not None
        return address


def _published() -> Iterator[Batch]:
    for history in HISTORIES:
        bits = {raw(name): (item["mismatches"], item["justified"]) for name, item in history["items"].items()}
        yield Batch(f"history {history['name']!r}", list(offered(history)), bits)


def _random() -> Iterator[Batch]:
    for first in range(FIRST_SEED, FIRST_SEED + RANDOM, AT_ONCE):
        plays: list[tuple[Offer, Said]] = []
        bits = {}
        for seed in range(first, first + AT_ONCE):
            shelf = MemoryShelf(dict(LABELS))
            plays += played(shelf, History(seed, NOW).steps(), NOW)
            for name in shelf.items:
                found = bits_of(shelf, name)
                bits[name] = (found.mismatches, found.justified)
        yield Batch(f"a history from seed {first} on", plays, bits)


@contextmanager
def proving_ground() -> Iterator[Ground]:
    """A network of its own; its clock begins at that of the published histories."""
    options = (*OPTIONS, "--timestamp", str(NOW))
    with running_chain(options=options) as url, connected(url) as node:
        yield Ground(node, deployed_on(node, url, ROLES))
