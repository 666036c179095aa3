"""
Finds marked values in anything that was written, however they were encoded on the way.

    canaries = Canaries(["ZZQXJVOLE", "-38.17"])
    assert canaries.search(log) == []

Escapes are undone before the search, one below another, and case is ignored; what cannot be undone without knowing
where it begins is sought in its encoded form.
"""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SHORTEST = 6
"""Characters. Anything shorter turns up by chance among identifiers, signatures and times."""

_NUMBER = re.compile(r"[-+]?(\d+)[.,](\d+)", re.ASCII)
_ESCAPED = re.compile(rb"%([0-9a-f]{2})|\\+x([0-9a-f]{2})|\\+u([0-9a-f]{4})", re.IGNORECASE)
_BETWEEN_HEX = re.compile(rb"0x|[\s:,-]")
_MOST_LAYERS = 4
_BEGINNING = 4
_CASELESS = frozenset({"clear", "query", "reversed", "utf-16-le", "utf-16-be", "hex"})


@dataclass(frozen=True, slots=True)
class Hit:
    """A value that was found, and how it was written there."""

    value: str
    written: str


class Canaries:
    """Marked values, each sought in every encoding; a number such as `-38.17` also with a comma and in hundredths."""

    def __init__(self, values: Iterable[str]) -> None:
        self.values = tuple(values)
        if not self.values or min(map(len, self.values)) < SHORTEST:
            raise ValueError(f"a marked value has {SHORTEST} characters or more")
        self._needles: dict[bytes, Hit] = {}
        for value in self.values:
            for hit, needle in _needles(value):
                self._needles.setdefault(needle, hit)
        self._by_beginning: dict[int, list[tuple[bytes, Hit]]] = {}
        for needle, hit in self._needles.items():
            beginning = int.from_bytes(needle[:_BEGINNING], sys.byteorder)
            self._by_beginning.setdefault(beginning, []).append((needle, hit))
        self._beginnings = frozenset(self._by_beginning)
        self._numbers = [(Hit(value, "number"), _bounded(digits)) for value in self.values for digits in _number(value)]
        # One search for all of them first, because there is rarely any.
        self._any_number = _bounded(b"|".join(digits for value in self.values for digits in _number(value)) or b"(?!)")

    def search(self, written: bytes) -> list[Hit]:
        """Every value in `written`, once for each way it is written there; empty if there is none."""
        found: dict[Hit, None] = {}
        for layer in _layers(written):
            folded = layer.lower()
            bare = _BETWEEN_HEX.sub(b"", folded)
            for haystack in dict.fromkeys((layer, folded, bare)):
                for needle, hit in self._likely(haystack):
                    its_own = bare if hit.written == "hex" else folded if hit.written in _CASELESS else layer
                    if needle in its_own:
                        found[hit] = None
            if self._any_number.search(layer):
                found.update((hit, None) for hit, pattern in self._numbers if pattern.search(layer))
        return list(found)

    def _likely(self, haystack: bytes) -> Iterator[tuple[bytes, Hit]]:
        """The needles whose first bytes are there."""
        for beginning in numbers_in(haystack, self._beginnings, _BEGINNING):
            yield from self._by_beginning[beginning]


def numbers_in(haystack: bytes, wanted: frozenset[int], size: int) -> set[int]:
    """
    Which of these numbers of `size` bytes (4 or 8), in the machine's own order, lie anywhere in the haystack.

    One pass for all of them: what is searched are megabytes, for thousands of values.
    """
    found: set[int] = set()
    for at in range(min(size, len(haystack))):
        whole = (len(haystack) - at) // size * size
        pieces = memoryview(haystack)[at : at + whole]
        found |= wanted.intersection(pieces.cast("I") if size == 4 else pieces.cast("Q"))
    return found


def _layers(written: bytes) -> Iterator[bytes]:
    """What was written, and what is below its escapes."""
    yield written
    for _ in range(_MOST_LAYERS):
        below = _ESCAPED.sub(_unescaped, written)
        if below == written:
            return
        yield below
        written = below


def _unescaped(escape: re.Match[bytes]) -> bytes:
    byte, other, unit = escape.groups()
    if unit is None:
        return bytes.fromhex((byte or other).decode())
    return chr(int(unit, 16)).encode("utf-8", "surrogatepass")


def _needles(value: str) -> Iterator[tuple[Hit, bytes]]:
    for spelling in (value, value.lower(), value.upper()):
        for written, needle in _encoded(spelling):
            yield Hit(value, written), needle.lower() if written in _CASELESS else needle


def _encoded(value: str) -> Iterator[tuple[str, bytes]]:
    octets = value.encode()
    yield "clear", octets
    yield "query", octets.replace(b" ", b"+")
    yield "reversed", octets[::-1]
    for order in ("utf-16-le", "utf-16-be"):
        yield order, value.encode(order)
    yield "hex", octets.hex().encode()
    yield "decimal", b"%d" % int.from_bytes(octets, "big")
    for between in (b",", b", ", b" "):
        yield "decimal", between.join(b"%d" % octet for octet in octets)
    for before in range(3):
        text = _aligned(octets, before)
        yield "base64", text
        yield "base64", text.translate(bytes.maketrans(b"+/", b"-_"))


def _aligned(octets: bytes, before: int) -> bytes:
    """What is the same in every base64 text that holds these bytes after `before` others, counted in threes."""
    text = base64.b64encode(bytes(before) + octets)
    # Characters at both ends also hold bits of the neighbours.
    return text[-(-8 * before // 6) : (before + len(octets)) * 8 // 6]


def _number(value: str) -> Iterator[bytes]:
    """What the digits of a value look like if it is a number."""
    number = _NUMBER.fullmatch(value)
    if number is not None:
        whole, decimals = (part.encode() for part in number.groups())
        yield rb"%b[.,]?%b" % (whole, decimals)


def _bounded(digits: bytes) -> re.Pattern[bytes]:
    """These digits alone: short ones stand in the middle of identifiers and times too."""
    return re.compile(rb"(?<!\w)(?:%b)(?!\w)" % digits)
