"""
What goes into one transaction: lists in order, filled by gas, each step with its witness.

The witness of a step depends on what is recorded before it, also by earlier steps of the same transaction, so the
batch plays the ledger's rules forward. If another relayer gets in between, a witness is stale, the step is skipped,
and it goes again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.domain import conformity
from app.domain.conformity import DossierState, ItemState
from app.domain.steps import GROUPS, Kind, Step
from app.domain.weights import TRANSACTION_BASE, TRANSACTION_GAS, list_gas
from app.store import read_model
from app.store.database import Connection
from app.store.outbox import StoredList

Witness = tuple[bytes, ...]


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
    names = sorted({item.hex() for one in lists for step in one.signed.steps for item in step.items})
    states = {bytes.fromhex(name): state for name, state in read_model.item_states(connection, names).items()}
    return tuple(
        tuple(
            _take(dict(states) if event.id in skipped or event.status == "refused" else states, event.step)
            for event in one.events
        )
        for one in lists
    )


def _take(states: dict[bytes, ItemState], step: Step) -> Witness:
    """The witness of `step`; afterwards `states` are what they are if it is recorded."""
    known = all(item in states for item in step.items)
    if step.kind is Kind.QUOTED:
        if not known:
            states[step.subject] = conformity.after_quote(step, None)[0]
        return ()
    if step.kind is Kind.VERIFIED or not known:
        return ()
    witness: Witness = ()
    if GROUPS[step.kind]:
        witness = tuple(root for item in step.items for root in states[item].witness)
    if step.kind is Kind.INVOICED:
        states |= conformity.after_invoice(step, DossierState(), states)[1]
    elif not states[step.subject].has(step.kind):
        states[step.subject] = conformity.after_item_step(states[step.subject], step)
    return witness
