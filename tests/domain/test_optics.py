"""One lens has one correction, however it is written."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.optics import Correction
from app.domain.records import GroupValues, group_values
from app.errors import InvalidRecord
from tests.domain.lenses import decimal

LENS = "optics.lens/1"
POWERS = st.integers(-4_000, 4_000)
CYLINDERS = st.integers(-2_000, 2_000)
AXES = st.integers(1, 180)


def correction(sphere: int, cylinder: int, axis: int) -> GroupValues:
    """The values of a correction typed in these hundredths and degrees."""
    trade = {"eye": "left", "sphere": decimal(sphere), "cylinder": decimal(cylinder), "axis": axis}
    return group_values(LENS, "correction", trade)


def transposed(sphere: int, cylinder: int, axis: int) -> tuple[int, int, int]:
    """The other spelling of the same lens, as opticians learn it."""
    return sphere + cylinder, -cylinder, axis - 90 if axis > 90 else axis + 90


@given(POWERS, CYLINDERS, AXES)
def test_both_spellings_of_one_lens_agree_or_are_both_refused(sphere: int, cylinder: int, axis: int) -> None:
    other = transposed(sphere, cylinder, axis)
    if -4_000 <= sphere + cylinder <= 4_000:
        assert correction(sphere, cylinder, axis) == correction(*other)
    else:
        for spelling in ((sphere, cylinder, axis), other):
            with pytest.raises(InvalidRecord) as refused:
                correction(*spelling)
            assert refused.value.where == "/sphere"


@given(st.tuples(POWERS, CYLINDERS, AXES), st.tuples(POWERS, CYLINDERS, AXES))
def test_two_different_lenses_differ(one: tuple[int, int, int], other: tuple[int, int, int]) -> None:
    assume(all(-4_000 <= sphere + cylinder <= 4_000 for sphere, cylinder, _ in (one, other)))
    same = one == other or transposed(*one) == other or (one[1] == other[1] == 0 and one[0] == other[0])
    assert (correction(*one) == correction(*other)) is same


@given(POWERS, CYLINDERS, AXES)
def test_the_common_form_has_minus_cylinder_or_neither_cylinder_nor_axis(sphere: int, cylinder: int, axis: int) -> None:
    assume(-4_000 <= sphere + cylinder <= 4_000)
    common = Correction.of(sphere, cylinder, axis)
    if cylinder == 0:
        assert (common.cylinder, common.axis) == (None, None)
    else:
        assert common.cylinder == -abs(cylinder)
        assert common.axis is not None
        assert (common.axis - axis) % 180 == (90 if cylinder > 0 else 0)
    assert {common.sphere, common.sphere + (common.cylinder or 0)} == {sphere, sphere + cylinder}


@pytest.mark.parametrize(
    "malformed",
    [
        (100, 25, 90),
        (100, 0, 90),
        (100, -25, None),
        (100, None, 90),
        (100, -25, 0),
        (100, -25, 181),
        (4_001, None, None),
    ],
)
def test_a_correction_in_another_form_cannot_exist(malformed: tuple[int, int | None, int | None]) -> None:
    with pytest.raises(InvalidRecord):
        Correction(*malformed)


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ({"sphere": "1.00", "cylinder": "-1.00"}, "/axis"),
        ({"cylinder": "-1.00", "axis": 90}, "/sphere"),
        ({"sphere": "1.00", "prism": "2.00"}, "/prism_base"),
    ],
)
def test_values_that_need_another_are_refused_without_it(typed: dict[str, object], where: str) -> None:
    with pytest.raises(InvalidRecord) as refused:
        group_values(LENS, "correction", typed, "/items/0/correction")
    assert refused.value.where == f"/items/0/correction{where}"


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ({"axis": 0}, {"axis": 180}),
        ({"cylinder": "0.00"}, {"cylinder": None, "axis": None}),
        ({"cylinder": None}, {"cylinder": None, "axis": None}),
        ({"addition": "0"}, {"addition": None}),
        ({"prism": "0", "prism_base": 90}, {"prism": None, "prism_base": None}),
        ({"prism_base": 90}, {"prism_base": None}),
        ({"prism": "1", "prism_base": 360}, {"prism": "1", "prism_base": 0}),
    ],
)
def test_what_says_the_same_is_the_same(typed: dict[str, object], same: dict[str, object]) -> None:
    lens = {"eye": "right", "sphere": "2.00", "cylinder": "-0.50", "axis": 45}
    assert group_values(LENS, "correction", {**lens, **typed}) == group_values(LENS, "correction", {**lens, **same})
