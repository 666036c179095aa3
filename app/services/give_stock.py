"""What the holder of a lot hands whom it ships or hands the lot to: every unit, with its keys and values."""

from collections.abc import Sequence

from app.domain.disclosures import ForHolder
from app.domain.kinds import LOT_KINDS, Kind
from app.domain.packages import SharedKey, SharedStep
from app.domain.steps import Step
from app.domain.stock import UNIT_GROUPS, Unit, lot_root, unit_name
from app.errors import NotPermitted, RecordErased
from app.services.stock import units_of
from app.store import outbox, vault
from app.store.database import Connection
from app.store.outbox import EventRow
from app.store.shelf import StoredFacts


def lot_events(connection: Connection, party: int, lot: str | None) -> list[EventRow]:
    """What the party did to a lot; nothing if it is none."""
    events = [] if lot is None else outbox.events_of(connection, party, subjects=[lot])
    return [event for event in events if event.step.kind in LOT_KINDS]


def _is_whole(connection: Connection, steps: Sequence[Step], units: Sequence[Unit]) -> bool:
    """Whether these are all units of a lot, as the party shipped it or as the ledger shows it."""
    shipped = [step.words[0] for step in steps if step.kind is Kind.LOT_SHIPPED]
    state = StoredFacts(connection).lot(steps[0].subject)
    roots = shipped or ([] if state is None else [state.root])
    # Before the ledger is read, what came in leads to the root: it was taken in because it does.
    return bool(units) and (not roots or lot_root(each.leaf for each in units) == roots[0])


def for_holder(connection: Connection, party: int, recipient: int, events: list[EventRow]) -> ForHolder:
    """A lot for whom the party named as its buyer or new holder; raises NotPermitted for anybody else."""
    named = [event for event in events if event.step.number == recipient != party]
    if not named:
        raise NotPermitted("the lot was not shipped or handed to the recipient", mend="Name it in the event first.")
    event = named[-1]
    lot = event.step.subject
    units = {unit_name(lot, number).hex(): unit for number, unit in units_of(connection, party, lot).items()}
    if not _is_whole(connection, [each.step for each in events], list(units.values())):
        raise RecordErased(
            "some of the lot's units were erased or forgotten here",
            mend="Only all of them lead to the lot's root: whoever holds the lot now has them, or its glassmaker.",
        )
    keys = [
        SharedKey(name, group, 1, key)
        for name in units
        for group in UNIT_GROUPS
        if (key := vault.group_key(connection, party, name, group)) is not None
    ]
    openings = tuple((name, unit.values[group]) for name, unit in units.items() for group in UNIT_GROUPS)
    signed = outbox.stored_list(connection, event.list_id).signed
    digests = tuple(outbox.list_digests(connection, event.list_id))
    shared = SharedStep(
        party, event.step, signed.deadline, signed.signer, digests, event.position, signed.signature, openings
    )
    return ForHolder(lot.hex(), {name: unit.schema for name, unit in units.items()}, tuple(keys), (shared,))
