"""
Mapping tables as files: JSON as a gateway holds them, and CSV as their publishers have them.

The CSV has a header line with the names of the columns, in any order: the words and the numbers of the schema, each
number as two columns `…_from` and `…_to` in the unit of the trade, then `grouped_code` and `class`. An empty cell is
any word, or no bound.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import resources
from typing import Any

from app.domain.canonical import CivilDate, Quantity
from app.domain.identifiers import holds_insured_number
from app.domain.mapping import CODED, Band, Mappings, MappingTable, Row, measures_of
from app.domain.records import group_values
from app.domain.schemas import Field, schema_of
from app.errors import InvalidRecord

FORMAT = "optitrace.mapping/1"
MOST_FAULTS = 20
_HEAD = ("format", "name", "schema", "label", "valid_from", "rows")


class UnusableTable(Exception):
    """A file is no mapping table; the message has a line for each thing that is wrong, with its place."""


def packaged() -> Mappings:
    """The tables that come with the gateway: a sample, used only where it is named."""
    folder = resources.files(__package__) / "mappings"
    return Mappings(tuple(read(each.read_text("utf-8")) for each in folder.iterdir() if each.name.endswith(".json")))


def held(texts: Sequence[str]) -> Mappings:
    """The packaged tables and those in these files; raises UnusableTable, also for one name twice."""
    tables = (*packaged().tables, *map(read, texts))
    if len({table.name for table in tables}) != len(tables):
        raise UnusableTable("two mapping tables have the same name and version")
    return Mappings(tables)


def read(text: str) -> MappingTable:
    """The table in a JSON file; raises UnusableTable."""
    try:
        content = json.loads(text)
        if content["format"] != FORMAT or content.keys() != set(_HEAD) or not isinstance(content["label"], str):
            raise ValueError
        rows = [_from_json(content["schema"], row) for row in content["rows"]]
        return _table(content["name"], content["schema"], content["label"], content["valid_from"], rows)
    except InvalidRecord as error:
        raise UnusableTable(f"{error.where or 'the file'}: {error.detail}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnusableTable(f"the file is no table in the format {FORMAT}") from error


def written(table: MappingTable) -> str:
    """The table as a JSON file."""
    rows = [
        {**row.words, **{name: [band.low, band.high] for name, band in row.bands.items()}, **row.coding}
        for row in table.rows
    ]
    head = (FORMAT, table.name, table.schema, table.label, table.valid_from)
    told = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in zip(_HEAD, head, strict=False)]
    each = ",\n".join(f"    {json.dumps(row)}" for row in rows)
    return "{\n" + ",\n".join([*told, f'  "rows": [\n{each}\n  ]']) + "\n}\n"


def imported(text: str, name: str, schema: str, label: str, valid_from: str | None = None) -> MappingTable:
    """The table that a CSV holds; raises UnusableTable with the line of each cell that cannot be read."""
    try:
        columns, readers = _columns(schema), _readers(schema)
    except InvalidRecord as error:
        raise UnusableTable(error.detail) from error
    lines = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    rows, places, faults = [], [], []
    try:
        if set(lines.fieldnames or ()) != set(columns) or len(lines.fieldnames or ()) != len(columns):
            raise UnusableTable(f"line 1: the columns are not exactly {', '.join(columns)}")
        for cells in lines:
            found = list(_faults(readers, cells, lines.line_num))
            faults += found
            if not found:
                rows.append(_from_csv(schema, readers, cells))
                places.append(lines.line_num)
    except csv.Error as error:
        raise UnusableTable(f"after line {lines.line_num}: this is no CSV") from error
    if faults:
        raise UnusableTable("\n".join(faults[:MOST_FAULTS]))
    try:
        return _table(name, schema, label, valid_from, rows)
    except InvalidRecord as error:
        raise UnusableTable(_with_line(error, places)) from error


def _with_line(error: InvalidRecord, places: Sequence[int]) -> str:
    where = error.where or ""
    number = where.removeprefix("/rows/")
    return (
        f"line {places[int(number)]}: {error.detail}" if number.isdigit() else f"{where or 'the file'}: {error.detail}"
    )


def _columns(schema: str) -> list[str]:
    measures = measures_of(schema)
    return [*measures.words, *(f"{name}_{end}" for name in measures.numbers for end in ("from", "to")), *CODED]


def _faults(readers: Mapping[str, Callable[[str], object]], cells: Mapping[str, Any], line: int) -> Iterator[str]:
    if None in cells or None in cells.values():
        yield f"line {line}: it has more or fewer cells than there are columns"
        return
    for name, reader in readers.items():
        try:
            reader(cells[name])
        except InvalidRecord as error:
            yield f"line {line}: {name}: {error.detail}"


def _fields(schema: str) -> dict[str, Field]:
    """The fields that a row has words for."""
    groups = {"product": measures_of(schema).words, "coding": CODED}
    return {
        field.name: field
        for group, names in groups.items()
        for field in schema_of(schema).group(group).fields
        if field.name in names
    }


def _readers(schema: str) -> dict[str, Callable[[str], Any]]:
    """How the cell of each column is read; raises InvalidRecord without repeating the cell."""

    def word(field: Field) -> Callable[[str], str | None]:
        return lambda cell: field.canonical(cell.strip() or None)

    def end(quantity: Quantity) -> Callable[[str], int | None]:
        return lambda cell: _end(quantity, cell.strip())

    words = {name: word(field) for name, field in _fields(schema).items()}
    numbers = measures_of(schema).numbers.items()
    return {
        **words,
        **{f"{name}_{side}": end(quantity) for name, quantity in numbers for side in ("from", "to")},
        **{name: _required(words[name]) for name in CODED},
    }


def _end(quantity: Quantity, cell: str) -> int | None:
    if not cell:
        return None
    try:
        return int(quantity.canonical(cell) or 0)
    except ValueError:
        pass
    raise InvalidRecord(None, f"this is not {quantity.meaning.removesuffix(', written as a string')}")


def _required(reader: Callable[[str], str | None]) -> Callable[[str], str]:
    def read_it(cell: str) -> str:
        found = reader(cell)
        if found is None:
            raise InvalidRecord(None, "the cell is empty")
        return found

    return read_it


def _from_csv(schema: str, readers: Mapping[str, Callable[[str], Any]], cells: Mapping[str, str]) -> Row:
    found = {name: reader(cells[name]) for name, reader in readers.items()}
    measures = measures_of(schema)
    return Row(
        {name: found[name] for name in measures.words},
        {name: Band(found[f"{name}_from"], found[f"{name}_to"]) for name in measures.numbers},
        {name: found[name] for name in CODED},
    )


def _from_json(schema: str, content: Mapping[str, Any]) -> Row:
    measures, fields = measures_of(schema), _fields(schema)
    if content.keys() != {*fields, *measures.numbers} or None in [content[name] for name in CODED]:
        raise ValueError
    for name, field in fields.items():
        field.check(content[name])
    bands = {name: Band(*content[name]) for name in measures.numbers}
    if any(type(end) not in (int, type(None)) for band in bands.values() for end in (band.low, band.high)):
        raise ValueError
    return Row({name: content[name] for name in measures.words}, bands, {name: content[name] for name in CODED})


def _table(name: str, schema: str, label: str, valid_from: str | None, rows: Sequence[Row]) -> MappingTable:
    mapping = group_values(schema, "coding", {"mapping": name}).values["mapping"]
    if mapping is None or not label.strip():
        raise InvalidRecord(None, "the table has no name and version, or no label")
    if holds_insured_number(label) or holds_insured_number(mapping):
        raise InvalidRecord(None, "name or label of the table looks like the number of an insured person")
    return MappingTable(mapping, schema, label, _day(valid_from), tuple(rows))


def _day(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return CivilDate().canonical(text)
    except ValueError:
        raise InvalidRecord("/valid_from", f"the first day is not {CivilDate().meaning}") from None
