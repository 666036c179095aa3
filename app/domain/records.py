"""
The values of one group of a record.

What is committed must be what every honest party would commit, so a
`GroupValues` cannot exist unless its schema knows it and every value is
canonical. Trade values come in through `group_values`, values that were
canonical before, opened by a partner, through `canonical_values`. What the
vault kept is taken as it was committed. Values are health data: they do not
show in `repr`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self

from app.domain.schemas import Group, Values, schema_of
from app.errors import InvalidRecord


@dataclass(frozen=True, slots=True)
class GroupValues:
    """
    Canonical values of the `group` of a `schema`, field by field in the schema's order; `None` is absent.

    Raises `InvalidRecord` if a field is missing, unknown or not canonical.
    """

    schema: str
    group: str
    values: Values = field(repr=False)

    def __post_init__(self) -> None:
        group = schema_of(self.schema).group(self.group)
        if self.values.keys() != {each.name for each in group.fields}:
            raise InvalidRecord("", f"{group.name} does not have exactly its fields", _mend(group))
        for each in group.fields:
            each.check(self.values[each.name])
        ordered = {each.name: self.values[each.name] for each in group.fields}
        if group.normal(ordered) != ordered:
            raise InvalidRecord("", f"the values of {group.name} are not in their common form")
        object.__setattr__(self, "values", MappingProxyType(ordered))

    @classmethod
    def kept(cls, schema: str, group: str, values: Values) -> Self:
        """Give what was taken in before, as it was: an earlier release may have had other rules."""
        found = object.__new__(cls)
        for name, value in (("schema", schema), ("group", group), ("values", MappingProxyType(dict(values)))):
            object.__setattr__(found, name, value)
        return found

    @classmethod
    def absent(cls, schema: str, group: str) -> Self:
        """Give the group with every field absent."""
        return cls(schema, group, {each.name: None for each in schema_of(schema).group(group).fields})


def group_values(schema: str, group: str, raw: Mapping[str, object], where: str = "") -> GroupValues:
    """
    Give the canonical values of a group from trade values, as JSON has them.

    A field left out is absent. `where` is the path of the group in what the client sent; it begins
    the path of the `InvalidRecord` that an unknown or malformed field raises.
    """
    with _at(where):
        definition = schema_of(schema).group(group)
        if raw.keys() - {each.name for each in definition.fields}:
            # The field is not named: whatever a client pushes in as a name may be a wearer's.
            raise InvalidRecord("", f"{group} has a field that is not among its own", _mend(definition))
        canonical = {each.name: each.canonical(raw.get(each.name)) for each in definition.fields}
        return GroupValues(schema, group, definition.normal(canonical))


def canonical_values(schema: str, group: str, values: Values, where: str = "") -> GroupValues:
    """
    Give the values of a group that are canonical already; every field is named, `None` is absent.

    Nothing is corrected: a value that its own canonical form would change is refused, because the
    party that committed it cannot have held it in this form.
    """
    with _at(where):
        return GroupValues(schema, group, values)


@contextmanager
def _at(where: str) -> Iterator[None]:
    """Put `where` before the path of an `InvalidRecord`."""
    try:
        yield
    except InvalidRecord as error:
        raise InvalidRecord(where + (error.where or "") or None, error.detail, error.mend) from None


def _mend(group: Group) -> str:
    return f"The fields of {group.name} are {', '.join(each.name for each in group.fields)}."
