"""Strategies for trade values: what clients may send, well-formed, in all its spellings."""

import re
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from app.domain.records import GroupValues, group_values
from app.domain.schemas import SCHEMAS

Trade = Mapping[str, Any]


def decimal(hundredths: int) -> str:
    """Spell a number of hundredths as people type it."""
    return f"{'-' if hundredths < 0 else ''}{abs(hundredths) // 100}.{abs(hundredths) % 100:02}"


def numbers(low: int, high: int, places: int) -> st.SearchStrategy[str]:
    """Numbers between `low` and `high` units of 10^-`places`, in any lawful spelling."""

    def spelled(number: int, plus: str, minus: str, mark: str, space: str, zeros: int) -> str:
        whole, rest = divmod(abs(number), 10**places)
        sign = minus if number < 0 else plus
        return f"{space}{sign}{'0' * zeros}{whole}{mark}{rest:0{places}}{space}"

    return st.builds(
        spelled,
        st.integers(low, high),
        st.sampled_from(["", "+"]),
        st.sampled_from(["-", "\N{MINUS SIGN}"]),
        st.sampled_from([".", ","]),
        st.sampled_from(["", " "]),
        st.integers(0, 2),
    )


def _codes(characters: str, length: int = 35) -> st.SearchStrategy[str]:
    # A letter first keeps the number of a wearer out, a digit after it what may be a name.
    return st.text(characters, max_size=length - 2).map(lambda text: f"x7{text}")


_WORDS = _codes("abcXYZ019._-")
_NUMBERS = _codes("abcXYZ019._/-")
_SEMANTIC: dict[str, st.SearchStrategy[Any]] = {
    "maker": _WORDS,
    "code": _WORDS,
    "index": numbers(1_300, 2_200, 3),
    "geometry": st.sampled_from(["single_vision", "bifocal", "trifocal", "progressive", "intermediate"]),
    "size": st.from_regex(r"[0-9]{2}(-[0-9]{2}(-[0-9]{3})?)?", fullmatch=True),
    "codes": st.lists(_codes("abXY01._-", 12) | st.sampled_from(["ar", "UV", "photo"]), max_size=16),
    "eye": st.sampled_from(["right", "left"]),
    "sphere": numbers(-2_000, 2_000, 2),
    "cylinder": numbers(-2_000, 2_000, 2),
    "axis": st.integers(0, 180) | st.integers(0, 180).map(str),
    "addition": numbers(25, 600, 2) | st.just("0.00"),
    "prism": numbers(1, 4_000, 2) | st.just("0"),
    "prism_base": st.integers(0, 360),
    "form": st.sampled_from(["behind_the_ear", "receiver_in_canal", "in_the_ear", "in_the_canal"]),
    "ear": st.sampled_from(["right", "left"]),
    "gain": st.integers(0, 100) | st.integers(0, 100).map(str),
    "output": st.integers(80, 150),
    "date": st.dates().filter(lambda day: 1900 <= day.year <= 2199).map(str),
    "diameter": numbers(300, 1_000, 1),
    "pupillary_distance": numbers(150, 450, 1),
    "fitting_height": numbers(50, 600, 1),
    "grouped_code": _codes("abcXYZ019", 16).filter(lambda text: re.search("[0-9]{7}", text) is None),
    "mapping": st.sampled_from(["sample/1", "Sample/12", "optolpp.v3/2026"]),
    "amount": numbers(0, 9_999_999, 2),
    "services": numbers(0, 9_999_999, 2),
    "currency": st.sampled_from(["EUR", "chf"]),
    "number": _NUMBERS,
    "gtin": st.sampled_from(["96385074", "036000291452", "4006381333931", "04006381333931"]),
    "lot": _NUMBERS,
    "udi": st.text("(01)Aa9=/+", max_size=62).map(lambda text: f"{text}1/"),
    "token": st.binary(min_size=32, max_size=32).map(bytes.hex),
    "order": _NUMBERS,
    "siret": st.sampled_from(["73282932000074", "356 000 000 00048", "35600000049837"]),
    "dossier_reference": _NUMBERS,
    "cover_number": _NUMBERS,
    "legal_case": _codes("abc019._/-") | st.sampled_from(["usual", "TWO_YEARS"]),
    "ground": st.sampled_from(["under_16", "after_one_year", "at_any_time"]),
    "previous_date": st.dates().filter(lambda day: 1900 <= day.year <= 2199).map(str),
    "request_date": st.dates().filter(lambda day: 1900 <= day.year <= 2199).map(str),
    "valid_until": st.dates().filter(lambda day: 1900 <= day.year <= 2199).map(str),
    "prescription_date": st.dates().filter(lambda day: 1900 <= day.year <= 2199).map(str),
}
_CLASSES = {"optics": st.sampled_from(["A", "b"]), "hearing": st.sampled_from(["I", "ii"])}
_NEEDED = {"correction": ("sphere", "axis", "prism_base"), **dict.fromkeys(("price", "cover", "grant"), ("currency",))}

KINDS = [(schema.identifier, group) for schema in SCHEMAS.values() for group in schema.groups]


def trade_values(schema: str, group: str) -> st.SearchStrategy[Trade]:
    """Trade values of a group; any field may be left out that the others do not need."""
    needed = _NEEDED.get(group, ())
    names = [field.name for field in SCHEMAS[schema].group(group).fields]
    semantic = {"class": _CLASSES.get(schema.split(".")[0], st.nothing()), **_SEMANTIC}
    return st.fixed_dictionaries(
        {name: semantic[name] for name in names if name in needed},
        optional={name: semantic[name] | st.none() for name in names if name not in needed},
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, str, Trade]:
    """Any group of any schema, with trade values."""
    schema, group = draw(st.sampled_from(KINDS))
    return schema, group, draw(trade_values(schema, group))


def group_of_values() -> st.SearchStrategy[GroupValues]:
    """Canonical values of any group of any schema."""
    return cases().map(lambda case: group_values(*case))
