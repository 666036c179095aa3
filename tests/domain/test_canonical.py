"""The kinds of values: every spelling of a value is one string, and everything else is refused."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.canonical import MAX_SET_LENGTH, CivilDate, Code, CodeSet, Kind, Quantity, Whole
from app.domain.schemas import SCHEMAS, Field
from app.errors import InvalidRecord
from tests.domain.lenses import numbers

POWER = Quantity("dioptres", 2, -4_000, 4_000)
CODE = Code("[A-Z0-9._-]{1,35}", "a code", '"A"')
FIELDS = [
    pytest.param(field, id=f"{schema.identifier} {group.name} {field.name}")
    for schema in SCHEMAS.values()
    for group in schema.groups.values()
    for field in group.fields
]


def refuses(kind: Kind, value: object) -> bool:
    """Whether the kind refuses the trade value, by the one error that it may raise."""
    try:
        kind.canonical(value)
    except ValueError:
        return True
    return False


@given(number=st.integers(-4_000, 4_000), data=st.data())
def test_every_spelling_of_a_power_is_its_hundredths(number: int, data: st.DataObject) -> None:
    assert POWER.canonical(data.draw(numbers(number, number, 2))) == str(number)


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("-3.25", "-325"),
        ("+1,5", "150"),
        ("2", "200"),
        (" 0.00 ", "0"),
        ("-0.00", "0"),
        ("\N{MINUS SIGN}0,25", "-25"),
        ("0040.00", "4000"),
    ],
)
def test_a_power_as_opticians_type_it(typed: str, canonical: str) -> None:
    assert POWER.canonical(typed) == canonical


NOT_NUMBERS = [
    "",
    " ",
    "plan",
    "PLAN",
    "NaN",
    "nan",
    "Infinity",
    "1e1",
    "1E1",
    "0x1",
    "1_0",
    "1.",
    ".5",
    "1..5",
    "1.5.",
    "1,000.5",
    "1 .5",
    "- 1",
    "--1",
    "+-1",
    "1.255",
    "1.250",
    "40.01",
    "-40.01",
    "99999999999",
    "\u00a01.00",
    "1.00\n",
    "1.00\x00",
    "\t1.00",
    "\u0661.\u0665",
    "\uff11",
    "\ud800",
    "0" * 65,
    1,
    1.5,
    True,
    float("nan"),
    [],
    {},
    b"1.00",
]


@pytest.mark.parametrize("typed", NOT_NUMBERS, ids=ascii)
def test_what_is_no_power_is_refused(typed: object) -> None:
    assert refuses(POWER, typed)


@pytest.mark.parametrize(
    "text", ["", "-0", "+1", "01", "1.0", "--1", " 1", "1 ", "4001", "-4001", "\u0661", "1\n"], ids=ascii
)
def test_what_is_no_canonical_power_is_not_taken_for_one(text: str) -> None:
    assert not POWER.is_canonical(text)


def test_zero_says_none_where_the_kind_says_so() -> None:
    assert Quantity("dioptres", 2, 25, 600, zero_is_absent=True).canonical("+0.00") is None
    assert POWER.canonical("+0.00") == "0"


@pytest.mark.parametrize("typed", [90, "90", "090", " 90 "])
def test_a_whole_number_comes_as_number_or_digits(typed: object) -> None:
    assert Whole("degrees", 0, 180).canonical(typed) == "90"


@pytest.mark.parametrize("typed", [181, -1, "181", "-1", "+90", "90.0", 90.0, True, False, "", "\u0669", 10**30])
def test_what_is_no_whole_number_is_refused(typed: object) -> None:
    assert refuses(Whole("degrees", 0, 180), typed)


@pytest.mark.parametrize(("typed", "canonical"), [("prg16", "PRG16"), (" a-1.b_2 ", "A-1.B_2")])
def test_a_code_is_trimmed_and_upper_case(typed: str, canonical: str) -> None:
    assert CODE.canonical(typed) == canonical


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "JEAN DUPONT 2",
        "DUPONT",
        "dupont",
        "Jean-Paul",
        "J.-P._DUPONT",
        "LI",
        "A\u00a0B2",
        "A\n",
        "\u00c9",
        "\u00df",
        "\u017f",
        "\u0131",
        "\u212a",
        "A,B2",
        "A\x002",
        "\udfff",
        "A7" * 18,
        1,
        None,
        "269054958815780",
        "1-85-05-78-006-084-91",
    ],
    ids=ascii,
)
def test_what_is_no_code_is_refused(typed: object) -> None:
    assert refuses(CODE, typed)


def test_a_code_without_a_digit_is_one_letter_or_a_word_of_its_list() -> None:
    listed = Code(CODE.pattern, "a code", '"AR"', words=("AR",))
    assert (CODE.canonical("r"), listed.canonical("ar"), listed.canonical("ar7")) == ("R", "AR", "AR7")
    assert refuses(CODE, "AR")
    assert refuses(listed, "ARA")


@given(st.lists(st.sampled_from(["ar1", "AR1", " photo2", "B", "uv-400"]), max_size=16))
def test_a_set_does_not_depend_on_order_case_or_repetition(typed: list[str]) -> None:
    canonical = CodeSet(CODE).canonical(typed)
    assert canonical == (",".join(sorted({code.strip().upper() for code in typed})) or None)
    assert canonical is None or CodeSet(CODE).is_canonical(canonical)


@pytest.mark.parametrize(
    "typed",
    [
        "A7",
        {"A7"},
        {"A7": 1},
        [""],
        ["A,B"],
        ["A7,B7"],
        ["DUPONT"],
        [1],
        [["A7"]],
        [None],
        ["A"] * 17,
        [f"{number:034}A" for number in range(9)],
    ],
    ids=str,
)
def test_what_is_no_set_of_codes_is_refused(typed: object) -> None:
    assert refuses(CodeSet(CODE), typed)


@pytest.mark.parametrize("text", ["", ",", "A,", "B,A", "A,A", "a", "A, B", ",".join("ABCDEFGHIJKLMNOPQ")])
def test_what_is_no_canonical_set_is_not_taken_for_one(text: str) -> None:
    assert not CodeSet(CODE).is_canonical(text)


def test_a_set_is_bounded_in_length() -> None:
    codes = [f"{number:031}" for number in range(8)]
    longest = ",".join(codes) + "A"
    assert len(longest) == MAX_SET_LENGTH
    assert CodeSet(CODE).canonical([*codes[:-1], codes[-1] + "A"]) == longest
    assert refuses(CodeSet(CODE), [*codes[:-1], codes[-1] + "AB"])
    assert not CodeSet(CODE).is_canonical(longest + "B")


@pytest.mark.parametrize("typed", ["2024-02-29", " 1900-01-01", "2199-12-31 "])
def test_a_day_stays_the_shops_date(typed: str) -> None:
    assert CivilDate().canonical(typed) == typed.strip()


@pytest.mark.parametrize(
    "typed",
    [
        "2026-02-29",
        "2026-2-9",
        "20260209",
        "2026-W01-1",
        "1899-12-31",
        "2200-01-01",
        "09/02/2026",
        "",
        20260209,
    ],
)
def test_what_is_no_day_is_refused(typed: object) -> None:
    assert refuses(CivilDate(), typed)


@pytest.mark.parametrize("field", FIELDS)
@settings(max_examples=30)
@given(value=st.text(max_size=70) | st.integers() | st.floats() | st.booleans() | st.lists(st.text(max_size=5)))
def test_a_field_takes_what_its_kind_takes_and_nothing_else(field: Field, value: object) -> None:
    if refuses(field.kind, value):
        with pytest.raises(InvalidRecord) as refused:
            field.canonical(value)
        assert refused.value.where == f"/{field.name}"
        # Whatever saw the value is not attached to the error, from where it could reach a log.
        assert refused.value.__context__ is None
    else:
        text = field.canonical(value)
        assert text is None or (field.kind.is_canonical(text) and text.isascii())


@pytest.mark.parametrize("field", FIELDS)
def test_the_example_of_a_field_is_lawful(field: Field) -> None:
    kind: Kind = field.kind
    assert field.canonical(json.loads(kind.example)) is not None
