"""
Finds marked values in whatever was written, also as words of the chain, packed, compressed, and as hashes.

    hunt = Hunt(["ZQXPRG16", "-28.17"], records=[{"sphere": "-28.17", "axis": "173"}], salts=[item_id])
    assert hunt.search(database_file) == []

`Canaries` finds a value as text in every encoding. On top of it come what programs make of values: 32-byte words,
integers packed side by side, what is compressed, and hashes, plain and with what is no secret as salt. Hashes are kept
by their first bytes, so one cut short is found too. What is hashed has to be known `whole`, where as text a mark that
many values share is enough; `unsalted` ones are sought as plain hashes only, for there are too many.

A correction is short, and short values turn up by chance. What is sought alone is therefore marked: lawful, but such as
nobody wears, and of six characters or more; an axis or an addition is sought only with what it belongs to.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import json
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from app.domain.keccak import keccak256
from tests.support.canary import Canaries, Hit, numbers_in

Record = Mapping[str, str]

HASHES: Mapping[str, Callable[[bytes], bytes]] = {
    "SHA-256": lambda text: hashlib.sha256(text).digest(),
    "Keccak-256": keccak256,
    "SHA3-256": lambda text: hashlib.sha3_256(text).digest(),
    "BLAKE2b": lambda text: hashlib.blake2b(text, digest_size=32).digest(),
}
PLAIN_ONLY: Mapping[str, Callable[[bytes], bytes]] = {
    "SHA-1": lambda text: hashlib.sha1(text, usedforsecurity=False).digest(),
    "MD5": lambda text: hashlib.md5(text, usedforsecurity=False).digest(),
    "SHA-512": lambda text: hashlib.sha512(text).digest(),
    "BLAKE2b of 64": lambda text: hashlib.blake2b(text).digest(),
    "SHA-256 twice": lambda text: hashlib.sha256(hashlib.sha256(text).digest()).digest(),
    "Keccak-256 twice": lambda text: keccak256(keccak256(text)),
}
PREFIX = 8
"""Bytes of a hash that are compared: with 10^8 places and 10^7 hashes, one agrees by chance once in 10^4 runs."""
BETWEEN = (b"", b":", b"|", b"\0")
"""What stands between a value and a salt."""
JOINED = ("", ",", ";", "|", ":", " ", "\n", "\0", "/")
"""What stands between the values of a record."""

_DEEPEST = 4
_HEX = re.compile(rb"[0-9a-fA-F]{12,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{8,}")
_STREAM = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
_NUMBER = re.compile(r"([-+]?)(\d+)[.,](\d+)", re.ASCII)
_URL_TO_PLAIN = bytes.maketrans(b"-_", b"+/")
_MOST_INFLATED = 64 << 20


class Hunt:
    """Marked values and records, sought as text, words, packed numbers and hashes under any of `salts`."""

    def __init__(
        self,
        values: Iterable[str],
        records: Iterable[Record] = (),
        salts: Iterable[bytes] = (),
        whole: Iterable[str] = (),
        unsalted: Iterable[str] = (),
    ) -> None:
        self._canaries = Canaries(dict.fromkeys(values))
        self._salted = dict.fromkeys((*self._canaries.values, *whole))
        self._unsalted = dict.fromkeys(unsalted)
        self._records = list(records)
        self._salts = list(dict.fromkeys(salts))
        self._packed: dict[bytes, Hit] = {}
        for value in (*self._salted, *self._unsalted):
            for word in words(value):
                self._packed[word] = Hit(value, "word")
        for record in self._records:
            for packed in _packed(record):
                self._packed[packed] = Hit(_name(record), "packed")
        self._hashes = frozenset(_beginning(digest) for _, digest in self._hashed())

    def search(self, written: bytes) -> list[Hit]:
        """Every value in `written`, once for each way it is written there; empty if there is none."""
        found: dict[Hit, None] = {}
        for layer in layers(written):
            found.update(dict.fromkeys(self._canaries.search(layer)))
            found.update(dict.fromkeys(hit for needle, hit in self._packed.items() if _stands_in(needle, layer)))
            found.update(dict.fromkeys(self._named(numbers_in(layer, self._hashes, PREFIX))))
        return list(found)

    def _named(self, seen: set[int]) -> list[Hit]:
        """What was hashed to these first bytes: worked out anew, for to keep it all would take too much memory."""
        return [hit for hit, digest in self._hashed() if _beginning(digest) in seen] if seen else []

    def _hashed(self) -> Iterator[tuple[Hit, bytes]]:
        for name, text in dict.fromkeys(_texts(self._unsalted, ())):
            yield from _plain(name, text)
        for name, text in dict.fromkeys(_texts(self._salted, self._records)):
            yield from _plain(name, text)
            for salt in self._salts:
                yield Hit(name, "HMAC"), hmac.digest(salt, text, "sha256")
                for between in BETWEEN:
                    for how, digest in HASHES.items():
                        yield Hit(name, f"{how} after a salt"), digest(salt + between + text)
                        yield Hit(name, f"{how} before a salt"), digest(text + between + salt)


def _beginning(digest: bytes) -> int:
    return int.from_bytes(digest[:PREFIX], sys.byteorder)


def _plain(name: str, text: bytes) -> Iterator[tuple[Hit, bytes]]:
    for how, digest in {**HASHES, **PLAIN_ONLY}.items():
        yield Hit(name, how), digest(text)


def _texts(values: Iterable[str], records: Iterable[Record]) -> Iterator[tuple[str, bytes]]:
    """What may have been hashed, with the name it is reported under."""
    for value in values:
        for text in _spellings(value):
            yield value, text
    for record in records:
        for text in _joined(record):
            yield _name(record), text


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
    texts = [run.translate(_URL_TO_PLAIN) for run in _BASE64.findall(written) if not _HEX.fullmatch(run)]
    for before in range(4):
        yield b"\n".join(map(_from_base64, (text[before:] for text in texts)))
    for start in _STREAM.finditer(written):
        yield _inflated(written[start.start() :])


def in_hex(written: bytes) -> Iterator[bytes]:
    """What is written in hex, at either half of a byte."""
    runs = _HEX.findall(written)
    for before in range(2):
        yield b"\n".join(bytes.fromhex(run[before : len(run) - (len(run) - before) % 2].decode()) for run in runs)


def _from_base64(text: bytes) -> bytes:
    return binascii.a2b_base64(text[: len(text) - (len(text) % 4 == 1)] + b"==")


def _inflated(written: bytes) -> bytes:
    """The stream that begins here, as far as it goes; nothing if none does."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(written, _MOST_INFLATED)
    except zlib.error:
        return b""


