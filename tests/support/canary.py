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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

SHORTEST = 6
"""Characters. Anything shorter turns up by chance among identifiers, signatures and times."""

_NUMBER = re.compile(r"[-+]?(\d+)[.,](\d+)", re.ASCII)
_STANDING = re.compile(rb"([0-9](?<!\w[0-9])[0-9]*)(?!\w)(?=([.,][0-9]+)(?!\w)|)")
"""Digits that stand alone, and the decimals after them: short ones stand in the middle of identifiers and times too."""
_ESCAPED = re.compile(rb"%([0-9a-f]{2})|\\+x([0-9a-f]{2})|\\+u([0-9a-f]{4})", re.IGNORECASE)
_HEX_APART = re.compile(rb"[0-9a-fx\s:,-]{%d,}" % (2 * SHORTEST))
_BETWEEN_HEX = re.compile(rb"0x|[\s:,-]")
_MOST_LAYERS = 4
_PIECE = 4
_CASELESS = frozenset({"clear", "query", "reversed", "utf-16-le", "utf-16-be"})


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
        needles: dict[bytes, Hit] = {}
        for value in self.values:
            for hit, needle in _needles(value):
                needles.setdefault(needle, hit)
        hexed = {needle: hit for needle, hit in needles.items() if hit.written == "hex"}
        caseless = {needle: hit for needle, hit in needles.items() if hit.written in _CASELESS}
        exact = {needle: hit for needle, hit in needles.items() if hit.written not in (*_CASELESS, "hex")}
        self._hexed, self._caseless, self._exact = map(Needles, (hexed, caseless, exact))
        self._numbers = [(digits, Hit(value, "number")) for value in self.values for digits in _number(value)]

    def search(self, written: bytes) -> list[Hit]:
        """Every value in `written`, once for each way it is written there; empty if there is none."""
        found: dict[Hit, None] = {}
        for layer in _layers(written):
            folded = layer.lower()
            for haystack, needles in (
                (_bare(folded), self._hexed),
                (folded, self._caseless),
                (layer, self._exact),
            ):
                found.update((hit, None) for needle, hit in needles.likely(haystack) if needle in haystack)
            standing = set(_STANDING.findall(layer))
            whole = {each for digits, decimals in standing for each in (digits, digits + decimals)}
            found.update((hit, None) for digits, hit in self._numbers if digits in whole)
        return list(found)


class Needles:
    """
    Byte strings of five bytes or more that are sought all at once.

    Of each, two neighbouring pieces of four bytes are known. One of them stands at an even place of the haystack, so
    every other place is looked at.
    """

    def __init__(self, needles: Mapping[bytes, Hit]) -> None:
        self._by_piece: dict[int, dict[bytes, Hit]] = {}
        for needle, hit in needles.items():
            # Not zeros or spaces, which are everywhere.
            best = max(range(len(needle) - _PIECE), key=lambda at: len(set(needle[at : at + _PIECE + 1])))
            for at in (best, best + 1):
                piece = int.from_bytes(needle[at : at + _PIECE], sys.byteorder)
                self._by_piece.setdefault(piece, {})[needle] = hit
        self._pieces = frozenset(self._by_piece)

    def likely(self, haystack: bytes) -> list[tuple[bytes, Hit]]:
        """The needles of which a piece is there."""
        pieces = numbers_in(haystack, self._pieces, _PIECE, 2)
        return list({needle: hit for piece in pieces for needle, hit in self._by_piece[piece].items()}.items())


def numbers_in(haystack: bytes, wanted: frozenset[int], size: int, step: int = 1) -> set[int]:
    """
    Which of these numbers of `size` bytes (4 or 8), in the machine's own order, lie at any `step`-th place.

    One pass for all of them: what is searched are megabytes, for thousands of values.
    """
    found: set[int] = set()
    for at in range(0, min(size, len(haystack)), step):
        whole = (len(haystack) - at) // size * size
        pieces = memoryview(haystack)[at : at + whole]
        found |= wanted.intersection(pieces.cast("I") if size == 4 else pieces.cast("Q"))
    return found


def _bare(folded: bytes) -> bytes:
    """What is written in hex, without what stands between the bytes; what is not in hex is left out."""
    return _BETWEEN_HEX.sub(b"", b"|".join(_HEX_APART.findall(folded)))


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
            yield Hit(value, written), needle.lower() if written in _CASELESS or written == "hex" else needle


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
        yield from (whole + decimals, whole + b"." + decimals, whole + b"," + decimals)
