"""
What a schema is made of.

A schema fixes the fields of one kind of thing, group by group, in order. Both
the order and the names are hashed, so a released schema is never edited: a
change is a new file with a new identifier.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

from app.domain.canonical import Kind, Quantity
from app.errors import InvalidRecord

Values = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a group."""

    name: str
    kind: Kind

    def canonical(self, value: object) -> str | None:
        """Give the canonical string of a trade value; `None` if absent."""
        if value is None:
            return None
        try:
            return self.kind.canonical(value)
        except ValueError:
            pass
        # Raised outside the handler: nothing that saw the value stays attached to the error.
        raise self._refusal("Write it like")

    def check(self, text: object) -> None:
        """Refuse `text` unless it is a canonical string or `None`."""
        if text is not None and not (isinstance(text, str) and self.kind.is_canonical(text)):
            raise self._refusal("Give its canonical string; in trade terms the value is written like")

    def _refusal(self, mend: str) -> InvalidRecord:
        return InvalidRecord(f"/{self.name}", f"{self.name} is {self.kind.meaning}", f"{mend} {self.kind.example}.")


@dataclass(frozen=True, slots=True)
class Group:
    """
    Fields committed under one root and opened with one key. A field's position is its place here, from 1.

    `normal` brings values that are canonical one by one into the form they have together. It raises
    `InvalidRecord` with the path inside the group if they cannot stand together.
    """

    name: str
    fields: tuple[Field, ...]
    normal: Callable[[Values], dict[str, str | None]] = dict


@dataclass(frozen=True, slots=True)
class Measures:
    """
    What a mapping table may tell items of a schema by: words of the product, and numbers with bounds.

    `numbers` says how each is written. `of` gives them in canonical units from product and correction; one that an
    item does not have is left out.
    """

    words: tuple[str, ...]
    numbers: Mapping[str, Quantity]
    of: Callable[[Values, Values], dict[str, int]]


@dataclass(frozen=True, slots=True)
class Schema:
    """
    The groups of one kind of item or dossier. `identifier` ends in the version: `optics.lens/1`.

    `measures` is None where no table gives the item's grouped code.
    """

    identifier: str
    groups: Mapping[str, Group]
    measures: Measures | None = None

    @classmethod
    def of(cls, identifier: str, *groups: Group, measures: Measures | None = None) -> Self:
        """Give the schema of these groups."""
        return cls(identifier, MappingProxyType({group.name: group for group in groups}), measures)

    def group(self, name: str) -> Group:
        """Give the group of that name, or refuse."""
        if name not in self.groups:
            raise InvalidRecord(
                None, f"{self.identifier} has no such group", f"Its groups are {', '.join(self.groups)}."
            )
        return self.groups[name]