def words(value: str) -> Iterator[bytes]:
    """A value as the chain's words hold it: text at either end; a number in hundredths, negative ones as int256."""
    text = value.encode()
    yield text.ljust(32, b"\0")
    yield text.rjust(32, b"\0")
    number = hundredths(value)
    if number is not None:
        yield number.to_bytes(32, "big", signed=True)


def hundredths(value: str) -> int | None:
    """A decimal number without its point, as the protocol has it; None for what is no number."""
    number = _NUMBER.fullmatch(value)
    return None if number is None else int("{}{}{}".format(*number.groups()))


def canonical(value: str) -> str:
    """A value as it is committed: a decimal number in whole units, everything else as it is."""
    number = hundredths(value)
    return value if number is None else str(number)


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


def _spellings(value: str) -> Iterator[bytes]:
    for text in (value, canonical(value)):
        yield from (text.encode(), text.lower().encode(), text.upper().encode())
    yield from words(value)


def _joined(record: Record) -> Iterator[bytes]:
    """A whole record in the ways that somebody may write it down before hashing it."""
    for values in (dict(record), {name: canonical(value) for name, value in record.items()}):
        for between in JOINED:
            yield between.join(values.values()).encode()
            yield between.join(f"{name}={value}" for name, value in values.items()).encode()
        for names in (list(values), sorted(values)):
            ordered = {name: values[name] for name in names}
            yield json.dumps(ordered).encode()
            yield json.dumps(ordered, separators=(",", ":")).encode()


def _name(record: Record) -> str:
    return " ".join(record.values())


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
