"""
What a party lawfully holds tells it nothing of other groups: guessing between two lenses, it is right half the time.

In each trial one of two lenses, drawn by a coin, is committed to under a new secret. The insider has every root of the
item, the values and keys of its own groups, and a second commitment of the same lens in another sale. It tries each
key it holds as if it were the correction's, keys derived from them, and whatever bits of the roots may go with a lens.
With the key of the correction itself the same insider is right every time.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from app.domain.commitment import group_key, group_root
from app.domain.records import GroupValues, group_values
from tests.gateway.sales import CODING, PRICE, PROGRESSIVE

SCHEMA = "optics.lens/1"
ONE = {"eye": "right", "sphere": "-2.50", "cylinder": "-0.75", "axis": 90, "diameter": "70"}
OTHER = {**ONE, "sphere": "-2.25"}
HOLDS = {
    "the insurer": ("coding", "price"),
    "an auditor or another shop": (),
}
"""The groups whose keys each of them has, of an item that concerns it or does not."""


@dataclass(frozen=True)
class Seen:
    """What an insider has of one item: all of its roots, and keys of some of its groups."""

    roots: Mapping[str, bytes]
    keys: Mapping[str, bytes]


def committed(values: Mapping[str, GroupValues], secret: bytes, groups: tuple[str, ...]) -> Seen:
    """An item as the chain and a package show it."""
    keys = {name: group_key(secret, name) for name in values}
    roots = {name: group_root(each, keys[name]) for name, each in values.items()}
    return Seen(roots, {name: keys[name] for name in groups})


def guess(seen: Seen, lenses: tuple[GroupValues, GroupValues]) -> int:
    """Which of two lenses it is: by a root that fits, else by bits that have nothing to do with it, if it is so."""
    root = seen.roots["correction"]
    tried = [*seen.keys.values(), *(group_key(key, "correction") for key in seen.keys.values())]
    tried += [each for name, each in seen.roots.items() if name != "correction"]
    for key in tried:
        for number, lens in enumerate(lenses):
            if group_root(lens, key) == root:
                return number
    text = repr(sorted(lenses[1].values.items())).encode()
    return (root[0] ^ root[-1] ^ hashlib.sha256(text).digest()[0]) & 1


def right(trials: int, seed: int, groups: tuple[str, ...]) -> float:
    """The share of trials in which the insider is right."""
    draw = random.Random(seed)
    lenses = (group_values(SCHEMA, "correction", ONE, ""), group_values(SCHEMA, "correction", OTHER, ""))
    rest = {
        name: group_values(SCHEMA, name, raw, "")
        for name, raw in {"product": PROGRESSIVE, "coding": CODING, "price": PRICE}.items()
    }
    found = 0
    for _ in range(trials):
        coin = draw.getrandbits(1)
        seen = committed({**rest, "correction": lenses[coin]}, draw.randbytes(32), groups)
        found += guess(seen, lenses) == coin
    return found / trials


@pytest.fixture
def trials(draws: int) -> int:
    """A fifth of what is drawn: each is some dozen roots."""
    return draws // 5


@pytest.mark.parametrize("who", HOLDS)
def test_an_insider_is_right_half_the_time(who: str, trials: int, seed: int) -> None:
    # Four standard deviations of a fair coin.
    assert abs(right(trials, seed, HOLDS[who]) - 0.5) < 2 / trials**0.5


def test_with_the_key_of_the_correction_it_is_right_every_time() -> None:
    assert right(20, 1, ("correction",)) == 1


def test_keys_of_one_secret_have_nothing_in_common(trials: int, seed: int) -> None:
    draw, bits = random.Random(seed), 0
    for _ in range(trials):
        secret = draw.randbytes(32)
        one, other = (int.from_bytes(group_key(secret, name), "big") for name in ("coding", "correction"))
        bits += (one ^ other).bit_count()
    assert abs(bits / (256 * trials) - 0.5) < 2 / (256 * trials) ** 0.5
