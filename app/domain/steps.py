"""
Steps and signed lists: the bytes that a party signs and that the ledger records.

The layout stands in `contracts/interfaces/IEquipmentLedger.sol`; this module is its Python side and nothing more. The
head of a step packs kind, occurrence, claimed time, subject and detail into 32 bytes, most significant first. The
digest of a step is its EIP-712 struct hash, so a list can be shown as the digests of its steps without their content.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from app.domain.keccak import keccak256
from app.errors import InvalidRecord

ID_LENGTH = 16
HASH_LENGTH = 32
DETAIL_LENGTH = 9
MAX_ITEMS = 16
LIST_LIFETIME = 35 * 24 * 3600 - 3600
"""Seconds between signing a list and its deadline: an hour less than the ledger allows ahead of its own clock."""

_STEP_TYPE = b"Step(uint8 kind,uint8 occurrence,uint40 claimedAt,bytes16 subject,uint72 detail,bytes32[] words)"
_LIST_TYPE = b"StepList(uint32 party,uint40 deadline,Step[] steps)" + _STEP_TYPE
_DOMAIN_TYPE = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_STEP_TYPEHASH = keccak256(_STEP_TYPE)
_LIST_TYPEHASH = keccak256(_LIST_TYPE)
_DOMAIN_TYPEHASH = keccak256(_DOMAIN_TYPE)
_NAME_HASH = keccak256(b"OptiTrace")
_VERSION_HASH = keccak256(b"1")


class Kind(IntEnum):
    """What a step says happened."""

    QUOTED = 1
    ORDERED = 2
    MANUFACTURED = 3
    SHIPPED = 4
    RECEIVED = 5
    DELIVERED = 6
    INVOICED = 7
    VERIFIED = 8

    @property
    def label(self) -> str:
        """The kind as it is written in JSON and on pages."""
        return self.name.lower()


DOSSIER_KINDS = frozenset({Kind.INVOICED, Kind.VERIFIED})
"""The kinds whose subject is a dossier; an item is the subject of every other."""

GROUPS: dict[Kind, tuple[str, ...]] = {
    Kind.QUOTED: ("product", "supplements", "coding", "price"),
    Kind.ORDERED: ("product", "supplements", "correction"),
    Kind.MANUFACTURED: ("product", "supplements", "correction", "coding", "device", "reference"),
    Kind.SHIPPED: (),
    Kind.RECEIVED: (),
    Kind.DELIVERED: ("device",),
    Kind.INVOICED: ("product", "supplements", "coding", "price"),
    Kind.VERIFIED: (),
}
"""The groups an item commits to in a step of each kind, in the order of the words."""

INVOICE_GROUPS = ("claim", "renewal")
"""The groups the dossier commits to in an invoice, before those of its items."""


@dataclass(frozen=True, slots=True)
class Step:
    """One fact that one party signs; refuses to exist with a field of the wrong size."""

    kind: Kind
    occurrence: int
    claimed_at: int
    subject: bytes
    detail: bytes
    words: tuple[bytes, ...]

    def __post_init__(self) -> None:
        sizes = (
            len(self.subject) == ID_LENGTH
            and len(self.detail) == DETAIL_LENGTH
            and 0 <= self.occurrence < 256
            and 0 <= self.claimed_at < 1 << 40
            and all(len(word) == HASH_LENGTH for word in self.words)
        )
        if not sizes:
            raise InvalidRecord("/step", "a field of the step has the wrong size")

    @property
    def head(self) -> bytes:
        """The 32 bytes that stand for all but the words."""
        return bytes([self.kind, self.occurrence]) + self.claimed_at.to_bytes(5, "big") + self.subject + self.detail

    @property
    def digest(self) -> bytes:
        """EIP-712 struct hash of the step."""
        return keccak256(
            _STEP_TYPEHASH
            + _word(self.kind)
            + _word(self.occurrence)
            + _word(self.claimed_at)
            + self.subject.ljust(32, b"\0")
            + _word(int.from_bytes(self.detail, "big"))
            + keccak256(b"".join(self.words))
        )

    @classmethod
    def from_parts(cls, head: bytes, words: Sequence[bytes]) -> "Step":
        """Read a step from its head and words, as they stand in a log."""
        if len(head) != HASH_LENGTH or head[0] not in Kind._value2member_map_:
            raise InvalidRecord("/step/head", "the head of the step has the wrong size or an unknown kind")
        return cls(Kind(head[0]), head[1], int.from_bytes(head[2:7], "big"), head[7:23], head[23:32], tuple(words))

    # -- what the detail and the words say, kind by kind --

    @property
    def glassmaker(self) -> int:
        """Quoted: the glassmaker named; 0 where the maker is not on the network."""
        return int.from_bytes(self.detail[:4], "big")

    @property
    def dossier(self) -> bytes:
        """The dossier that a quoted item joins, or that an invoice or a check is about."""
        return self.words[0][:ID_LENGTH] if self.kind is Kind.QUOTED else self.subject

    @property
    def partial(self) -> bool:
        """Invoiced: whether the invoice says that it leaves items out."""
        return self.detail[0] == 1

    @property
    def insurers(self) -> tuple[int, ...]:
        """Invoiced: the insurers named, at most two."""
        pair = (int.from_bytes(self.detail[1:5], "big"), int.from_bytes(self.detail[5:9], "big"))
        return tuple(number for number in pair if number)

    @property
    def verdict_code(self) -> int:
        """Verified: the verdict's number."""
        return self.detail[0]

    @property
    def cases_mask(self) -> int:
        """Verified: one bit for each case."""
        return int.from_bytes(self.detail[1:5], "big")

    @property
    def invoice(self) -> int:
        """Verified: the occurrence of the invoice checked."""
        return self.detail[5]

    @property
    def items(self) -> tuple[bytes, ...]:
        """The items that the step concerns."""
        if self.kind is Kind.INVOICED:
            return tuple(word[:ID_LENGTH] for word in self.words[2::5])
        if self.kind is Kind.VERIFIED:
            return tuple(word[:ID_LENGTH] for word in self.words)
        return (self.subject,)

    def roots_of(self, item: bytes) -> tuple[bytes, ...]:
        """The group roots that the step commits `item` to, in the order of `GROUPS`."""
        if self.kind is Kind.QUOTED:
            return self.words[1:5]
        if self.kind is Kind.INVOICED:
            start = 2 + 5 * self.items.index(item)
            return self.words[start + 1 : start + 5]
        return () if self.kind is Kind.VERIFIED else self.words


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def list_hash(party: int, deadline: int, digests: Sequence[bytes]) -> bytes:
    """EIP-712 struct hash of a list, from the digests of its steps."""
    return keccak256(_LIST_TYPEHASH + _word(party) + _word(deadline) + keccak256(b"".join(digests)))


