"""The mapping tables of a gateway, and whether the council published the same."""

from dataclasses import dataclass
from typing import Literal

from app.domain.mapping import Mappings, MappingTable
from app.store.database import Connection
from app.store.notices import published_roots


@dataclass(frozen=True, slots=True)
class MappingTableView:
    """
    One version of a table. `published`: `yes`, the council published this root under this name; `no`, none;
    `other_root`, another one, so that other parties may derive other codes by the same name.
    """

    name: str
    schema: str
    label: str
    valid_from: str | None
    rows: int
    root: str
    published: Literal["yes", "no", "other_root"]


@dataclass(frozen=True, slots=True)
class MappingTableList:
    """All tables that the gateway holds, by name."""

    tables: list[MappingTableView]


def table_list(connection: Connection, mappings: Mappings) -> MappingTableList:
    """The tables, each with its root and what the ledger shows of it."""
    known = published_roots(connection)
    tables = sorted(mappings.tables, key=lambda table: table.name)
    return MappingTableList([_view(table, known.get(table.name)) for table in tables])


def _view(table: MappingTable, known: str | None) -> MappingTableView:
    root = table.root.hex()
    published: Literal["yes", "no", "other_root"] = "no" if known is None else "yes" if known == root else "other_root"
    return MappingTableView(
        table.name, table.schema, table.label, table.valid_from, len(table.rows), "0x" + root, published
    )
