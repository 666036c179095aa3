"""
Finds marked values in whatever was written, also as words of the chain, packed, compressed, and as hashes.

    hunt = Hunt(["ZQ7PRG16", "-28.17"], records=[{"sphere": "-28.17", "axis": "173"}], salts=[item_id])
    assert hunt.search(database_file) == []

`Canaries` finds a value as text in every encoding. On top of it come what programs make of values: 32-byte words,
integers packed side by side, what is compressed, and hashes, plain and with what is no secret as salt.

A correction is short, and short values turn up by chance. What is sought alone is therefore marked: lawful, but such as
nobody wears, and of six characters or more; an axis or an addition is sought only with what it belongs to.
"""

from __future__ import annotations

import binascii
import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tests.leaks.digests import PREFIX, Digests, Record, Sale, canonical, name_of, words
from tests.support.canary import SHORTEST, Canaries, Hit, Needles, numbers_in

_DEEPEST = 4
_HEX = re.compile(rb"[0-9a-fA-F]{12,}")
_HEX_ALONE = re.compile(rb"(?:0x)?[0-9a-fA-F]{12,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{8,}")
_STREAM = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
_URL_TO_PLAIN = bytes.maketrans(b"-_", b"+/")
_MOST_INFLATED = 64 << 20
_INFLATED_AT_ONCE = 1 << 10
_BEYOND_ASCII = int.from_bytes(b"\x80" * PREFIX, "big")


class Hunt:
    """
    Marked values and records, sought as text, words, packed numbers and hashes under any of `salts`.

    Values of `sales` are sought as words and hashes. As text only `values` are: one mark stands for many of them.
    """

    def __init__(
        self,
        values: Iterable[str],
        records: Iterable[Record] = (),
        salts: Iterable[bytes] = (),
        sales: Iterable[Sale] = (),
    ) -> None:
        self._canaries = Canaries(dict.fromkeys(values))
        every = [Sale(self._canaries.values, tuple(records)), *sales]
        packed = {word: Hit(value, "word") for sale in every for value in sale.values for word in words(value)}
        for sale in every:
            packed |= {each: Hit(name_of(record), "packed") for record in sale.records for each in _packed(record)}
        self._packed = Needles(packed)
        self._digests = Digests(every, salts)
        self._hashes = self._digests.beginnings()
        self._hashes_in_ascii = frozenset(each for each in self._hashes if not each & _BEYOND_ASCII)
        self._clean: set[bytes] = set()

    def search(self, written: bytes) -> list[Hit]:
        """Every value in `written`, once for each way it is written there; empty if there is none."""
        found: dict[Hit, None] = {}
        for layer in layers(written):
            found.update(dict.fromkeys(self._canaries.search(layer)))
            likely = self._packed.likely(layer)
            found.update(dict.fromkeys(hit for needle, hit in likely if _stands_in(needle, layer)))
            # In text stand few of the hashes, which makes the most of what is searched cheap.
            hashes = self._hashes_in_ascii if layer.isascii() else self._hashes
            seen = numbers_in(layer, hashes, PREFIX)
            found.update(dict.fromkeys(self._digests.named(seen) if seen else ()))
        return list(found)

    def search_all(self, parts: Iterable[bytes]) -> list[Hit]:
        """Every value in any of the parts; one in a search of which nothing was found is not searched again."""
        named = {hashlib.blake2b(part).digest(): part for part in parts}
        fresh = {digest: part for digest, part in named.items() if digest not in self._clean}
        found = self.search(b"\n".join(fresh.values()))
        if not found:
            self._clean.update(fresh)
        return found


def layers(written: bytes) -> Iterator[bytes]:
    """What was written, and whatever lies in it in hex, in base64 or compressed, one below another."""
    level, seen = [written], {written}
    for _ in range(_DEEPEST):
        yield from level
        below = dict.fromkeys(each for one in level for each in _below(one) if each)
        level = [each for each in below if each not in seen]
        seen.update(level)


def _below(written: bytes) -> Iterator[bytes]:
    yield from in_hex(written)
    texts = [run.translate(_URL_TO_PLAIN) for run in _BASE64.findall(written) if not _HEX_ALONE.fullmatch(run)]
    for before in range(4):
        yield b"\n".join(map(_from_base64, (text[before:] for text in texts)))
    rest = memoryview(written)
    inflated = (_inflated(rest[start.start() :]) for start in _STREAM.finditer(written))
    yield b"\n".join(each for each in inflated if len(each) >= SHORTEST)


def in_hex(written: bytes) -> Iterator[bytes]:
    """What is written in hex, at either half of a byte."""
    runs = _HEX.findall(written)
    for before in range(2):
        yield b"\n".join(bytes.fromhex(run[before : len(run) - (len(run) - before) % 2].decode()) for run in runs)


def _from_base64(text: bytes) -> bytes:
    return binascii.a2b_base64(text[: len(text) - (len(text) % 4 == 1)] + b"==")


def _inflated(written: memoryview) -> bytes:
    """The stream that begins here, as far as it goes: also what comes before a place where it is broken."""
    stream, found, size = zlib.decompressobj(zlib.MAX_WBITS | 32), [], 0
    for at in range(0, len(written), _INFLATED_AT_ONCE):
        piece, before = written[at : at + _INFLATED_AT_ONCE], stream.copy()
        try:
            found.append(stream.decompress(piece))
        except zlib.error:
            return b"".join([*found, *_to_the_fault(before, piece)])
        size += len(found[-1])
        if stream.eof or size > _MOST_INFLATED:
            break
    return b"".join(found)


def _to_the_fault(stream: Any, piece: memoryview) -> Iterator[bytes]:
    try:
        for at in range(len(piece)):
            yield stream.decompress(piece[at : at + 1])
    except zlib.error:
        return


def _stands_in(needle: bytes, layer: bytes) -> bool:
    """
    Whether a packed value is there, and not merely the end of empty space.

    SQLite fills a page from its end, so the two bytes before which 30 zeros stand are often those that begin a cell.
    Before a word of the chain stands no zero, or as many as make whole words; of these, three at most.
    """
    at = layer.find(needle)
    while at >= 0:
        zeros = at - len(layer[max(0, at - 4 * len(needle)) : at].rstrip(b"\0")) - max(0, at - 4 * len(needle))
        if needle[0] != 0 or zeros in range(0, 4 * len(needle), len(needle)):
            return True
        at = layer.find(needle, at + 1)
    return False


def _packed(record: Record) -> Iterator[bytes]:
    """The numbers of a correction side by side, in two, four and eight bytes each."""
    numbers = [int(canonical(record[name])) for name in ("sphere", "cylinder", "axis") if name in record]
    if len(numbers) == 3:
        for width in (2, 4, 8):
            for order in ("big", "little"):
                yield b"".join(number.to_bytes(width, order, signed=True) for number in numbers)


def salts_of(identifiers: Iterable[str], numbers: Iterable[int], texts: Sequence[str] = ()) -> Iterator[bytes]:
    """What everybody or an insurer knows, as somebody would take it for a salt: identifiers are in hex."""
    for identifier in identifiers:
        yield identifier.encode()
        yield bytes.fromhex(identifier)
    for number in numbers:
        yield str(number).encode()
        yield number.to_bytes(4, "big")
    for text in texts:
        yield text.encode()
