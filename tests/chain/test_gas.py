"""What an item's life costs on the contracts as they are deployed stays within what was promised."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.differential.ledgers import ChainLedger
from tests.support.gas import PROFILES, gas_ledger, life, measured

LIMITS = {
    "dossiers with a frame": 230_000,
    "dossiers of two lenses": 252_000,
    "long lists": 198_000,
    "each step signed alone": 308_000,
    "each step a transaction": 590_000,
}
"""
Gas for the life of one lens, from the quote to the check.

The first was promised, and for that profile alone: two lenses and a frame, whose common steps are divided by three. The
others, that of two lenses without a frame among them, are the figures of `docs/assurance.md` and one in a hundred.
"""


@pytest.fixture(scope="module")
def ledger() -> Iterator[ChainLedger]:
    with gas_ledger() as deployed:
        yield deployed


@pytest.mark.parametrize("name", PROFILES)
def test_the_life_of_a_lens_stays_within_the_gas_of_its_profile(ledger: ChainLedger, name: str) -> None:
    gas = measured(ledger, name)
    assert life(gas) <= LIMITS[name], gas
