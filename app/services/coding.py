"""
The grouped code of an item, derived: from product, correction and the mapping table, before anything is committed.

A client may leave the code out, or state it; what it states has to be what the table gives. The table is the one that
the client names, else the one in force on the day of the quote, so that seller and maker use the same. Where the
gateway holds no such table, the client's word stands.
"""

from collections.abc import Callable, Mapping

from app.domain.mapping import CODED, Mappings, MappingTable
from app.domain.packages import moment
from app.domain.records import group_values
from app.domain.steps import Kind
from app.errors import InvalidRecord
from app.services.drafts import RawValues
from app.store import read_model
from app.store.database import Connection


def coded(
    mappings: Mappings, schema: str, groups: Mapping[str, RawValues], quoted: Callable[[], int | None], where: str
) -> Mapping[str, RawValues]:
    """
    The groups with the coding that the table gives; as they are if there is no table, or no correction among them.

    `quoted` gives the moment of the item's quote in seconds since 1970, None if that is not known here; it is asked
    only if the client names no table. Raises InvalidRecord for a correction that is none, for an item that no row is
    about, and for a code or class that is not the derived one.
    """
    if "correction" not in groups:
        return groups
    # Whether there is a table or not: a quote commits to no correction, so nothing else looks at it.
    correction = group_values(schema, "correction", groups["correction"], f"{where}/correction").values
    stated = group_values(schema, "coding", groups.get("coding", {}), f"{where}/coding").values
    table = _table(mappings, schema, stated["mapping"], quoted)
    if table is None:
        return groups
    product = group_values(schema, "product", groups.get("product", {}), f"{where}/product").values
    derived = table.coding(product, correction)
    if derived is None:
        raise InvalidRecord(
            f"{where}/coding",
            "the mapping table has no row for this product and correction",
            "Check both; else name the table that has it, or ask whoever publishes it.",
        )
    for name in CODED:
        if stated[name] not in (None, derived[name]):
            raise InvalidRecord(
                f"{where}/coding/{name}",
                f"{name} is not the one that the mapping table gives for this product and correction",
                "Leave it out, and it is derived; or check product and correction.",
            )
    return {**groups, "coding": {**derived, "mapping": table.name}}


def quoted_at(connection: Connection, dossier: str, item: str) -> int | None:
    """When an item was quoted, as its seller says on the ledger; None if the ledger does not show it yet."""
    steps = [each.step for each in read_model.steps_of_dossiers(connection, [dossier])]
    return next((step.claimed_at for step in steps if step.kind is Kind.QUOTED and step.subject.hex() == item), None)


def _table(mappings: Mappings, schema: str, name: str | None, quoted: Callable[[], int | None]) -> MappingTable | None:
    if name is not None:
        table = mappings.named(name)
        return table if table is not None and table.schema == schema else None
    moment_of_quote = quoted() if mappings.have_dates else None
    return None if moment_of_quote is None else mappings.in_force(schema, moment(moment_of_quote)[:10])
