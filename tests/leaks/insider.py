"""
Who holds which keys of a sale, and how somebody guesses at values whose key it does not hold.

A sale is an item, its dossier and a unit of stock drawn in it, each with a secret of its own. Which keys go to whom
follows from the purposes in `app.domain.disclosures`; that packages hold these keys and no others is looked at in
`test_held_keys`. What nobody but the optician may learn stands here by hand, so that no purpose widens unnoticed.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.domain.commitment import group_key, group_root
from app.domain.disclosures import Disclosure, ForGlassmaker, ForHolder, ForInsurer
from app.domain.records import GroupValues, group_values
from app.domain.schemas import schema_of
from app.domain.stock import DRAWN_CODING, UNIT_GROUPS

Name = tuple[str, str]
"""What a root commits to: `item`, `dossier` or `unit`, and the group."""
Two = tuple[GroupValues, GroupValues]

_SCHEMAS: Final = {"item": "optics.lens/1", "unit": "optics.lens/1", "dossier": "dossier/1"}
_LENS: Final = {"eye": "right", "sphere": "-2.50", "cylinder": "-0.75", "axis": 90, "diameter": "70"}
_PRODUCT: Final = {"maker": "VERALIA0", "code": "PRG160", "index": "1.6", "geometry": "progressive"}
_BEFORE: Final = {"previous_date": "2025-01-07"}
_COVER: Final = {"amount": "200.00", "currency": "EUR", "request_date": "2026-03-02"}
_GRANT: Final = {"cover_number": "PEC-551204", "amount": "180.00", "currency": "EUR", "valid_until": "2026-06-02"}
_PAIRS: Final[Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]] = {
    "product": (_PRODUCT, {**_PRODUCT, "index": "1.5"}),
    "supplements": ({"codes": ["AR"]}, {"codes": []}),
    "correction": (_LENS, {**_LENS, "sphere": "-2.25"}),
    "coding": ({"grouped_code": "VP2", "class": "B"}, {"grouped_code": "VP3", "class": "B"}),
    "price": ({"amount": "249.00", "currency": "EUR"}, {"amount": "229.00", "currency": "EUR"}),
    "device": ({"number": "V-26-001"}, {"number": "V-26-002"}),
    "reference": ({"order": "C-0000231"}, {"order": "C-0000232"}),
    "claim": ({"cover_number": "PEC-77"}, {"cover_number": "PEC-78"}),
    "renewal": ({"legal_case": "usual"}, {}),
    "statement": ({"ground": "at_any_time", **_BEFORE}, {"ground": "under_16", **_BEFORE}),
    "cover": (_COVER, {**_COVER, "amount": "90.00"}),
    "grant": (_GRANT, {**_GRANT, "amount": "90.00"}),
}
GROUPS: Final[tuple[Name, ...]] = (
    *(("item", group) for group in schema_of("optics.lens/1").groups),
    *(("dossier", group) for group in schema_of("dossier/1").groups),
    *(("unit", group) for group in UNIT_GROUPS),
)
"""All that a sale commits to, whoever signs the step."""
TWO: Final[Mapping[Name, Two]] = {
    (subject, group): (
        group_values(_SCHEMAS[subject], group, _PAIRS[group][0]),
        group_values(_SCHEMAS[subject], group, _PAIRS[group][1]),
    )
    for subject, group in GROUPS
}
"""Two values of each, between which somebody guesses."""


def named(kind: type[Disclosure]) -> frozenset[Name]:
    """The keys that a purpose has a place for. A holder's items are units, and its dossier is the lot."""
    items = "unit" if kind is ForHolder else "item"
    found = {(items, group) for group in kind.item_keys} | {("dossier", group) for group in kind.dossier_keys}
    return frozenset(("unit", "coding") if group == DRAWN_CODING else (subject, group) for subject, group in found)


def _all(subject: str, *groups: str) -> frozenset[Name]:
    return frozenset((subject, group) for group in groups)


_LENS_GROUPS: Final = ("product", "supplements", "correction", "device")
_NOBODY: Final = _all("dossier", "renewal", "statement")
_FROM_INSURERS: Final = _NOBODY | _all("item", *_LENS_GROUPS, "reference") | _all("unit", *_LENS_GROUPS)
_MONEY: Final = _all("item", "price") | _all("dossier", "claim", "cover", "grant")
ASKED: Final = "an insurer that was only asked for cover"
INSIDERS: Final[Mapping[str, frozenset[Name]]] = {
    # Of its own stock a glassmaker has the secrets.
    "the glassmaker": named(ForGlassmaker) | _all("unit", *UNIT_GROUPS),
    "the insurer": named(ForInsurer),
    "an insurer that was never asked": named(ForInsurer) - _all("dossier", "cover", "grant"),
    ASKED: named(ForInsurer) - _all("dossier", "claim"),
    "a holder of the lot": named(ForHolder),
    "an auditor or another shop": frozenset(),
}
"""The keys that each of them has."""
HIDDEN: Final[Mapping[str, frozenset[Name]]] = {
    "the glassmaker": _NOBODY | _MONEY,
    "the insurer": _FROM_INSURERS,
    "an insurer that was never asked": _FROM_INSURERS | _all("dossier", "cover", "grant"),
    ASKED: _FROM_INSURERS | _all("dossier", "claim"),
    "a holder of the lot": _NOBODY | _MONEY | _all("item", *_LENS_GROUPS, "reference", "coding"),
    "an auditor or another shop": frozenset(GROUPS),
}
"""What each of them may not learn: all that docs/privacy.md says `no` to."""


@dataclass(frozen=True)
class Seen:
    """What an insider has of one sale: all of its roots, and keys; `again` are roots of the same values elsewhere."""

    roots: Mapping[Name, bytes]
    keys: Mapping[Name, bytes]
    again: tuple[bytes, ...] = ()


def committed(coins: Mapping[Name, int], draw: random.Random, holds: frozenset[Name]) -> Seen:
    """A sale as the chain and packages show it, under new secrets; what no coin is thrown for is the first of two."""
    secrets = {subject: draw.randbytes(32) for subject in _SCHEMAS}
    keys = {(subject, group): group_key(secrets[subject], group) for subject, group in GROUPS}
    roots = {name: group_root(TWO[name][coins.get(name, 0)], key) for name, key in keys.items()}
    return Seen(roots, {name: keys[name] for name in holds})


def fitting(seen: Seen, name: Name) -> int | None:
    """Which of the two values has this root under anything that may serve as its key; None if neither has."""
    for key in _tried(seen, name):
        for number, values in enumerate(TWO[name]):
            if group_root(values, key) in (seen.roots[name], *seen.again):
                return number
    return None


def _tried(seen: Seen, name: Name) -> Iterator[bytes]:
    """Each key that is held, keys derived from it, and every other root."""
    for key in seen.keys.values():
        yield key
        yield group_key(key, name[1])
    yield from (root for other, root in seen.roots.items() if other != name)
    yield from seen.again


def guess(seen: Seen, name: Name) -> int:
    """Which of the two it is: by what fits, else by bits that have nothing to do with it, if it is so."""
    found = fitting(seen, name)
    return bit_of(name, seen.roots[name], *seen.again) if found is None else found


def bit_of(name: Name, *roots: bytes) -> int:
    """A bit of roots, and of one of the values."""
    text = repr(sorted(TWO[name][1].values.items())).encode()
    mixed = hashlib.sha256(text).digest()[0]
    for at, root in enumerate(roots):
        mixed ^= root[at] ^ root[-1 - at]
    return mixed & 1
