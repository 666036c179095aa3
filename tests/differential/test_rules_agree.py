"""
The ledger's rules stand twice, and say the same of everything: contract and Python play the same random histories.

`--histories N` says how many (10,000 unless told), `--first-history N` where to begin. A failure names the seed of its
history; the steps before it in the message are all that is needed to play it again.
"""

from collections.abc import Iterator, Sequence

import pytest

from app.domain.folding import record
from app.domain.justification import bits_of
from app.domain.kinds import Kind
from app.domain.lifecycle import outcome
from app.domain.outcomes import Outcome
from app.domain.shelf import MemoryShelf
from app.domain.steps import Step
from app.domain.witness import witness
from app.store.registry import Role
from tests.differential.histories import ROLES, History
from tests.differential.ledgers import ChainLedger, Offer, Said
from tests.support.chain import connected, running_chain
from tests.support.gateways import deployed_on

AT_ONCE = 40
"""Histories in one transaction."""
FIRST_SEED = 20_260_101


@pytest.fixture(scope="module")
def ledger() -> Iterator[ChainLedger]:
    options = ("--gas-limit", "4000000000", "--no-request-size-limit", "--auto-impersonate")
    with running_chain(options=options) as url, connected(url) as node:
        roles = {number: Role[label.upper()] for number, label in ROLES.items()}
        yield ChainLedger(node, deployed_on(node, url, roles))


def played(shelf: MemoryShelf, steps: Sequence[tuple[int, Step]], now: int) -> Iterator[tuple[Offer, Said]]:
    """Each step as it is offered, and what Python says becomes of it."""
    for party, step in steps:
        offer = Offer(party, step, witness(shelf, step))
        found = outcome(shelf, party, step, now)
        if found is not Outcome.RECORDED:
            yield offer, Said(found)
            continue
        effect = record(shelf, party, step)
        yield offer, Said(found, effect.states, effect.duplicates)


def test_contract_and_python_agree_bit_for_bit_on_random_histories(
    ledger: ChainLedger, pytestconfig: pytest.Config
) -> None:
    start: int = FIRST_SEED + pytestconfig.getoption("--first-history")
    end: int = start + pytestconfig.getoption("--histories")
    seen: dict[tuple[Kind, Outcome], int] = {}
    for first in range(start, end, AT_ONCE):
        seeds = range(first, min(first + AT_ONCE, end))
        shelves = {seed: MemoryShelf(dict(ROLES)) for seed in seeds}
        plays = [
            (seed, *each)
            for seed in seeds
            for each in played(shelves[seed], History(seed, ledger.time).steps(), ledger.time)
        ]
        answers = ledger.submit([offer for _, offer, _ in plays])
        for (seed, offer, expected), said in zip(plays, answers, strict=True):
            assert said == expected, f"seed {seed}: {offer.step}"
            kind = (offer.step.kind, said.outcome)
            seen[kind] = seen.get(kind, 0) + 1
        _compare_bits(ledger, shelves[seeds[0]], seeds[0])
    _report(seen)


def _compare_bits(ledger: ChainLedger, shelf: MemoryShelf, seed: int) -> None:
    for name in shelf.items:
        bits = bits_of(shelf, name)
        assert ledger.bits_of(name) == (bits.mismatches, bits.justified), f"seed {seed}, item {name.hex()}"


def _report(seen: dict[tuple[Kind, Outcome], int]) -> None:
    """Every kind has to have been recorded, and every outcome that one step can have, seen."""
    recorded = {kind for kind, found in seen if found is Outcome.RECORDED}
    outcomes = {found for _, found in seen}
    assert len(recorded) == 31, f"kinds recorded: {sorted(recorded)}"
    wanted = {
        Outcome.RECORDED,
        Outcome.UNKNOWN_SUBJECT,
        Outcome.NOT_YET_NAMED,
        Outcome.PREDECESSOR_MISSING,
        Outcome.STALE_WITNESS,
        Outcome.CLAIMED_AHEAD,
        Outcome.REPEATED,
        Outcome.NOT_ALLOWED,
        Outcome.MALFORMED,
    }
    assert wanted <= outcomes
