"""
What a party lawfully holds tells it nothing of other groups: guessing between two values, it is right half the time.

In each trial one of two values of a group that the insider may not learn, drawn by a coin, is committed to under new
secrets. The insider has every root of the sale and the keys of its own groups. It tries each key that it holds as if
it were the group's, keys derived from them, other roots, and whatever bits of the roots may go with a value. It is no
better off where the same values are committed to again: under the same key, as a declared error and a replacement by
the same glassmaker are, or under another, as a replacement by another glassmaker is. With the key of the group itself
the same insider is right every time.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

import pytest

from app.domain.commitment import group_key, group_root
from tests.leaks.insider import GROUPS, HIDDEN, INSIDERS, TWO, Name, Seen, bit_of, committed, fitting, guess

CORRECTION: Name = ("item", "correction")
each_insider = pytest.mark.parametrize("who", INSIDERS)


@pytest.fixture
def trials(draws: int) -> int:
    """A tenth of what is drawn: each is some dozen roots."""
    return draws // 10


def is_a_coin(right: int, trials: int) -> bool:
    """Whether so many right guesses are within four standard deviations of a fair coin."""
    return (2 * right - trials) ** 2 <= 16 * trials


@each_insider
def test_what_it_holds_and_what_it_may_not_learn_is_everything(who: str) -> None:
    assert INSIDERS[who] | HIDDEN[who] == set(GROUPS)
    assert INSIDERS[who] & HIDDEN[who] == set()


@each_insider
def test_an_insider_is_right_half_the_time(who: str, trials: int, seed: int) -> None:
    draw, names = random.Random(seed), sorted(HIDDEN[who])
    guesses: dict[Name, list[bool]] = {name: [] for name in names}
    for at in range(trials):
        name, coin = names[at % len(names)], draw.getrandbits(1)
        guesses[name].append(guess(committed({name: coin}, draw, INSIDERS[who]), name) == coin)
    assert is_a_coin(sum(map(sum, guesses.values())), trials)
    assert [name for name, right in guesses.items() if not is_a_coin(sum(right), len(right))] == []


@each_insider
def test_nothing_that_it_has_fits_what_it_may_not_learn(who: str, seed: int) -> None:
    draw = random.Random(seed)
    fits = [name for name in HIDDEN[who] if fitting(committed({name: 1}, draw, INSIDERS[who]), name) is not None]
    assert fits == []


@pytest.mark.parametrize("who", [who for who, held in INSIDERS.items() if held])
def test_of_the_groups_whose_key_it_holds_it_is_right_every_time(who: str, seed: int) -> None:
    draw = random.Random(seed)
    for name in INSIDERS[who]:
        for coin in (0, 1):
            assert fitting(committed({name: coin}, draw, INSIDERS[who]), name) == coin


@pytest.mark.parametrize("name", GROUPS, ids=" ".join)
def test_with_the_key_of_the_group_it_is_right_every_time(name: Name, seed: int) -> None:
    draw = random.Random(seed)
    for coin in (0, 1, 1, 0):
        assert guess(committed({name: coin}, draw, frozenset({name})), name) == coin


# -- the same values, committed to again --


def twice(coin: int, draw: random.Random, holds: frozenset[Name], *, same_key: bool) -> Seen:
    """A lens that was committed to twice: in a declared error or for the same maker, or else for another maker."""
    secret = draw.randbytes(32)
    key = group_key(secret, "correction")
    other = key if same_key else group_key(draw.randbytes(32), "correction")
    seen, values = committed({}, draw, holds), TWO[CORRECTION][coin]
    roots: Mapping[Name, bytes] = {**seen.roots, CORRECTION: group_root(values, key)}
    return replace(seen, roots=roots, again=(group_root(values, other),))


@pytest.mark.parametrize("same_key", [True, False], ids=["under the same key", "under another"])
def test_two_commitments_to_one_lens_tell_the_insurer_no_more_than_one(same_key: bool, trials: int, seed: int) -> None:
    draw, right, holds = random.Random(seed), 0, INSIDERS["the insurer"]
    for _ in range(trials):
        coin = draw.getrandbits(1)
        right += guess(twice(coin, draw, holds, same_key=same_key), CORRECTION) == coin
    assert is_a_coin(right, trials)


@pytest.mark.parametrize("who", [who for who in INSIDERS if CORRECTION in HIDDEN[who]])
def test_nothing_that_it_has_fits_the_second_commitment_either(who: str, seed: int) -> None:
    draw = random.Random(seed)
    for same_key in (True, False):
        assert fitting(twice(1, draw, INSIDERS[who], same_key=same_key), CORRECTION) is None


def told_apart(trials: int, seed: int, *, same_key: bool) -> int:
    """How often somebody without a key is right whether two roots are of one lens or of two, as a coin decides."""
    draw, right = random.Random(seed), 0
    for _ in range(trials):
        coin, key = draw.getrandbits(1), draw.randbytes(32)
        other = key if same_key else draw.randbytes(32)
        one, second = group_root(TWO[CORRECTION][0], key), group_root(TWO[CORRECTION][coin], other)
        # The kind of step says which keys it uses, so what differs under one key is of two lenses.
        said = one == second if same_key else bit_of(CORRECTION, one, second) == 1
        right += said == (coin == 0)
    return right


def test_whether_two_commitments_under_two_keys_are_to_one_lens_is_right_half_the_time(trials: int, seed: int) -> None:
    assert is_a_coin(told_apart(trials, seed, same_key=False), trials)


def test_two_commitments_under_one_key_are_equal_if_they_are_to_one_lens(seed: int) -> None:
    assert told_apart(100, seed, same_key=True) == 100


def test_keys_of_one_secret_have_nothing_in_common(trials: int, seed: int) -> None:
    draw, bits = random.Random(seed), 0
    for _ in range(trials):
        secret = draw.randbytes(32)
        one, other = (int.from_bytes(group_key(secret, name), "big") for name in ("coding", "correction"))
        bits += (one ^ other).bit_count()
    assert abs(bits / (256 * trials) - 0.5) < 2 / (256 * trials) ** 0.5
