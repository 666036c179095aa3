"""
Steps and signed lists: the bytes that a party signs and that the ledger records.

The layout stands in `contracts/interfaces/IEquipmentLedger.sol`; this module is its Python side and nothing more. The
head of a step packs kind, occurrence, claimed time, subject and detail into 32 bytes, most significant first. The
digest of a step is its EIP-712 struct hash, so a list can be shown as the digests of its steps without their content.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.keccak import keccak256
from app.domain.kinds import DOSSIER_KINDS as DOSSIER_KINDS
from app.domain.kinds import ERASABLE, LOT_KINDS
from app.domain.kinds import Kind as Kind
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

GROUPS: Mapping[Kind, tuple[str, ...]] = dict.fromkeys(Kind, ()) | {
    Kind.QUOTED: ("product", "supplements", "coding", "price"),
    Kind.ORDERED: ("product", "supplements", "correction"),
    Kind.MANUFACTURED: ("product", "supplements", "correction", "coding", "device", "reference"),
    Kind.DELIVERED: ("device",),
    Kind.INVOICED: ("product", "supplements", "coding", "price"),
    Kind.DRAWN: ("product", "supplements", "correction", "coding", "device"),
    Kind.SUBSTITUTED: ("product", "supplements"),
}
"""The groups an item commits to in a step of each kind, in the order of the words."""

INVOICE_GROUPS = ("claim", "renewal")
"""The groups the dossier commits to in an invoice, before those of its items."""

DOSSIER_GROUPS: Mapping[Kind, tuple[str, ...]] = {
    Kind.INVOICED: INVOICE_GROUPS,
    Kind.COVER_REQUESTED: ("cover",),
    Kind.COVER_ANSWERED: ("grant",),
    Kind.RENEWAL_STATED: ("statement",),
}
"""The groups that a dossier commits to in a step of each kind, in the order of the first words."""

INVOICE_WIDTH = 1 + len(GROUPS[Kind.INVOICED])
"""Words for each item of an invoice: the item, then its roots."""

_ROOTS_FROM = {Kind.QUOTED: 1, Kind.DRAWN: 2}
"""Where the roots of an item step begin among its words, if not at once."""


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

    # -- what the detail says, kind by kind --

    @property
    def number(self) -> int:
        """
        The party or unit that a detail begins with.

        Quoted: the glassmaker, 0 where the maker is not on the network. Drawn: the unit. Answered, CoverRequested: the
        insurer. LotShipped: the buyer. LotTransferred: the new holder.
        """
        return int.from_bytes(self.detail[:4], "big")

    @property
    def glassmaker(self) -> int:
        """Quoted: the glassmaker named; 0 where the maker is not on the network."""
        return self.number

    @property
    def warranty(self) -> bool:
        """Manufactured: whether it was made under an adaptation warranty."""
        return self.detail[0] == 1

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
    def code(self) -> int:
        """
        The code that a detail begins with.

        Verified: the verdict. Decided: the decision. CoverAnswered: the answer. OpeningDemanded: the group. Cancelled
        to Exchanged: the reason. ErrorDeclared: the kind in error.
        """
        return self.detail[0]

    @property
    def verdict_code(self) -> int:
        """Verified: the verdict's number."""
        return self.code

    @property
    def cases_mask(self) -> int:
        """Verified: one bit for each case."""
        return int.from_bytes(self.detail[1:5], "big")

    @property
    def reason(self) -> int:
        """Decided: why. Of other kinds with a reason it is `code`."""
        return self.detail[1] if self.kind is Kind.DECIDED else self.code

    @property
    def deadline(self) -> int:
        """Decided: until when a question has to be answered, in seconds since 1970; 0 for other decisions."""
        return int.from_bytes(self.detail[2:7], "big")

    @property
    def nature(self) -> int:
        """ErrorDeclared: 1 it did not occur, 2 its data are incorrect."""
        return self.detail[1]

    @property
    def about(self) -> int:
        """
        The occurrence of the step that this one is about.

        Verified, Withdrawn: the invoice. Decided: the check. Answered: the decision or demand. CoverAnswered,
        CoverCancelled: the request.
        """
        return self.detail[_ABOUT[self.kind]]

    @property
    def invoice(self) -> int:
        """Verified: the occurrence of the invoice checked. Withdrawn: of the invoice withdrawn."""
        return self.about

    @property
    def answered_kind(self) -> int:
        """Answered: the kind of what is answered, a decision or a demand."""
        return self.detail[5]

    @property
    def erased_groups(self) -> tuple[str, ...]:
        """Erased: the groups of which alone the record is gone; none where the whole record is."""
        bits = int.from_bytes(self.detail[:2], "big")
        return tuple(group for group, number in ERASABLE.items() if bits >> number & 1)

    @property
    def erases_all(self) -> bool:
        """Whether it says that the whole record of its subject is gone."""
        return self.kind is Kind.ERASED and not self.erased_groups

    # -- what the words say, kind by kind --

    @property
    def replaces(self) -> bytes | None:
        """Quoted: the item that it replaces; None if it replaces none."""
        return self.words[1][:ID_LENGTH] if len(self.words) == 2 else None

    @property
    def named(self) -> bytes:
        """The item, dossier or lot in the first word: Exchanged, BreakageReplaced, OpeningDemanded, Drawn."""
        return self.words[0][:ID_LENGTH]

    @property
    def dossier(self) -> bytes:
        """The dossier that a quoted item joins, or that a step on a dossier is about."""
        return self.words[0][:ID_LENGTH] if self.kind is Kind.QUOTED else self.subject

    @property
    def nullifier(self) -> bytes | None:
        """Manufactured, Drawn, Delivered, Credited: the nullifier; None where it is not shown."""
        place = {Kind.MANUFACTURED: 6, Kind.DRAWN: 1, Kind.DELIVERED: 1, Kind.CREDITED: 0}[self.kind]
        return self.words[place] if place < len(self.words) else None

    @property
    def siblings(self) -> tuple[bytes, ...]:
        """Drawn: the path from the unit's leaf to the lot's root."""
        return self.words[7:]

    @property
    def items(self) -> tuple[bytes, ...]:
        """The items that the step concerns; of `erased` its subject, which may be a dossier."""
        if self.kind is Kind.INVOICED:
            return tuple(word[:ID_LENGTH] for word in self.words[len(INVOICE_GROUPS) :: INVOICE_WIDTH])
        if self.kind is Kind.WITHDRAWN:
            return tuple(word[:ID_LENGTH] for word in self.words)
        if self.kind is Kind.OPENING_DEMANDED:
            return (self.named,)
        return () if self.kind in DOSSIER_KINDS | LOT_KINDS else (self.subject,)

    def roots_of(self, item: bytes) -> tuple[bytes, ...]:
        """The group roots that the step commits `item` to, in the order of `GROUPS`; none if it replaces another."""
        if self.kind is Kind.INVOICED:
            start = len(INVOICE_GROUPS) + INVOICE_WIDTH * self.items.index(item)
            return self.words[start + 1 : start + INVOICE_WIDTH]
        if self.kind is Kind.QUOTED and self.replaces is not None:
            return ()
        start = _ROOTS_FROM.get(self.kind, 0)
        return self.words[start : start + len(GROUPS[self.kind])]


_ABOUT = {
    Kind.VERIFIED: 5,
    Kind.DECIDED: 7,
    Kind.ANSWERED: 4,
    Kind.COVER_ANSWERED: 1,
    Kind.COVER_CANCELLED: 0,
    Kind.WITHDRAWN: 0,
}
"""The byte of the detail with the occurrence of what the step is about."""


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
