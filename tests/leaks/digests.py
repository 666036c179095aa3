"""
What somebody may have hashed of a value or a record, plain and with what is no secret as salt.

Hashes are compared by their first bytes, so one cut short is found too. A sale's values are hashed with the salts of
this sale and with those of everybody: nobody takes the number of another sale for a salt.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.keccak import keccak256
from tests.support.canary import Hit

Record = Mapping[str, str]

HASHES: Mapping[str, Callable[[bytes], bytes]] = {
    "SHA-256": lambda text: hashlib.sha256(text).digest(),
    "Keccak-256": keccak256,
    "SHA3-256": lambda text: hashlib.sha3_256(text).digest(),
    "BLAKE2b": lambda text: hashlib.blake2b(text, digest_size=32).digest(),
}
"""Of 32 bytes each."""
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

_NUMBER = re.compile(r"([-+]?)(\d+)[.,](\d+)", re.ASCII)
_SALTED = ["HMAC", *(f"{how} {place} a salt" for _ in BETWEEN for place in ("after", "before") for how in HASHES)]
"""How each text is hashed with one salt, in the order of `_with_salts`."""


@dataclass(frozen=True)
class Sale:
    """Values and records that belong together, and what of them alone somebody would take for a salt."""

    values: Sequence[str]
    records: Sequence[Record] = ()
    salts: Sequence[bytes] = ()

    def texts(self) -> list[tuple[str, bytes]]:
        """What may have been hashed, with the name it is reported under."""
        found = [(value, text) for value in self.values for text in _spellings(value)]
        found += [(name_of(record), text) for record in self.records for text in _joined(record)]
        return list(dict.fromkeys(found))


class Digests:
    """The hashes of all values and records of these sales, plain and salted; `salts` are everybody's."""

    def __init__(self, sales: Sequence[Sale], salts: Iterable[bytes]) -> None:
        groups = [(sale.texts(), tuple(dict.fromkeys(sale.salts))) for sale in sales]
        self._all = list(dict.fromkeys(each for texts, _ in groups for each in texts))
        self._groups = [(self._all, tuple(dict.fromkeys(salts))), *groups]

    def beginnings(self) -> frozenset[int]:
        """The first bytes of each, as a number in the machine's own order."""
        found = {beginning(digest) for _, digest in self._plain()}
        for texts, salts in self._groups:
            for _, text in texts:
                found.update(_beginnings(_with_salts(text, salts)))
        return frozenset(found)

    def named(self, seen: set[int]) -> Iterator[Hit]:
        """What was hashed to these first bytes: worked out anew, for to keep it all would take too much memory."""
        yield from (hit for hit, digest in self._plain() if beginning(digest) in seen)
        for texts, salts in self._groups:
            for name, text in texts:
                for at, number in enumerate(_beginnings(_with_salts(text, salts))):
                    if number in seen:
                        yield Hit(name, _SALTED[at % len(_SALTED)])

    def _plain(self) -> Iterator[tuple[Hit, bytes]]:
        for name, text in self._all:
            for how, digest in {**HASHES, **PLAIN_ONLY}.items():
                yield Hit(name, how), digest(text)


def beginning(digest: bytes) -> int:
    """The first bytes of a digest, as a number in the machine's own order."""
    return int.from_bytes(digest[:PREFIX], sys.byteorder)


def _with_salts(text: bytes, salts: Iterable[bytes]) -> bytes:
    """The digests of a text with each salt, one after the other, 32 bytes each."""
    functions = tuple(HASHES.values())
    found: list[bytes] = []
    for salt in salts:
        found.append(hmac.digest(salt, text, "sha256"))
        for between in BETWEEN:
            found += [digest(each) for each in (salt + between + text, text + between + salt) for digest in functions]
    return b"".join(found)


def _beginnings(digests: bytes) -> memoryview:
    return memoryview(digests).cast("Q")[:: 32 // PREFIX]


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


def name_of(record: Record) -> str:
    """What a record is reported as."""
    return " ".join(record.values())
