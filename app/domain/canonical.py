"""
One spelling for every value.

Two honest parties write the same lens differently: "+1,50" and "1.5", "prg16"
and "PRG16". They must reach the same bytes before anything is hashed, or
honest files would be flagged. Each kind of value below turns what people type
into its canonical string (`canonical`), and tells whether a string is one
already (`is_canonical`).

Kinds know nothing of the field they serve. They raise a bare `ValueError`; the
field turns it into an `InvalidRecord` with `meaning` and `example`, so that no
message can ever repeat a value. There are no floats anywhere: a decimal number
arrives as text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from app.domain.identifiers import is_bare_word, is_insured_number, is_written_date

MAX_LENGTH = 64
MAX_CODES = 16
MAX_SET_LENGTH = 256

_NUMBER = re.compile("([+\\-\N{MINUS SIGN}]?)([0-9]{1,9})(?:[.,]([0-9]{1,9}))?")
_INTEGER = re.compile("-?[1-9][0-9]{0,17}|0")
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Kind(Protocol):
    """What a field may hold."""

    @property
    def meaning(self) -> str:
        """The end of the sentence "the field is …"."""

    @property
    def example(self) -> str:
        """One value as JSON, for whoever has to mend a record."""

    def canonical(self, value: object) -> str | None:
        """Give the canonical string of a trade value, `None` if it says "nothing", else `ValueError`."""

    def is_canonical(self, text: str) -> bool:
        """Whether `text` is what `canonical` gives for some value."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """
    A decimal number of `unit`, committed as an integer in units of 10^-`places`.

    `low` and `high` bound that integer. Where `zero_is_absent`, 0 lies outside the bounds and says
    "none", as an addition of 0 does.
    """

    unit: str
    places: int
    low: int
    high: int
    zero_is_absent: bool = False

    @property
    def meaning(self) -> str:
        bounds = f"between {self._text(self.low)} and {self._text(self.high)}"
        zero = ", or 0 for none" if self.zero_is_absent else ""
        decimals = f"at most {self.places} decimal{'s' if self.places > 1 else ''}"
        return f"a number of {self.unit} {bounds} with {decimals}{zero}, written as a string"

    @property
    def example(self) -> str:
        return f'"{self._text((self.low + self.high) // 2)}"'

    def canonical(self, value: object) -> str | None:
        match = _NUMBER.fullmatch(_trimmed(value))
        if match is None:
            raise ValueError("not a number")
        sign, whole, decimals = match.group(1), match.group(2), match.group(3) or ""
        if len(decimals) > self.places:
            raise ValueError("too many decimals")
        number = int(whole + decimals.ljust(self.places, "0"))
        if number == 0 and self.zero_is_absent:
            return None
        text = str(number if sign in ("", "+") else -number)
        if not self.is_canonical(text):
            raise ValueError("out of range")
        return text

    def is_canonical(self, text: str) -> bool:
        return _is_integer_between(text, self.low, self.high)

    def _text(self, number: int) -> str:
        whole, decimals = divmod(abs(number), 10**self.places)
        return f"{'-' if number < 0 else ''}{whole}.{decimals:0{self.places}}"


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number of `unit`, `low` to `high`: a JSON integer or its digits."""

    unit: str
    low: int
    high: int

    @property
    def meaning(self) -> str:
        return f"a whole number of {self.unit} between {self.low} and {self.high}"

    @property
    def example(self) -> str:
        return str((self.low + self.high) // 2)

    def canonical(self, value: object) -> str:
        if isinstance(value, bool):
            raise ValueError("not a number")
        if isinstance(value, int):
            if not self.low <= value <= self.high:
                raise ValueError("out of range")
            return str(value)
        text = _trimmed(value)
        if re.fullmatch("[0-9]{1,9}", text) is None:
            raise ValueError("not a number")
        return self.canonical(int(text))

    def is_canonical(self, text: str) -> bool:
        return _is_integer_between(text, self.low, self.high)


@dataclass(frozen=True, slots=True)
class Code:
    """
    One word of ASCII characters with a digit and no space in it, so that a name or a sentence does not fit.

    `pattern` is what the whole canonical string matches; `fold` is the case that the code list uses; `words` are the
    codes that have no digit.
    """

    pattern: str
    meaning: str
    example: str
    fold: Callable[[str], str] = str.upper
    words: tuple[str, ...] = ()

    def canonical(self, value: object) -> str:
        text = _trimmed(value)
        # Upper case maps a few letters outside ASCII into it, so they are refused first.
        if not text.isascii() or not self.is_canonical(folded := self.fold(text)):
            raise ValueError("not a code")
        return folded

    def is_canonical(self, text: str) -> bool:
        return (
            len(text) <= MAX_LENGTH
            and re.fullmatch(self.pattern, text) is not None
            and self.fold(text) == text
            and (text in self.words or not is_bare_word(text))
            and not is_insured_number(text)
            and not is_written_date(text)
        )


@dataclass(frozen=True, slots=True)
class CodeSet:
    """A set of codes, joined by commas in code point order. The empty set says "nothing", as no set does."""

    code: Code

    @property
    def meaning(self) -> str:
        return (
            f"a list of at most {MAX_CODES} codes, together at most {MAX_SET_LENGTH} characters, "
            f"each {self.code.meaning}"
        )

    @property
    def example(self) -> str:
        return f"[{self.code.example}]"

    def canonical(self, value: object) -> str | None:
        if not isinstance(value, list | tuple) or len(value) > MAX_CODES:
            raise ValueError("not a list of codes")
        text = ",".join(sorted({self.code.canonical(code) for code in value}))
        if len(text) > MAX_SET_LENGTH:
            raise ValueError("too long")
        return text or None

    def is_canonical(self, text: str) -> bool:
        codes = text.split(",")
        return (
            len(codes) <= MAX_CODES
            and len(text) <= MAX_SET_LENGTH
            and all(self.code.is_canonical(code) for code in codes)
            and codes == sorted(set(codes))
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed list of words."""

    words: tuple[str, ...]

    @property
    def meaning(self) -> str:
        return f"one of {', '.join(self.words)}"

    @property
    def example(self) -> str:
        return f'"{self.words[0]}"'

    def canonical(self, value: object) -> str:
        text = _trimmed(value)
        if text not in self.words:
            raise ValueError("not in the list")
        return text

    def is_canonical(self, text: str) -> bool:
        return text in self.words


@dataclass(frozen=True, slots=True)
class CivilDate:
    """A day as the shop's calendar showed it, `YYYY-MM-DD`, without a zone."""

    meaning: str = field(default="a date written YYYY-MM-DD, from 1900 to 2199", init=False)
    example: str = field(default='"2026-03-02"', init=False)

    def canonical(self, value: object) -> str:
        text = _trimmed(value)
        if not self.is_canonical(text):
            raise ValueError("not a date")
        return text

    def is_canonical(self, text: str) -> bool:
        if _DATE.fullmatch(text) is None or not "1900" <= text[:4] <= "2199":
            return False
        try:
            date.fromisoformat(text)
        except ValueError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier with a check digit; `spelling` gives its one spelling or raises `ValueError`."""

    spelling: Callable[[str], str]
    meaning: str
    example: str

    def canonical(self, value: object) -> str:
        return self.spelling(_trimmed(value))

    def is_canonical(self, text: str) -> bool:
        try:
            return self.spelling(text) == text
        except ValueError:
            return False


def _trimmed(value: object) -> str:
    """Give the text without the spaces around it. Only U+0020 is one: the kind refuses any other."""
    if not isinstance(value, str) or len(value) > MAX_LENGTH:
        raise ValueError("not a short text")
    return value.strip(" ")


def _is_integer_between(text: str, low: int, high: int) -> bool:
    return _INTEGER.fullmatch(text) is not None and low <= int(text) <= high
