"""
What one party may disclose to another, by purpose: a type for each, that cannot hold more than its groups.

The table stands in docs/protocol.md, 5. A package is made of one of these and of nothing else, so it makes no
difference what was asked for: a group that is not in the table has no place to stand in. The receiver holds the
sender to the same table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from app.domain.kinds import LOT_KINDS
from app.domain.packages import Package, SharedKey, SharedStep
from app.domain.steps import GROUPS, Kind
from app.domain.stock import DRAWN_CODING


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Items with their schemas, keys and signed steps with openings; ValueError for what its type has no place for."""

    dossier: str
    schemas: Mapping[str, str]
    keys: tuple[SharedKey, ...]
    steps: tuple[SharedStep, ...]

    item_keys: ClassVar[frozenset[str]]
    dossier_keys: ClassVar[frozenset[str]]
    openings: ClassVar[Mapping[Kind, frozenset[str]]]
    covering: ClassVar[Kind]
    """The kind of step that entitles the recipient to an item."""

    def __post_init__(self) -> None:
        if any(not self.may_key(key.subject == self.dossier, key.group) for key in self.keys):
            raise ValueError("a key is of a group that has no place here")
        if any(not self.may_open(each.step.kind, of.group) for each in self.steps for _, of in each.openings):
            raise ValueError("an opening is of a group that has no place here")
        subjects = {self.dossier, *self.schemas}
        about = [key.subject for key in self.keys] + [name for each in self.steps for name, _ in each.openings]
        if not subjects.issuperset(about) or any(each.step.kind not in self.openings for each in self.steps):
            raise ValueError("a key, an opening or a step is about something else")

    @classmethod
    def may_key(cls, of_dossier: bool, group: str) -> bool:
        """Whether the key of a group, of the dossier or of an item, has a place in it."""
        return group in (cls.dossier_keys if of_dossier else cls.item_keys)

    @classmethod
    def may_open(cls, kind: Kind, group: str) -> bool:
        """Whether the values of a group in a step of this kind have a place in it."""
        return group in cls.openings.get(kind, frozenset())

    def package(self, chain_id: int, ledger: str, sender: int, recipient: int) -> Package:
        """The package that carries it."""
        return Package(chain_id, ledger, sender, recipient, self.dossier, self.schemas, self.keys, self.steps)


@dataclass(frozen=True, slots=True)
class ForGlassmaker(Disclosure):
    """What is needed to make lenses and to commit to them: no price, no claim, no wearer."""

    item_keys = frozenset({"product", "supplements", "correction", "coding", "device", "reference"})
    dossier_keys = frozenset[str]()
    openings = {Kind.ORDERED: frozenset({"product", "supplements", "correction"})}  # noqa: RUF012
    covering = Kind.ORDERED


@dataclass(frozen=True, slots=True)
class ForInsurer(Disclosure):
    """What was quoted and billed, as grouped codes and prices, what is asked and claimed: nothing about the eye."""

    item_keys = frozenset({"coding", "price", DRAWN_CODING})
    dossier_keys = frozenset({"claim", "cover", "grant"})
    openings = {  # noqa: RUF012
        Kind.QUOTED: frozenset({"coding", "price"}),
        Kind.COVER_REQUESTED: frozenset({"cover"}),
        Kind.INVOICED: frozenset({"coding", "price", "claim"}),
    }
    covering = Kind.INVOICED


@dataclass(frozen=True, slots=True)
class ForHolder(Disclosure):
    """A lot of stock, to whom it is shipped or handed: all that is needed to draw its units. `dossier` is the lot."""

    item_keys = frozenset(GROUPS[Kind.DRAWN])
    dossier_keys = frozenset[str]()
    openings = dict.fromkeys(LOT_KINDS, frozenset(GROUPS[Kind.DRAWN]))
    covering = Kind.LOT_SHIPPED


@dataclass(frozen=True, slots=True)
class ForOptician(Disclosure):
    """What was made, to the one who ordered it: no key, for the optician holds the secret of all."""

    item_keys = frozenset[str]()
    dossier_keys = frozenset[str]()
    openings = {Kind.MANUFACTURED: frozenset({"device", "reference"})}  # noqa: RUF012
    covering = Kind.MANUFACTURED


@dataclass(frozen=True, slots=True)
class FromInsurer(Disclosure):
    """What an insurer grants, to the optician who asked: no key, for the optician holds the secret of all."""

    item_keys = frozenset[str]()
    dossier_keys = frozenset[str]()
    openings = {Kind.COVER_ANSWERED: frozenset({"grant"})}  # noqa: RUF012
    covering = Kind.COVER_ANSWERED
