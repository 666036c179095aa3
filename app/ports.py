"""What the core needs from outside, as protocols, and the facts that come in through them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.domain.outcomes import Outcome as Outcome
from app.domain.steps import SignedList, Step


@dataclass(frozen=True, slots=True)
class Place:
    """Where a log stands."""

    block: int
    block_hash: bytes
    transaction: bytes
    log_index: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """The ledger recorded a step. `states` are the packed states it says hold afterwards, in its order."""

    place: Place
    party: int
    sequence: int
    step: Step
    states: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """The ledger skipped a step, or a whole list; `digest` is its struct hash."""

    place: Place
    party: int
    digest: bytes
    whole_list: bool
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class PartyChanged:
    """A party was admitted (then `role` is set) or changed its state."""

    place: Place
    party: int
    role: int | None
    state: int


@dataclass(frozen=True, slots=True)
class KeyChanged:
    """A party's key was added, retired or revoked."""

    place: Place
    party: int
    key: str
    state: int
    custodian: int


@dataclass(frozen=True, slots=True)
class ExchangeKeysChanged:
    """A party's exchange keys were set; 32 bytes each in hex, empty where they were withdrawn."""

    place: Place
    party: int
    signing: str
    encryption: str


@dataclass(frozen=True, slots=True)
class GatewayChanged:
    """The address of a party's gateway was set; empty where it has none, or none that can be one."""

    place: Place
    party: int
    gateway: str


@dataclass(frozen=True, slots=True)
class OutageDeclared:
    """The council declared that the chain could not be reached; both moments, in seconds since 1970, are in it."""

    place: Place
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TablePublished:
    """The council published a mapping table: its name and version, and its root in hex."""

    place: Place
    name: str
    root: str


RegistryLog = PartyChanged | KeyChanged | ExchangeKeysChanged | GatewayChanged
NoticeLog = OutageDeclared | TablePublished
LedgerLog = Recorded | Skipped | RegistryLog | NoticeLog


@dataclass(frozen=True, slots=True)
class Block:
    """The part of a block header that the gateway reads; `touched` unless its bloom rules out logs of the ledger."""

    number: int
    hash: bytes
    parent: bytes
    time: int
    touched: bool = True


@dataclass(frozen=True, slots=True)
class Receipt:
    """A transaction was mined; `success` is false if it reverted."""

    block: int
    success: bool


@dataclass(frozen=True, slots=True)
class Network:
    """Which chain and ledger a gateway belongs to; everything it pins before the first step."""

    chain_id: int
    genesis: bytes
    ledger: str
    registry: str
    ledger_code_hash: bytes
    deployed_block: int
    development: bool


class Chain(Protocol):
    """One node of the chain. Every call raises ChainUnavailable if no answer comes in time."""

    def chain_id(self) -> int:
        """The id that the node reports."""

    def newest(self) -> Block:
        """Header of the newest block."""

    def block(self, number: int) -> Block | None:
        """Header of a block; None if the node has no such block."""

    def code_hash(self) -> bytes:
        """Keccak of the code at the ledger's address."""

    def count(self, block: int) -> int | None:
        """How many steps the ledger had recorded at the end of `block`; None if the node does not keep its state."""

    def logs(self, first: int, last: int) -> list[LedgerLog]:
        """What ledger and registry logged in these blocks, in order."""

    def logs_by_receipts(self, block: int) -> list[LedgerLog]:
        """The same for one block, read from its receipts instead of the node's log index."""

    def nonce(self, relayer: str) -> int:
        """How many transactions of this account are mined."""

    def simulate(
        self, relayer: str, lists: Sequence[SignedList], witnesses: Sequence[Sequence[tuple[bytes, ...]]]
    ) -> list[list[Outcome]] | None:
        """What would become of every step if this were submitted now; None if the call as a whole would fail."""

    def submission(
        self,
        nonce: int,
        gas: int,
        lists: Sequence[SignedList],
        witnesses: Sequence[Sequence[tuple[bytes, ...]]],
    ) -> "SignedTransaction":
        """A signed transaction that submits these lists; the same bytes for the same arguments."""

    def send(self, raw: bytes) -> None:
        """Hand a signed transaction to the node. That the node knows it already is success."""

    def receipt(self, transaction: bytes) -> Receipt | None:
        """The receipt of a transaction; None while it is not mined."""

    @property
    def relayer(self) -> str:
        """The account that pays for and signs transactions; it has no power over what they say."""


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """The bytes to send, and the hash they will have on chain."""

    raw: bytes
    hash: bytes


class Signer(Protocol):
    """The signing keys of the parties that this gateway serves."""

    def address(self, party: int) -> str:
        """The address of the party's key, lower-case hex without 0x."""

    def sign(self, party: int, digest: bytes) -> bytes:
        """The party's signature over 32 bytes: r, s, v, 65 bytes."""

    def recovered(self, digest: bytes, signature: bytes) -> str | None:
        """Whose signature this is; None if it is nobody's or malleable."""


class Clock(Protocol):
    """The time, so that tests can set it."""

    def now(self) -> int:
        """Seconds since 1970."""


class KeyEncryption(Protocol):
    """
    The key-encryption keys: they wrap the data keys of the vault and never leave where they lie.

    `entries` are pairs of a context, which is authenticated with the key, and the key or its wrapped form. Every call
    raises VaultUnreadable for a key id that is not there and for a wrapped key that is not whole, StoreUnavailable if
    no answer comes.
    """

    @property
    def newest(self) -> str:
        """Id of the key that new data keys are wrapped with."""

    def wrap(self, key_id: str, entries: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Data keys wrapped with the key of this id."""

    def unwrap(self, key_id: str, entries: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """The data keys that were wrapped with the key of this id."""
