"""
The values of each group, in the trade's own terms, as the domain's schemas have them: whatever any of them knows.

A field left out, or `null`, is committed as absent. What a value may be depends on the schema of the item;
the domain checks it and answers `invalid_record` with the place.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

from pydantic import Field, GetCoreSchemaHandler, create_model
from pydantic_core import CoreSchema, core_schema

from app.api.schemas.base import Strict, Text, TextOrWhole
from app.domain.canonical import MAX_CODES, CodeSet, Kind, Whole
from app.domain.comparisons import COMPARISONS
from app.domain.schemas import SCHEMAS
from app.domain.steps import GROUPS
from app.domain.steps import Kind as StepKind

_MEANING: Final = {
    "product": "What is sold.",
    "supplements": "Treatments and the like, as codes; the order does not matter.",
    "correction": "What an item makes up for, nominal. Health data: for the item's maker alone.",
    "coding": "The grouped code and class that the insurer sees, and the mapping table that gave them.",
    "price": "The price of one line, as the wearer's quote shows it.",
    "device": "The one device that was made, or handed over.",
    "reference": "The maker's own references.",
    "claim": "What ties an invoice to the insurer's file.",
    "corrected": "The values of the whole group that a comparison is of, as they should have been.",
    "renewal": "Why the equipment is renewed: the legal case and the dates it rests on, never a medical reason.",
    "statement": "Which delay the optician holds to apply to a renewal, and the day it counts from; no reason at all.",
    "cover": "What an insurer is asked to cover of a dossier.",
    "grant": "What an insurer grants: its number for the invoice, how much, and until when.",
}


class Values(Strict):
    """The values of one group."""

    def raw(self) -> Mapping[str, object]:
        """The values given, by the names of the protocol."""
        return self.model_dump(exclude_none=True)


def _type(kinds: Iterable[Kind]) -> Any:
    if any(isinstance(kind, CodeSet) for kind in kinds):
        return Annotated[list[Text], Field(max_length=MAX_CODES)]
    return TextOrWhole if any(isinstance(kind, Whole) for kind in kinds) else Text


class _Group:
    """Stands for a group, or several: its model has every field that they have in any schema."""

    def __init__(self, group: str, *groups: str) -> None:
        kinds: dict[str, list[Kind]] = {}
        held = [
            schema.groups[name] for name in groups or (group,) for schema in SCHEMAS.values() if name in schema.groups
        ]
        for field in (field for each in held for field in each.fields):
            kinds.setdefault(field.name, []).append(field.kind)
        fields: dict[str, Any] = {name: (_type(found) | None, _field(found)) for name, found in kinds.items()}
        name = f"{group.capitalize()}Values"
        self.model = create_model(name, __base__=Values, __doc__=_MEANING[group], **fields)

    def __get_pydantic_core_schema__(self, _source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler.generate_schema(self.model)


def _field(kinds: Iterable[Kind]) -> Any:
    meanings = dict.fromkeys(kind.meaning for kind in kinds)
    examples = dict.fromkeys(kind.example for kind in kinds)
    return Field(default=None, description="; or ".join(meanings), examples=[json.loads(each) for each in examples])


class _ItemSchema:
    """Stands for the schemas that an item may be quoted under."""

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        needed = GROUPS[StepKind.QUOTED]
        return core_schema.literal_schema([n for n, schema in SCHEMAS.items() if schema.groups.keys() >= set(needed)])


ItemSchema = Annotated[str, _ItemSchema()]
ProductValues = Annotated[Values, _Group("product")]
SupplementValues = Annotated[Values, _Group("supplements")]
CorrectionValues = Annotated[Values, _Group("correction")]
CodingValues = Annotated[Values, _Group("coding")]
PriceValues = Annotated[Values, _Group("price")]
DeviceValues = Annotated[Values, _Group("device")]
ReferenceValues = Annotated[Values, _Group("reference")]
ClaimValues = Annotated[Values, _Group("claim")]
RenewalValues = Annotated[Values, _Group("renewal")]
StatementValues = Annotated[Values, _Group("statement")]
CoverValues = Annotated[Values, _Group("cover")]
GrantValues = Annotated[Values, _Group("grant")]
CorrectedValues = Annotated[Values, _Group("corrected", *dict.fromkeys(each.group for each in COMPARISONS))]
