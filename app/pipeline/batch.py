"""
What goes into one transaction: lists in order, filled by gas, each step with its witness.

The witness of a step depends on what is recorded before it, also by earlier steps of the same transaction, so the
batch plays the ledger's rules forward. If another relayer gets in between, a witness is stale, the step is skipped,
and it goes again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.domain.folding import record
from app.domain.lifecycle import outcome
from app.domain.outcomes import Outcome
from app.domain.shelf import MemoryShelf
from app.domain.steps import Step
from app.domain.weights import TRANSACTION_BASE, TRANSACTION_GAS, list_gas
from app.domain.witness import Witness, witness
from app.store.database import Connection
from app.store.outbox import StoredList
from app.store.shelf import StoredFacts


@dataclass(frozen=True, slots=True)
class Batch:
    """Lists for one transaction, the witness of each step, and the gas they need at most."""

    lists: tuple[StoredList, ...]
    witnesses: tuple[tuple[Witness, ...], ...]
    gas: int


def batch_of(connection: Connection, lists: Sequence[StoredList], skipped: Collection[str] = ()) -> Batch:
    """
    As many of `lists`, in order, as fit one transaction; at least one.

    The events in `skipped`, and those refused before, are taken to change nothing.
    """
    chosen: list[StoredList] = []
    gas = TRANSACTION_BASE
    for one in lists:
        more = list_gas(one.signed.steps)
        if chosen and gas + more > TRANSACTION_GAS:
            break
        chosen.append(one)
        gas += more
    return Batch(tuple(chosen), _witnesses(connection, chosen, skipped), min(gas, TRANSACTION_GAS))


def _witnesses(
    connection: Connection, lists: Sequence[StoredList], skipped: Collection[str]
) -> tuple[tuple[Witness, ...], ...]:
    facts = MemoryShelf(below=StoredFacts(connection))
    found = []
    for one in lists:
        added = []
        for event in one.events:
            added.append(witness(facts, event.step))
            if event.id not in skipped and event.status != "refused":
                _play(facts, one.signed.party, event.step)
        found.append(tuple(added))
    return tuple(found)


def _play(facts: MemoryShelf, party: int, step: Step) -> None:
    """Apply a step if the ledger would record it; its clock decides nothing about those that follow."""
    if outcome(facts, party, step, step.claimed_at) is Outcome.RECORDED:
        record(facts, party, step)
