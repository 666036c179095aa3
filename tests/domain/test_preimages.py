"""No hash of one kind is a hash of another: what is hashed differs in length, or begins with another tag."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import commitment, merkle, steps
from app.domain.canonical import MAX_SET_LENGTH
from app.domain.commitment import leaf
from app.domain.keccak import keccak256
from app.domain.schemas import SCHEMAS
from app.domain.steps import Step, domain_separator, list_hash, signing_hash
from tests.domain.lawful import lawful_steps

BYTES_32 = st.binary(min_size=32, max_size=32)
PATHS = sorted({f.name for schema in SCHEMAS.values() for group in schema.groups.values() for f in group.fields})
TABLE_OF_ROOTS = 18 * 32
IDENTITY = 4 * 32
"""The ledger's key of a step's identity: subject, kind, author, occurrence, a word each (`LedgerStore`)."""


@contextmanager
def hashing() -> Iterator[list[bytes]]:
    """Listen to what is hashed; the outermost is the last."""
    heard: list[bytes] = []

    def listening(data: bytes) -> bytes:
        heard.append(data)
        return keccak256(data)

    with pytest.MonkeyPatch.context() as patch:
        for module in (commitment, merkle, steps):
            patch.setattr(module, "keccak256", listening)
        yield heard


def last_hashed(make: Callable[[], object]) -> bytes:
    """The pre-image of the hash that it makes."""
    with hashing() as heard:
        make()
    return heard[-1]


@given(BYTES_32, st.integers(0, 40), st.sampled_from(PATHS), st.none() | st.text("A1,", max_size=MAX_SET_LENGTH))
def test_a_leaf_is_hashed_from_a_length_of_its_own(salt: bytes, position: int, path: str, value: str | None) -> None:
    with hashing() as heard:
        leaf(salt, position, path, value)
    inner, outer = heard
    assert (len(outer), outer) == (32, keccak256(inner))
    assert 256 <= len(inner) < TABLE_OF_ROOTS


@given(BYTES_32, BYTES_32, lawful_steps(), st.integers(1, 1 << 39))
def test_nodes_steps_lists_and_what_is_signed_cannot_be_taken_for_each_other(
    one: bytes, other: bytes, step: Step, number: int
) -> None:
    heard = {
        "node": last_hashed(lambda: merkle.root([one, other] if one != other else [one, keccak256(one)])),
        "step": last_hashed(lambda: step.digest),
        "list": last_hashed(lambda: list_hash(number % (1 << 32), number, [one, other])),
        "domain": last_hashed(lambda: domain_separator(number, one[:20])),
        "signed": last_hashed(lambda: signing_hash(one, other)),
    }
    lengths = {name: len(content) for name, content in heard.items()}
    assert lengths == {"node": 64, "step": 224, "list": 128, "domain": 160, "signed": 66}
    tags = {heard[name][:32] for name in ("step", "list", "domain")}
    assert len(tags) == 3
    # As long as a list's, and told apart by its first word: a subject is 16 bytes and 16 zeros.
    assert (lengths["list"], any(heard["list"][16:32])) == (IDENTITY, True)
