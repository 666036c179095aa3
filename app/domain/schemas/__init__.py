"""
The schemas that records may follow, by identifier.

Another trade joins by a file of its own here; nothing else in the domain
knows what is sold.
"""

from collections.abc import Mapping
from types import MappingProxyType

from app.domain.schemas.definition import Field, Group, Measures, Schema, Values
from app.domain.schemas.dossier_1 import DOSSIER_1
from app.domain.schemas.hearing_aid_1 import HEARING_AID_1
from app.domain.schemas.hearing_visit_1 import HEARING_VISIT_1
from app.domain.schemas.optics_frame_1 import OPTICS_FRAME_1
from app.domain.schemas.optics_lens_1 import OPTICS_LENS_1
from app.errors import InvalidRecord

__all__ = [
    "GROUPS_OF_DOSSIERS",
    "GROUPS_OF_ITEMS",
    "SCHEMAS",
    "Field",
    "Group",
    "Measures",
    "Schema",
    "Values",
    "possible_groups",
    "schema_of",
]

SCHEMAS: Mapping[str, Schema] = MappingProxyType(
    {known.identifier: known for known in (OPTICS_LENS_1, OPTICS_FRAME_1, HEARING_AID_1, HEARING_VISIT_1, DOSSIER_1)}
)
GROUPS_OF_DOSSIERS = frozenset(DOSSIER_1.groups)
GROUPS_OF_ITEMS = frozenset(name for schema in SCHEMAS.values() for name in schema.groups) - GROUPS_OF_DOSSIERS


def schema_of(identifier: str) -> Schema:
    """Give the schema of that identifier, or refuse."""
    if identifier not in SCHEMAS:
        raise InvalidRecord(None, "no such schema is known", f"The schemas are {', '.join(SCHEMAS)}.")
    return SCHEMAS[identifier]


def possible_groups(identifier: str) -> frozenset[str]:
    """
    The groups that any item can have, whatever its schema, or for the schema of dossiers those of a dossier.

    What is said in public of a group has to be said of these: it would tell a lens from a frame otherwise.
    """
    return GROUPS_OF_DOSSIERS if identifier == DOSSIER_1.identifier else GROUPS_OF_ITEMS
