"""What all request models share: strictness, and the kinds of values they are made of."""

import re
from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.domain.identifiers import (
    holds_insured_number,
    holds_written_date,
    is_bare_word,
    is_insured_number,
    is_written_date,
)

MAX_PARTY = 2**32 - 1
MAX_VALUE_LENGTH = 64

_MOMENT = r"^[2-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](\.[0-9]{1,6})?(Z|\+00:00)$"
"""Since the year 2000, which the schema can say; that the day is in the calendar it leaves to the format."""

Each = TypeVar("Each", bound=Hashable)


class Strict(BaseModel):
    """A part of a request: no field more, no type bent, nothing changed later, no input in a message."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


def seconds(moment: str) -> int:
    """Seconds since 1970 of an RFC 3339 moment that a model has accepted; a fraction is cut off."""
    return int(datetime.fromisoformat(moment).timestamp())


def _moment(text: str) -> str:
    refused = PydanticCustomError("bad_moment", "not a moment in UTC")
    if re.fullmatch(_MOMENT, text) is None:
        raise refused
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise refused from None
    return text


def nobody(text: str) -> str:
    """The text, unless it looks like the number of an insured person, a birth date or a name."""
    _no_name(text)
    if is_written_date(text):
        raise PydanticCustomError("birth_date", "looks like a date")
    if is_insured_number(text):
        raise PydanticCustomError("insured_number", "looks like the number of an insured person")
    return text


def nobody_in(text: str) -> str:
    """The same of a text of several words: neither number nor date may stand anywhere in it."""
    _no_name(text)
    if holds_written_date(text):
        raise PydanticCustomError("birth_date", "looks like a date")
    if holds_insured_number(text):
        raise PydanticCustomError("insured_number", "looks like the number of an insured person")
    return text


def _no_name(text: str) -> None:
    if is_bare_word(text):
        raise PydanticCustomError("bare_word", "may be a name")


def with_a_digit(first: str, more: str) -> str:
    """
    The pattern that says in the document that a word of these characters has a digit in it, or is one character.

    `first` and `more` are classes of characters without digits: what it may begin with, and go on with.
    """
    return f"(?:[{first}]|(?:[{first}][{more}]*)?[0-9][0-9{more}]*)"


def _text_or_whole(value: object) -> str | int:
    whole = type(value) is int and abs(value) < 10**9
    if whole or (isinstance(value, str) and 1 <= len(value) <= MAX_VALUE_LENGTH):
        return value  # type: ignore[return-value]  # the line above says so
    raise PydanticCustomError("text_or_whole", "neither a string nor a whole number")


def _each_once(values: Sequence[Each]) -> Sequence[Each]:
    if len(set(values)) != len(values):
        raise PydanticCustomError("repeated", "something stands twice")
    return values


Identifier = Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")]
"""Of an item or a dossier: 32 lower-case hex digits, of which the first 8 are its maker's party number."""

Party = Annotated[int, Field(ge=1, le=MAX_PARTY)]
"""A party's number in the registry."""

Moment = Annotated[
    str,
    AfterValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": _MOMENT, "examples": ["2026-03-02T09:30:00Z"]}),
]
"""RFC 3339 in UTC; a fraction of a second is dropped."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=MAX_VALUE_LENGTH)]
"""One value in the trade's own terms; the field's own rule is the domain's, told with `invalid_record`."""

TextOrWhole = Annotated[
    str | int,
    PlainValidator(_text_or_whole),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1, "maxLength": MAX_VALUE_LENGTH},
                {"type": "integer", "minimum": -(10**9) + 1, "maximum": 10**9 - 1},
            ]
        }
    ),
]
"""A whole number, as such or as its digits."""

Reference = Annotated[
    str,
    StringConstraints(max_length=35, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$"),
    AfterValidator(nobody),
    Field(json_schema_extra={"pattern": f"^{with_a_digit('A-Za-z', 'A-Za-z._/-')}$"}),
]
"""The shop's own name for a dossier or an item: one word with a digit, no insured number and no date."""

EachOnce = AfterValidator(_each_once)
UNIQUE: dict[str, Any] = {"uniqueItems": True}
"""What says in the document that `EachOnce` holds."""
