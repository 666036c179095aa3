"""
What the ledger knows of an item, a dossier, a lot and a nullifier, and how the contract packs it.

An item keeps the sections of its table in full, so that any witness can be built from it. Layouts stand in
`contracts/interfaces/IEquipmentLedger.sol`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.domain.keccak import keccak256
from app.domain.kinds import Kind
from app.domain.steps import HASH_LENGTH, ID_LENGTH

ZERO = bytes(HASH_LENGTH)
NOBODY = bytes(ID_LENGTH)

DUPLICATE = 1 << 0
REPLACED = 1 << 1
REPLACEMENT = 1 << 2
UNQUOTED = 1 << 3
WARRANTY = 1 << 4
INHERITED = 1 << 5
EXCHANGED = 1 << 6
INCOMPARABLE = 1 << 7
EXCEPTIONAL = 1 << 8
OPEN = 1 << 9
RELIEVED = 1 << 10

PLACE: Mapping[Kind, int] = {
    Kind.QUOTED: 1,
    Kind.ORDERED: 2,
    Kind.MANUFACTURED: 3,
    Kind.DELIVERED: 5,
    Kind.DRAWN: 6,
}
"""Where the sections of an item's own steps stand in its table."""
DEVICE_PLACE = 4
INVOICE_PLACE = 7
PLACES = 8

SECTION_GROUPS: Mapping[Kind, tuple[str, ...]] = {
    Kind.QUOTED: ("product", "supplements", "coding", "price"),
    Kind.ORDERED: ("product", "supplements", "correction"),
    Kind.MANUFACTURED: ("product", "supplements", "correction", "coding"),
    Kind.DELIVERED: ("device",),
    Kind.DRAWN: ("product", "supplements", "coding", "device"),
    Kind.INVOICED: ("product", "supplements", "coding", "price"),
}
"""The groups of a section, in order."""

_VERSION_BYTES = {"product": 29, "supplements": 30, "correction": 31}


@dataclass(frozen=True, slots=True)
class Section:
    """A step as the table keeps it: its head (of an invoice the item's word) and roots."""

    kind: Kind
    head: bytes
    roots: tuple[bytes, ...]

    @property
    def words(self) -> tuple[bytes, ...]:
        """The section expanded."""
        return (self.head, *self.roots)

    @property
    def hash(self) -> bytes:
        """The section as it stands in the table."""
        return keccak256(b"".join(self.words))

    @property
    def claimed_at(self) -> int:
        """When the step is said to have happened; an invoice's word does not tell."""
        return int.from_bytes(self.head[2:7], "big")

    @property
    def occurrence(self) -> int:
        """Which invoice an item's word is of."""
        return self.head[ID_LENGTH]

    def root(self, group: str) -> bytes | None:
        """The root of a group; None if the section has none."""
        groups = SECTION_GROUPS[self.kind]
        return self.roots[groups.index(group)] if group in groups else None

    def version(self, group: str) -> int:
        """The version under which a group was committed; 0 for a group without versions."""
        return self.head[_VERSION_BYTES[group]] if group in _VERSION_BYTES else 0


