"""Mapping tables as files: what was written is read again, and what is wrong in a CSV is told with its line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.formats.mapping_files import UnusableTable, held, imported, packaged, read, written

LENS = "optics.lens/1"
NUMBERS = ("index", "sphere", "cylinder", "sum")
BANDS = ",".join(f"{name}_{end}" for name in NUMBERS for end in ("from", "to"))
HEAD = f"maker,code,geometry,{BANDS},grouped_code,class"
GOOD = ",,progressive,,,-6.00,,,4,,+6,vp1,b"
BEYOND = ",,progressive,,,,-6.01,,4,,,VP2,B"
NAMED = "veralia0,prg16,progressive,1.5,\N{MINUS SIGN}1,,,,,,,VP1,A"


def table(*lines: str, **changes: Any) -> Any:
    told = {
        "name": "list/3",
        "schema": LENS,
        "label": "the list of 1.1.2024-1.12.2025",
        "valid_from": "2027-01-01",
        **changes,
    }
    return imported("\n".join([HEAD, *lines]) + "\n", **told)


def test_a_csv_becomes_a_table_in_canonical_values_and_comes_back_from_its_file() -> None:
    found = table(GOOD, BEYOND)
    assert [row.text for row in found.rows] == [
        ";;progressive;;;-600;;;400;;600;VP1;B",
        ";;progressive;;;;-601;;400;;;VP2;B",
    ]
    assert (found.name, found.schema, found.valid_from) == ("list/3", LENS, "2027-01-01")
    again = read(written(found))
    assert (again, again.root) == (found, found.root)


def test_a_table_saved_by_a_spreadsheet_is_read() -> None:
    text = "\ufeff" + "\r\n".join([HEAD, GOOD.replace("-6.00", '" -6,00 "'), BEYOND, ""])
    assert imported(text, "list/3", LENS, "x").rows == table(GOOD, BEYOND).rows


@pytest.mark.parametrize(
    ("lines", "complaints"),
    [
        ([GOOD, GOOD], ["line 3: the row could be meant together with an earlier one"]),
        (
            [GOOD, BEYOND.replace("-6.01", "-41")],
            ["line 3: sphere_to: this is not a number of dioptres between -40.00"],
        ),
        ([GOOD.replace("vp1", "V P"), BEYOND[:-1]], ["line 2: grouped_code: ", "line 3: class: the cell is empty"]),
        ([GOOD.replace("progressive", "varifocal")], ["line 2: geometry: geometry is one of single_vision"]),
        ([NAMED], ["line 2: index_to: this is not a number of refraction between"]),
        ([GOOD + ",x"], ["line 2: it has more or fewer cells than there are columns"]),
        ([GOOD.rpartition(",")[0]], ["line 2: it has more or fewer cells than there are columns"]),
        ([GOOD.replace("-6.00,", "2,1")], ["line 2: a band of the row ends before it begins"]),
        ([',,"progressive'], ["after line 1: this is no CSV"]),
        ([], ["/rows: a mapping table has 1 to 65535 rows"]),
    ],
)
def test_what_is_wrong_is_told_with_its_line(lines: list[str], complaints: list[str]) -> None:
    with pytest.raises(UnusableTable) as refused:
        table(*lines)
    told = str(refused.value).splitlines()
    assert len(told) == len(complaints)
    assert all(found.startswith(begin) for found, begin in zip(told, complaints, strict=True)), told


@pytest.mark.parametrize("head", ["", "maker,code", HEAD + ",maker", HEAD.replace("sum_to", "total_to")])
def test_columns_have_to_be_those_of_the_schema(head: str) -> None:
    with pytest.raises(UnusableTable, match="line 1: the columns are not exactly maker, code, geometry, index_from"):
        imported(f"{head}\n{GOOD}\n", "list/3", LENS, "x")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "list"},
        {"label": " "},
        {"label": "of 1 84 12 76 451 089 46"},
        {"name": "184127645108946/1"},
        {"name": "1841276451089/1"},
        {"valid_from": "2027-02-30"},
        {"schema": "optics.frame/1"},
        {"schema": "none/1"},
    ],
)
def test_a_table_needs_a_name_with_a_version_a_label_a_day_that_exists_and_a_schema_with_tables(changes: Any) -> None:
    with pytest.raises(UnusableTable):
        table(GOOD, **changes)


def test_no_more_than_twenty_complaints_are_told() -> None:
    with pytest.raises(UnusableTable) as refused:
        table(*[GOOD.replace("vp1", "")] * 30)
    assert len(str(refused.value).splitlines()) == 20


BROKEN: list[Any] = [
    [],
    {},
    {"format": "optitrace.mapping/2"},
    {"more": 1},
    {"label": 1},
    {"rows": [{}]},
    {"rows": 1},
    {"name": "Sample/1 "},
]


@pytest.mark.parametrize("change", BROKEN, ids=str)
def test_a_file_that_is_no_table_is_refused(change: Any) -> None:
    content = json.loads(written(packaged().tables[0]))
    text = json.dumps(change if change in ([], {}) else {**content, **change})
    if change == {"name": "Sample/1 "}:
        assert read(text).name == "sample/1"
    else:
        with pytest.raises(UnusableTable):
            read(text)
    with pytest.raises(UnusableTable):
        read(text[:-2])


@pytest.mark.parametrize(
    "change",
    [
        {"geometry": "Progressive"},
        {"grouped_code": "vp1"},
        {"class": None},
        {"maker": 1},
        {"sphere": ["-6", None]},
        {"sphere": [True, None]},
    ],
)
def test_a_row_that_is_not_in_canonical_form_is_refused(change: Any) -> None:
    content = json.loads(written(table(GOOD)))
    content["rows"][0] |= change
    with pytest.raises(UnusableTable):
        read(json.dumps(content))


def test_a_gateway_holds_the_sample_and_what_it_is_given_each_name_once() -> None:
    text = written(table(GOOD))
    assert [each.name for each in held([text]).tables] == ["sample/1", "list/3"]
    with pytest.raises(UnusableTable, match="same name"):
        held([text, text])
