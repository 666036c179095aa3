"""
What a party lawfully holds tells it nothing of other groups: guessing between two values, it is right half the time.

In each trial one of two values, drawn by a coin, is committed to under a new secret; the other follows, as a declared
error corrects it under the same key. The insider has every root of the item, and the values and keys of the groups
that the purposes give it. It tries each key it holds as if it were the one sought, keys derived from them, and
whatever bits of the roots may go with a value. With the key itself the same insider is right every time.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from app.domain.commitment import group_key, group_root
from app.domain.disclosures import ForGlassmaker, ForInsurer
from app.domain.records import GroupValues, group_values
from tests.gateway.sales import CODING, PRICE, PROGRESSIVE, RIGHT, SUPPLEMENTS

SCHEMA = "optics.lens/1"
VALUES: Mapping[str, Mapping[str, object]] = {
    "product": PROGRESSIVE,
    "supplements": SUPPLEMENTS,
    "correction": RIGHT,
    "coding": CODING,
    "price": PRICE,
}
OTHER: Mapping[str, Mapping[str, object]] = {
    "correction": {**RIGHT, "sphere": "-2.25"},
    "price": {**PRICE, "amount": "229.50"},
    "coding": {**CODING, "class": "A"},
}
HOLDS = {
    "the insurer": ForInsurer.item_keys,
    "the glassmaker": ForGlassmaker.item_keys,
    "an auditor or another shop": frozenset[str](),
}
"""The groups whose keys each of them may have, of an item that concerns it or does not."""
SOUGHT = [
    ("the insurer", "correction"),
    ("the glassmaker", "price"),
    *(("an auditor or another shop", group) for group in OTHER),
]


@dataclass(frozen=True)
class Seen:
    """What an insider has of one item: its roots, that of a declared error, and keys of some of its groups."""

    roots: Mapping[str, bytes]
    corrected: bytes
    keys: Mapping[str, bytes]


def committed(secret: bytes, sought: str, first: GroupValues, then: GroupValues, groups: frozenset[str]) -> Seen:
    """An item as the chain and a package show it."""
    values = {name: group_values(SCHEMA, name, raw, "") for name, raw in VALUES.items()} | {sought: first}
    keys = {name: group_key(secret, name) for name in values}
    roots = {name: group_root(each, keys[name]) for name, each in values.items()}
    return Seen(roots, group_root(then, keys[sought]), {name: keys[name] for name in groups & keys.keys()})


def guess(seen: Seen, sought: str, either: tuple[GroupValues, GroupValues]) -> int:
    """Which of two was first: by a root that fits, else by bits that have nothing to do with it if all is well."""
    root = seen.roots[sought]
    tried = [*seen.keys.values(), *(group_key(key, sought) for key in seen.keys.values())]
    tried += [seen.corrected, *(each for name, each in seen.roots.items() if name != sought)]
    for key in tried:
        for number, values in enumerate(either):
            if group_root(values, key) == root:
                return number
    text = repr(sorted(either[1].values.items())).encode()
    return (root[0] ^ root[-1] ^ seen.corrected[0] ^ hashlib.sha256(text).digest()[0]) & 1


def right(trials: int, seed: int, sought: str, groups: frozenset[str]) -> float:
    """The share of trials in which the insider is right."""
    draw = random.Random(seed)
    one, other = (group_values(SCHEMA, sought, raw[sought], "") for raw in (VALUES, OTHER))
    found = 0
    for _ in range(trials):
        coin = draw.getrandbits(1)
        first, then = (other, one) if coin else (one, other)
        seen = committed(draw.randbytes(32), sought, first, then, groups)
        found += guess(seen, sought, (one, other)) == coin
    return found / trials


@pytest.fixture
def trials(draws: int) -> int:
    """A fifth of what is drawn: each is some dozen roots."""
    return draws // 5


@pytest.mark.parametrize(("who", "sought"), SOUGHT)
def test_an_insider_is_right_half_the_time(who: str, sought: str, trials: int, seed: int) -> None:
    # Four standard deviations of a fair coin.
    assert abs(right(trials, seed, sought, HOLDS[who]) - 0.5) < 2 / trials**0.5


@pytest.mark.parametrize("sought", OTHER)
def test_with_the_key_it_is_right_every_time(sought: str) -> None:
    assert right(20, 1, sought, frozenset({sought})) == 1


def test_keys_of_one_secret_have_nothing_in_common(trials: int, seed: int) -> None:
    draw, bits = random.Random(seed), 0
    for _ in range(trials):
        secret = draw.randbytes(32)
        one, other = (int.from_bytes(group_key(secret, name), "big") for name in ("coding", "correction"))
        bits += (one ^ other).bit_count()
    assert abs(bits / (256 * trials) - 0.5) < 2 / (256 * trials) ** 0.5
