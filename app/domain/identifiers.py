"""
Check digits of the identifiers that the trade writes.

A digit mistyped at the till would be committed for good, so it is refused
where it enters. Each function takes text and gives its one spelling, or raises
a `ValueError` that does not repeat it.
"""

import re
from collections.abc import Iterator
from typing import Final

_LA_POSTE = "356000000"
_INSURED_NUMBER = re.compile(r"[12][0-9]{2}(0[1-9]|1[0-2])([0-9]{2}|2[AB])[0-9]{8}")
_WITHOUT_KEY: Final = re.compile("[12] ?[0-9]{2} ?(0[1-9]|1[0-2]) ?([0-9]{2}|2 ?[AB]) ?[0-9]{3} ?[0-9]{3}")
"""Spaces stand where people part it: any 13 digits that are written in a row may be dates, or an address."""
_DIGITS: Final = 15
_WORD: Final = re.compile("[0-9]+|[A-Z]+")
_HOST_BY_NUMBER: Final = re.compile(
    r"^(https?://)?([0-9]{1,3}(\.[0-9]{1,3}){3}|\[([0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}\])(:[0-9]{1,5})?(?=/|$)", re.I
)
_MONTH, _OF_MONTH = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
_YEAR, _BEFORE_2016 = "(?:19|20|21)[0-9]{2}", "(?:19[0-9]{2}|200[0-9]|201[0-5])"
_DAY: Final = re.compile(
    f"{_YEAR}([._/-]){_MONTH}\\1{_OF_MONTH}"
    f"|(?:{_OF_MONTH}([._/-]){_MONTH}\\2|{_MONTH}([._/-]){_OF_MONTH}\\3){_YEAR}"
    f"|{_BEFORE_2016}{_MONTH}{_OF_MONTH}|(?:{_OF_MONTH}{_MONTH}|{_MONTH}{_OF_MONTH}){_BEFORE_2016}"
)


def is_siren(text: str) -> bool:
    """Whether `text` is the number of a French company: nine digits, Luhn (INSEE)."""
    return re.fullmatch("[0-9]{9}", text) is not None and text.strip("0") != "" and _luhn_sum(text) % 10 == 0


def siret(text: str) -> str:
    """
    Give the 14 digits of a French establishment; spaces between digits are dropped.

    Luhn holds over the company's nine digits and over all fourteen. La Poste ran out of
    numbers: its establishments need only a sum of digits that is a multiple of 5.
    """
    digits = text.replace(" ", "")
    if re.fullmatch("[0-9]{14}", digits) is None or not is_siren(digits[:9]):
        raise ValueError("not a SIRET")
    if _luhn_sum(digits) % 10 and not (digits[:9] == _LA_POSTE and sum(map(int, digits)) % 5 == 0):
        raise ValueError("not a SIRET")
    return digits


def gtin(text: str) -> str:
    """Give 14 digits for a GTIN of 8, 12, 13 or 14 digits (GS1: mod 10, weights 1 and 3 from the right)."""
    if re.fullmatch("[0-9]{8}|[0-9]{12,14}", text) is None or text.strip("0") == "":
        raise ValueError("not a GTIN")
    if sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(text))) % 10:
        raise ValueError("not a GTIN")
    return text.zfill(14)


def is_written_date(text: str) -> bool:
    """
    Whether `text` is a day as people write one: what stands where a code belongs may be somebody's birth date.

    Year, month, day, or day and month in either order before the year, with one separator; or the same run together,
    for the years until 2015 only, because lots and serial numbers are often made of the day of manufacture.
    """
    return _DAY.fullmatch(text) is not None


def is_bare_word(text: str) -> bool:
    """
    Whether `text` has no digit in it, as a name has none. A single character is no name.

    What stands where a code belongs may be what a wearer is called, however it is joined or parted.
    """
    return len(text) > 1 and re.search("[0-9]", text) is None


def is_insured_number(text: str) -> bool:
    """
    Whether `text` is a wearer's social security number with its key (NIR, 13 + 2 characters), in either case.

    The key is 97 less the number modulo 97; Corsica's 2A and 2B count as 19 and 18. Separators do not hide it, nor does
    what stands before or after a slash. No record has a place for this number, so codes that are one are refused.
    """
    return any(_is_insured_number(part) for part in (text, *text.split("/")))


def _is_insured_number(text: str) -> bool:
    bare = re.sub(r"[ ./_-]", "", text.upper())
    if _INSURED_NUMBER.fullmatch(bare) is None:
        return False
    digits = bare.replace("2A", "19").replace("2B", "18")
    return 97 - int(digits[:13]) % 97 == int(digits[13:])


def holds_insured_number(text: str) -> bool:
    """
    Whether the number of an insured person stands anywhere in a free text, also between letters.

    With its key it is found however it is parted; without, in one piece or parted as people write it. Of a code less is
    looked at, and a number without its key is taken: 13 digits may be a GTIN. A text for people needs none.
    """
    return any(
        _is_insured_number("".join(run)) or _WITHOUT_KEY.fullmatch(" ".join(run)) is not None for run in _runs(text)
    )


def address_holds_insured_number(url: str) -> bool:
    """
    The same of an address of the web, but for a host given by its number, with its port.

    These have as many digits as an insured number has, and no address of the web may be refused for its own digits.
    """
    return holds_insured_number(_HOST_BY_NUMBER.sub("", url))


def holds_written_date(text: str) -> bool:
    """Whether a day stands anywhere in a free text, also between letters."""
    return any(is_written_date("-".join(run)) for run in _runs(text))


def _runs(text: str) -> Iterator[list[str]]:
    """
    Words that follow each other, as many as an insured number has characters.

    Where letters touch digits one word ends: labels like `till184127645108946` hide nothing.
    """
    words = _WORD.findall(text.upper())
    return (words[start : start + count] for start in range(len(words)) for count in range(1, _DIGITS + 1))


def _luhn_sum(digits: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 + place % 2)
        total += number - 9 * (number > 9)
    return total