def domain_separator(chain_id: int, ledger: bytes) -> bytes:
    """EIP-712 domain of the ledger at the 20-byte address `ledger` on chain `chain_id`."""
    return keccak256(_DOMAIN_TYPEHASH + _NAME_HASH + _VERSION_HASH + _word(chain_id) + ledger.rjust(32, b"\0"))


def signing_hash(separator: bytes, struct_hash: bytes) -> bytes:
    """The 32 bytes that the party's key signs."""
    return keccak256(b"\x19\x01" + separator + struct_hash)


@dataclass(frozen=True, slots=True)
class SignedList:
    """A list of steps with the signature of one party over it."""

    party: int
    deadline: int
    signer: str
    steps: tuple[Step, ...]
    signature: bytes


# -- building heads: the one place that knows the layout of detail and words --

FIRST_VERSION = 1


def item_word(item: bytes, versions: bytes = b"") -> bytes:
    """An item as a word: its identifier to the left, versions of its groups in the last bytes."""
    return item + bytes(HASH_LENGTH - ID_LENGTH - len(versions)) + versions


def quoted_detail(glassmaker: int) -> bytes:
    """Detail of `quoted`: the glassmaker, and the versions of product and supplements."""
    return glassmaker.to_bytes(4, "big") + bytes([0, 0, FIRST_VERSION, FIRST_VERSION, 0])


def made_detail() -> bytes:
    """Detail of `ordered` and `manufactured`: the versions of product, supplements and correction."""
    return bytes(6) + bytes([FIRST_VERSION] * 3)


def invoiced_detail(partial: bool, insurers: Sequence[int]) -> bytes:
    """Detail of `invoiced`: partial or not, then at most two insurers."""
    first, second = (*insurers, 0, 0)[:2]
    return bytes([partial]) + first.to_bytes(4, "big") + second.to_bytes(4, "big")


def invoiced_item_word(item: bytes) -> bytes:
    """An item in `invoiced`, with the versions of its product and supplements."""
    return item_word(item, bytes([FIRST_VERSION, FIRST_VERSION, 0]))


def verified_detail(verdict: int, cases: int, invoice: int) -> bytes:
    """Detail of `verified`: verdict, cases, occurrence of the invoice checked."""
    return bytes([verdict]) + cases.to_bytes(4, "big") + bytes([invoice, 0, 0, 0])
