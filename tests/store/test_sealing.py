"""Sealed values: they open where they were sealed and nowhere else, and chance comes from the system alone."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import StoreUnavailable, VaultUnreadable
from app.randomness import random_bytes
from app.store.sealing import OVERHEAD, Place, opened, sealed

ROOT = Path(__file__).resolve().parents[2]
KEY = secrets.token_bytes(32)
HERE = Place("vault_secrets", "secret", 7, ("ab" * 16,))
VALUE = b"ZZQXJVOLE"
MANY = 100_000


def test_what_was_sealed_opens_where_it_was_sealed() -> None:
    stored = sealed(KEY, HERE, VALUE)
    assert opened(KEY, HERE, stored) == VALUE
    assert len(stored) == len(VALUE) + OVERHEAD


@pytest.mark.parametrize(
    "there",
    [
        Place("vault_values", "secret", 7, ("ab" * 16,)),
        Place("vault_secrets", "content", 7, ("ab" * 16,)),
        Place("vault_secrets", "secret", 8, ("ab" * 16,)),
        Place("vault_secrets", "secret", 7, ("cd" * 16,)),
        Place("vault_secrets", "secret", 7, ("ab" * 16, "")),
    ],
)
def test_it_opens_in_no_other_place(there: Place) -> None:
    with pytest.raises(VaultUnreadable):
        opened(KEY, there, sealed(KEY, HERE, VALUE))


def test_every_flipped_bit_and_every_cut_is_found_and_nothing_is_told() -> None:
    stored = sealed(KEY, HERE, VALUE)
    broken = [bytes(byte ^ (1 << bit if at == place else 0) for at, byte in enumerate(stored))
              for place in range(len(stored)) for bit in range(8)]  # fmt: skip
    broken += [stored[:length] for length in range(len(stored))] + [stored + b"\0"]
    for each in broken:
        with pytest.raises(VaultUnreadable) as found:
            opened(KEY, HERE, each)
        said = f"{found.value} {found.value.mend} {found.value.where}"
        assert VALUE.decode() not in said
        assert found.value.__cause__ is None


def test_another_key_opens_nothing() -> None:
    with pytest.raises(VaultUnreadable):
        opened(secrets.token_bytes(32), HERE, sealed(KEY, HERE, VALUE))


def test_a_hundred_thousand_secrets_and_nonces_are_all_different() -> None:
    assert len({random_bytes(32) for _ in range(MANY)}) == MANY
    assert len({sealed(KEY, HERE, b"")[1:13] for _ in range(MANY)}) == MANY


def test_a_process_that_forked_draws_what_no_other_draws() -> None:
    code = (
        "import os; from app.randomness import random_bytes\n"
        # A line in one write: lines of several processes do not get into each other.
        "def draw(): os.write(1, (random_bytes(16).hex() + chr(10)).encode())\n"
        "draw()\n"
        "for _ in range(4):\n"
        "    if os.fork() == 0:\n"
        "        for _ in range(100): draw()\n"
        "        os._exit(0)\n"
        "for _ in range(4): os.wait()\n"
        "draw()"
    )
    command = [sys.executable, "-c", code]
    drawn = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert len(set(drawn)) == len(drawn) == 402


def fail(_length: int) -> bytes:
    raise OSError


@pytest.mark.parametrize("broken", [fail, lambda length: bytes(length - 1)])
def test_without_chance_nothing_is_sealed(monkeypatch: pytest.MonkeyPatch, broken: Callable[[int], bytes]) -> None:
    monkeypatch.setattr(os, "urandom", broken)
    with pytest.raises(StoreUnavailable, match="random"):
        sealed(KEY, HERE, VALUE)
