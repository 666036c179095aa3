"""Mapping tables: every lens has one row, however it is written, and the root commits to every row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from app.domain import merkle
from app.domain.keccak import keccak256
from app.domain.mapping import Band, Mappings, MappingTable, Row
from app.domain.records import group_values
from app.domain.schemas import Values
from app.errors import InvalidRecord
from app.formats.mapping_files import packaged
from tests.domain.lenses import decimal

LENS = "optics.lens/1"
SAMPLE = packaged().tables[0]
GEOMETRIES = ["single_vision", "bifocal", "trifocal", "progressive", "intermediate"]
MERIDIANS = st.integers(-4_000, 4_000)


def product(geometry: str = "single_vision", **changes: str) -> Values:
    return group_values(LENS, "product", {"maker": "VERALIA0", "code": "UNI16", "geometry": geometry, **changes}).values


def correction(sphere: int, cylinder: int = 0, axis: int = 90) -> Values:
    trade = {"sphere": decimal(sphere), "cylinder": decimal(cylinder), "axis": axis}
    return group_values(LENS, "correction", trade).values


def code(sphere: int, cylinder: int = 0, sold: Values | None = None) -> str | None:
    """The grouped code that the sample gives."""
    found = SAMPLE.coding(sold or product(), correction(sphere, cylinder))
    return None if found is None else found["grouped_code"]


@given(MERIDIANS, MERIDIANS, st.sampled_from(GEOMETRIES))
def test_every_lens_of_any_maker_has_exactly_one_row_in_both_spellings(one: int, other: int, geometry: str) -> None:
    cylinder = max(-2_000, min(2_000, other - one))
    sold = product(geometry)
    spellings = correction(one, cylinder), correction(one + cylinder, -cylinder, 180)
    numbers = {"sphere": min(one, one + cylinder), "cylinder": abs(cylinder), "sum": max(one, one + cylinder)}
    rows = [row for row in SAMPLE.rows if row.words["maker"] is None and row.fits(sold, numbers)]
    assert len(rows) == 1
    assert [SAMPLE.coding(sold, each) for each in spellings] == [rows[0].coding] * 2


@pytest.mark.parametrize(
    ("sphere", "cylinder", "expected"),
    [
        (-600, 0, "VS1"),
        (-601, 0, "VS2"),
        (-800, 0, "VS2"),
        (-801, 0, "VS3"),
        (600, 0, "VS1"),
        (601, 0, "VS2"),
        (800, 0, "VS2"),
        (801, 0, "VS3"),
        # A minus cylinder takes the lower meridian down, a plus cylinder the higher one up.
        (-525, -75, "VS1"),
        (-526, -75, "VS2"),
        (500, 100, "VS1"),
        (500, 101, "VS2"),
        (600, -400, "VS1"),
        (200, -400, "VS1"),
        (200, -401, "VS4"),
        (200, 401, "VS5"),
        (-600, 401, "VS4"),
        (-601, 401, "VS5"),
        (-400, -401, "VS6"),
    ],
)
def test_a_lens_at_the_end_of_a_band_is_in_it(sphere: int, cylinder: int, expected: str) -> None:
    assert code(sphere, cylinder) == expected


def test_rows_that_name_a_product_go_before_rows_for_any() -> None:
    named = {"maker": "VERALIA0", "code": "ESS15"}
    found = SAMPLE.coding(product(**named), correction(-400))
    assert (found or {})["class"] == "A"
    assert code(-401, sold=product(**named)) is None
    assert code(-400, sold=product("progressive", **named)) is None
    assert (SAMPLE.coding(product(), correction(-400)) or {})["class"] == "B"


def test_an_item_that_lacks_what_a_row_asks_for_has_no_row() -> None:
    empty = group_values(LENS, "correction", {}).values
    assert SAMPLE.coding(product(), empty) is None
    no_geometry = group_values(LENS, "product", {"maker": "VERALIA0", "code": "UNI16"}).values
    assert SAMPLE.coding(no_geometry, correction(100)) is None


def row(coded: str = "X1", maker: str | None = None, **bands: tuple[int | None, int | None]) -> Row:
    names = ("index", "sphere", "cylinder", "sum")
    words = {"maker": maker, "code": maker and "C1", "geometry": None}
    return Row(
        words, {name: Band(*bands.get(name, (None, None))) for name in names}, {"grouped_code": coded, "class": "B"}
    )


def table(*rows: Row, name: str = "test/1", valid_from: str | None = None) -> MappingTable:
    return MappingTable(name, LENS, "for tests", valid_from, rows)


def test_a_band_of_the_index_tells_lenses_apart() -> None:
    both = table(row("X1", index=(None, 1_559)), row("X2", index=(1_560, None)))
    given_index = [both.coding(product(index=index), correction(0)) for index in ("1.559", "1.56")]
    assert [found and found["grouped_code"] for found in given_index] == ["X1", "X2"]
    assert both.coding(product(), correction(0)) is None


@pytest.mark.parametrize(
    ("rows", "where", "says"),
    [
        ([row(sphere=(None, 0)), row(sphere=(0, None))], "/rows/1", "together with an earlier one"),
        ([row(), row(maker="M1"), row(maker="M1", sphere=(0, 1))], "/rows/2", "together with an earlier one"),
        ([row(sphere=(1, 0))], "/rows/0", "ends before it begins"),
        ([replace(row(), words={"maker": "M1", "code": None, "geometry": None})], "/rows/0", "without the other"),
        ([], "/rows", "1 to 65535 rows"),
    ],
)
def test_a_table_whose_rows_do_not_tell_items_apart_is_refused(rows: list[Row], where: str, says: str) -> None:
    with pytest.raises(InvalidRecord, match=says) as refused:
        table(*rows)
    assert refused.value.where == where


def test_the_root_is_that_of_the_published_leaves() -> None:
    texts = [";".join([LENS, SAMPLE.valid_from or ""]), *(each.text for each in SAMPLE.rows)]
    assert texts[2] == ";;single_vision;;;-800;-601;;400;;800;VS2;B"
    types = ["bytes32", "uint16", "string", "bool", "string"]
    leaves = [
        keccak256(keccak256(encode(types, [bytes(32), n, "sample/1", True, text]))) for n, text in enumerate(texts)
    ]
    assert SAMPLE.root == merkle.root(leaves)


def test_the_sample_stays_as_it_is() -> None:
    released = "96cd09ed 796859f7 7ea39f92 6740c6f9 c8394fbb dfba8b23 b9d83102 e8f25afe"
    assert SAMPLE.root == bytes.fromhex(released)
    assert "made up" in SAMPLE.label


@pytest.mark.parametrize(
    "change",
    [
        lambda it: replace(it, name="test/2"),
        lambda it: replace(it, valid_from="2026-01-01"),
        lambda it: replace(it, rows=it.rows[1:]),
        lambda it: replace(it, rows=it.rows[::-1]),
        lambda it: replace(it, rows=[replace(it.rows[0], coding={"grouped_code": "X9", "class": "B"}), *it.rows[1:]]),
        lambda it: replace(it, rows=[row("X1", sphere=(None, -2)), *it.rows[1:]]),
    ],
)
def test_whatever_changes_in_a_table_changes_its_root(change: Callable[[MappingTable], MappingTable]) -> None:
    before = table(row("X1", sphere=(None, -1)), row("X2", sphere=(0, None)))
    assert change(before).root != before.root
    assert replace(before, label="other").root == before.root


def test_the_table_in_force_is_the_last_that_began() -> None:
    tables = [table(row(), name=f"test/{n}", valid_from=day) for n, day in ((1, "2026-01-01"), (2, "2026-07-01"))]
    Random(6).shuffle(tables)
    held = Mappings((*tables, SAMPLE))
    days = {"2025-12-31": None, "2026-01-01": "test/1", "2026-06-30": "test/1", "2026-07-01": "test/2"}
    found = {day: held.in_force(LENS, day) for day in days}
    assert {day: each and each.name for day, each in found.items()} == days
    assert held.in_force("hearing.aid/1", "2026-07-01") is None
    assert (held.named("sample/1"), held.named("sample/2")) == (SAMPLE, None)