@dataclass(frozen=True, slots=True)
class ItemState:
    """
    What the ledger knows of one item.

    `sections` are those of its own steps, by kind; `device` is the device root of what was manufactured; `invoices`
    are the sections of the invoices of it that stand, by occurrence; `inherited` is the one that an exchange gave it.
    `replaces` is the item whose place it took, `first` the one it was exchanged for.
    """

    dossier: bytes
    glassmaker: int
    recorded: int = 0
    mismatches: int = 0
    flags: int = 0
    exceptions: int = 0
    sections: Mapping[Kind, Section] = field(default_factory=dict)
    device: bytes = ZERO
    invoices: Mapping[int, Section] = field(default_factory=dict)
    inherited: Section | None = None
    replaces: bytes = NOBODY
    first: bytes = NOBODY

    def has(self, kind: Kind) -> bool:
        """Whether a step of this kind is recorded for the item."""
        return bool(self.recorded >> kind & 1)

    def is_marked(self, flag: int) -> bool:
        """Whether a flag is set."""
        return bool(self.flags & flag)

    @property
    def standing(self) -> int:
        """The invoices that stand, one bit for each occurrence."""
        return sum(1 << occurrence for occurrence in self.invoices)

    @property
    def billed(self) -> tuple[Section, ...]:
        """The sections of place 7: the inherited one first, then in order of occurrence."""
        own = tuple(self.invoices[occurrence] for occurrence in sorted(self.invoices))
        return own if self.inherited is None else (self.inherited, *own)

    @property
    def table(self) -> tuple[bytes, ...]:
        """The eight places of the table; zero where nothing is recorded."""
        places = [self.dossier.ljust(HASH_LENGTH, b"\0")] + [ZERO] * (PLACES - 1)
        for kind, section in self.sections.items():
            places[PLACE[kind]] = section.hash
        places[DEVICE_PLACE] = self.device
        hashes = [section.hash for section in self.billed]
        if hashes:
            places[INVOICE_PLACE] = hashes[0] if len(hashes) == 1 else keccak256(b"".join(hashes))
        return tuple(places)

    @property
    def packed(self) -> int:
        """The state as the contract packs it into 256 bits."""
        table = int.from_bytes(keccak256(b"".join(self.table))[12:], "big")
        return (
            self.recorded
            | self.standing << 24
            | self.mismatches << 32
            | self.flags << 48
            | self.glassmaker << 64
            | table << 96
        )

    def sections_of(self, kind: Kind) -> Iterator[Section]:
        """The sections of a kind that stand; of `invoiced` the inherited one too."""
        if kind is Kind.INVOICED:
            yield from self.billed
        elif kind in self.sections:
            yield self.sections[kind]

    def roots_of(self, kind: Kind, group: str) -> tuple[bytes, ...]:
        """Every root of a group that stands under a kind."""
        if (kind, group) == (Kind.MANUFACTURED, "device"):
            return () if self.device == ZERO else (self.device,)
        found = (section.root(group) for section in self.sections_of(kind))
        return tuple(root for root in found if root is not None)


@dataclass(frozen=True, slots=True)
class DossierState:
    """
    What the ledger knows of one dossier.

    `invoices` are those recorded and `whole` those that do not say partial, one bit for each occurrence.
    `breakages` counts the replacements that name it, `checked_at` is the earliest claimed time of a check.
    """

    recorded: int = 0
    quoted: int = 0
    open: int = 0
    invoices: int = 0
    whole: int = 0
    flags: int = 0
    breakages: int = 0
    insurers: tuple[int, ...] = ()
    checked_at: int = 0

    def has(self, kind: Kind) -> bool:
        """Whether a step of this kind is recorded for the dossier."""
        return bool(self.recorded >> kind & 1)

    @property
    def packed(self) -> int:
        """The state as the contract packs it into 256 bits."""
        first, second = (*self.insurers, 0, 0)[:2]
        return (
            self.recorded
            | self.quoted << 32
            | self.open << 48
            | self.invoices << 64
            | self.whole << 72
            | self.flags << 80
            | self.breakages << 88
            | first << 96
            | second << 128
            | self.checked_at << 160
        )


FIRST_CHECK = 1
"""Flag of a dossier: the first insurer's check of occurrence 0 is recorded."""
MAX_QUOTED = (1 << 16) - 1
MAX_BREAKAGES = 255


@dataclass(frozen=True, slots=True)
class LotState:
    """A lot of stock: who made it, whom it was shipped to, and the root of its units."""

    glassmaker: int
    buyer: int
    root: bytes

    @property
    def packed(self) -> int:
        """The state as the contract packs it into 256 bits."""
        return self.glassmaker | self.buyer << 32


@dataclass(frozen=True, slots=True)
class Nullifier:
    """The item that a nullifier is bound to, and the one that was handed over under it; nobody where none."""

    bound: bytes = NOBODY
    shown: bytes = NOBODY
