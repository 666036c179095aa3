"""
The attack that a hash of a correction does not withstand: try all corrections.

The space is that of a lens as it is prescribed: sphere -12.00 to +8.00 and cylinder to 4.00 in quarters of a dioptre,
axis 1 to 180, addition 0.75 to 3.50 or none. That is 233,361 lenses without the addition and 3,033,693 with it. What an
attacker has is cut into pieces of eight bytes at every place, so a digest is found wherever it stands, cut short too.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from app.domain import merkle
from app.domain.commitment import field_salt, leaf
from app.domain.keccak import keccak256
from app.domain.records import GroupValues

Values = tuple[str, str | None, str | None, str | None]
"""Sphere, cylinder, axis and addition, canonical."""

SCHEMA: Final = "optics.lens/1"
PIECE: Final = 8
HASHES: Final[tuple[Callable[[bytes], bytes], ...]] = (lambda text: hashlib.sha256(text).digest(), keccak256)
_SPHERES: Final = range(-1200, 801, 25)
_CYLINDERS: Final = range(-400, 0, 25)
_ADDITIONS: Final = (None, *map(str, range(75, 351, 25)))
ALL_LENSES: Final = len(_SPHERES) * (1 + len(_CYLINDERS) * 180)


def lenses(additions: Iterable[str | None] = _ADDITIONS) -> Iterator[Values]:
    """Every correction of one lens with one of these additions."""
    for addition in additions:
        for sphere in map(str, _SPHERES):
            yield sphere, None, None, addition
            for cylinder in map(str, _CYLINDERS):
                for axis in _AXES:
                    yield sphere, cylinder, axis, addition


_AXES: Final = tuple(map(str, range(1, 181)))


def written(values: Values) -> bytes:
    """A correction as it stands in a table, to be hashed."""
    return ",".join(each or "" for each in values).encode()


@dataclass(frozen=True)
class Loot:
    """What an attacker has: every piece of it, and what may serve as a salt or a key."""

    pieces: frozenset[int]
    salts: tuple[bytes, ...]
    keys: tuple[bytes, ...]

    @classmethod
    def of(cls, contents: Iterable[bytes], salts: Iterable[bytes] = (), keys: Iterable[bytes] = ()) -> Loot:
        """What lies in `contents`."""
        pieces: set[int] = set()
        for content in contents:
            for at in range(min(PIECE, len(content))):
                whole = (len(content) - at) // PIECE * PIECE
                pieces.update(memoryview(content)[at : at + whole].cast("Q"))
        return cls(frozenset(pieces), tuple(dict.fromkeys(salts)), tuple(dict.fromkeys(keys)))

    def holds(self, digest: bytes) -> bool:
        """Whether the first bytes of the digest are anywhere in it."""
        return int.from_bytes(digest[:PIECE], sys.byteorder) in self.pieces


def by_plain_hash(loot: Loot, space: Iterable[Values]) -> Iterator[Values]:
    """Hash each correction as it stands."""
    for values in space:
        text = written(values)
        if any(loot.holds(digest(text)) for digest in HASHES):
            yield values


def by_salted_hash(loot: Loot, space: Iterable[Values]) -> Iterator[Values]:
    """Hash each correction after and before everything that is no secret."""
    for values in space:
        text = written(values)
        tried = (digest(each) for salt in loot.salts for each in (salt + text, text + salt) for digest in HASHES)
        if any(map(loot.holds, tried)):
            yield values


def by_leaf(loot: Loot) -> list[tuple[str, str]]:
    """Hash each value of a field as the protocol does, under each key and salt as if it were the field's."""
    fields = {
        "sphere": (2, range(-1200, 801)),
        "cylinder": (3, range(-400, 0)),
        "axis": (4, range(1, 181)),
        "addition": (5, range(25, 601)),
    }
    salts = {each: None for key in loot.keys for each in (key, *(bytes(field_salt(key, name)) for name in fields))}
    return [
        (name, str(value))
        for salt in salts
        for name, (position, values) in fields.items()
        for value in values
        if loot.holds(leaf(salt, position, name, str(value)))
    ]


def by_group_root(loot: Loot, keys: Iterable[bytes], known: GroupValues, space: Iterable[Values]) -> Iterator[Values]:
    """
    Commit to each correction as the protocol does, under each key as if it were the group's.

    All but sphere, cylinder, axis and addition are taken as `known`: the attacker is given more than it has.
    """
    trees = [_Leaves(key, known) for key in keys]
    return (values for values in space for tree in trees if loot.holds(tree.root(values)))


class _Leaves:
    """The leaves of a correction under one key; each value is hashed once."""

    def __init__(self, key: bytes, known: GroupValues) -> None:
        names = list(known.values)
        self._salts = {name: field_salt(key, name) for name in ("schema", *names)}
        self._places = {name: names.index(name) + 1 for name in ("sphere", "cylinder", "axis", "addition")}
        self._seen: dict[tuple[str, str | None], bytes] = {}
        rest: Mapping[str, str | None] = {"schema": f"{SCHEMA} correction", **known.values}
        self._rest = [
            bytes(leaf(self._salts[name], position, name, value))
            for position, (name, value) in enumerate(rest.items())
            if name not in self._places
        ]

    def root(self, values: Values) -> bytes:
        """The group root of this correction."""
        changing = [self._leaf(name, value) for name, value in zip(self._places, values, strict=True)]
        return merkle.root([*self._rest, *changing])

    def _leaf(self, name: str, value: str | None) -> bytes:
        found = self._seen.get((name, value))
        if found is None:
            found = self._seen[name, value] = bytes(leaf(self._salts[name], self._places[name], name, value))
        return found
