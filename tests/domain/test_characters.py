"""What looks like a value and is not the same characters is refused in every field, never taken for another value."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest

from app.domain.canonical import CodeSet, Whole
from app.domain.schemas import SCHEMAS, Field
from app.errors import InvalidRecord

FIELDS = [
    pytest.param(field, id=f"{schema.identifier} {group.name} {field.name}")
    for schema in SCHEMAS.values()
    for group in schema.groups.values()
    for field in group.fields
]
UNSEEN = {
    "no-break space": "\u00a0",
    "narrow no-break space": "\u202f",
    "zero width space": "\u200b",
    "zero width joiner": "\u200d",
    "zero width non-joiner": "\u200c",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "right-to-left mark": "\u200f",
    "combining acute": "\u0301",
    "variation selector": "\ufe0f",
    "tab": "\t",
    "line feed": "\n",
    "line separator": "\u2028",
    "NUL": "\x00",
}
ALIKE = {
    **dict(zip("AaEeOoCcPp", "\u0410\u0430\u0415\u0435\u041e\u043e\u0421\u0441\u0420\u0440", strict=True)),
    **{digit: chr(0xFF10 + int(digit)) for digit in "0123456789"},
    "-": "\u2010",
    ".": "\uff0e",
    "/": "\u2044",
    "_": "\uff3f",
}  # fmt: skip

# Some of these become ASCII when their case is changed, or in a compatibility form.
LETTERS = "\u00e9\u00c5\ufb01\u017f\u212a\u0130\u0131\u00df"


def example(field: Field) -> Any:
    """A value of the field as text, the way a client would send it."""
    value = json.loads(field.kind.example)
    return str(value) if isinstance(field.kind, Whole) else value


def with_text(field: Field, value: Any, text: str) -> Any:
    """The value with that text in its place."""
    return [text, *value[1:]] if isinstance(field.kind, CodeSet) else text


def texts(field: Field) -> tuple[Any, str]:
    """The example, and the text that it consists of."""
    value = example(field)
    return value, value[0] if isinstance(field.kind, CodeSet) else value


def refuses(field: Field, value: object) -> bool:
    """Whether the field refuses the value, as it refuses everything that is none of its own."""
    try:
        field.canonical(value)
    except InvalidRecord:
        return True
    return False


def placed(text: str, mark: str) -> Iterator[str]:
    """The text with the mark before, in and after it."""
    yield from (text[:place] + mark + text[place:] for place in (0, len(text) // 2, len(text)))


@pytest.mark.parametrize("field", FIELDS)
def test_what_cannot_be_seen_is_refused(field: Field) -> None:
    value, text = texts(field)
    assert field.canonical(value) is not None
    for name, mark in UNSEEN.items():
        for changed in placed(text, mark):
            assert refuses(field, with_text(field, value, changed)), name


@pytest.mark.parametrize("field", FIELDS)
def test_a_character_that_looks_like_another_is_refused(field: Field) -> None:
    value, text = texts(field)
    for place, character in enumerate(text):
        for other in {ALIKE.get(character), chr(ord(character) + 0xFEE0)} - {None}:
            changed = text[:place] + str(other) + text[place + 1 :]
            assert refuses(field, with_text(field, value, changed)), ascii(other)


@pytest.mark.parametrize("field", FIELDS)
def test_a_letter_outside_ascii_is_refused_in_each_of_its_normal_forms(field: Field) -> None:
    value, text = texts(field)
    for letter in LETTERS:
        for form in ("NFC", "NFD", "NFKC", "NFKD"):
            if not (spelled := unicodedata.normalize(form, letter)).isascii():
                for changed in placed(text, spelled):
                    assert refuses(field, with_text(field, value, changed)), ascii(letter)
