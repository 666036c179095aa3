"""
A package: openings and keys that one party hands another (protocol, section 5).

The shape is checked here, by names of the protocol alone; signatures, recipients and openings are the core's
to check.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.api.schemas.base import Identifier, Moment, Party, Strict
from app.domain.kinds import KindLabel as Kind
from app.domain.packages import MAX_ITEMS, MAX_STEPS
from app.domain.schemas import SCHEMAS

FIELD_NAMES = frozenset(
    field.name for schema in SCHEMAS.values() for group in schema.groups.values() for field in group.fields
)
"""The fields of all groups of all schemas; a name that is none of them may itself be a value."""


def _known_field(name: str) -> str:
    if name not in FIELD_NAMES:
        raise PydanticCustomError("extra_forbidden", "no field of any schema")
    return name


Hash = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
Address = Annotated[str, StringConstraints(pattern="^0x[0-9a-fA-F]{40}$")]
Group = Literal[
    "product",
    "supplements",
    "correction",
    "coding",
    "price",
    "device",
    "reference",
    "claim",
    "renewal",
    "statement",
    "cover",
    "grant",
]
FieldName = Annotated[
    str, AfterValidator(_known_field), WithJsonSchema({"type": "string", "enum": sorted(FIELD_NAMES)})
]
CanonicalValue = Annotated[str, StringConstraints(max_length=256)] | None
MAX_WORDS = 2 + 5 * MAX_ITEMS
MAX_OPENINGS = 8 * MAX_ITEMS


class GroupKey(Strict):
    """The key that opens one group, and the version it is of."""

    version: Annotated[int, Field(ge=1, le=255)]
    key: Hash


class PackageItem(Strict):
    """One item, its schema, and the keys that the recipient may hold of it."""

    item: Identifier
    schema_: Annotated[str, StringConstraints(pattern="^[a-z0-9.]{1,32}/[0-9]{1,3}$")] = Field(alias="schema")
    groups: dict[Literal[Group, "drawn_coding"], GroupKey] = Field(
        description="`drawn_coding` is the coding key of the unit that was drawn from stock for the item"
    )


class PackageList(Strict):
    """The signed list that a step stands in, shown as the digests of all its steps."""

    deadline: Moment
    signer: Address
    digests: Annotated[list[Hash], Field(min_length=1, max_length=1024)]
    position: Annotated[int, Field(ge=0, le=1023)]
    signature: Annotated[str, StringConstraints(pattern="^0x([0-9a-fA-F]{2}){1,1024}$")]


class PackageOpening(Strict):
    """The values of one group of one subject, as committed in the step."""

    subject: Identifier
    group: Group
    values: Annotated[dict[FieldName, CanonicalValue], Field(max_length=32)]


class PackageStep(Strict):
    """One signed step with what the recipient may see behind it."""

    party: Party
    kind: Kind
    occurrence: Annotated[int, Field(ge=0, le=255)]
    claimed_at: Moment
    subject: Identifier
    detail: Annotated[str, StringConstraints(pattern="^[0-9a-f]{18}$")]
    words: Annotated[list[Hash], Field(max_length=MAX_WORDS)]
    list_: PackageList = Field(alias="list")
    openings: Annotated[list[PackageOpening], Field(max_length=MAX_OPENINGS)]


class Package(Strict):
    """Keys and openings from one party to another, with the signed steps they lead to."""

    format: Literal["optitrace.package/1"]
    chain_id: Annotated[int, Field(ge=1, le=2**63 - 1)]
    ledger: Address
    from_: Party = Field(alias="from")
    for_: Party = Field(alias="for")
    dossier: Identifier
    groups: dict[Group, GroupKey]
    items: Annotated[list[PackageItem], Field(max_length=MAX_ITEMS)]
    steps: Annotated[list[PackageStep], Field(max_length=MAX_STEPS)]
