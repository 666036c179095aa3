"""What the holder of a lot hands whom it ships or hands the lot to: every unit, with its keys and values."""

from app.domain.disclosures import ForHolder
from app.domain.kinds import LOT_KINDS
from app.domain.packages import SharedKey, SharedStep
from app.domain.stock import UNIT_GROUPS, unit_name
from app.errors import NotPermitted
from app.services.stock import units_of
from app.store import outbox, vault
from app.store.database import Connection
from app.store.outbox import EventRow


def lot_events(connection: Connection, party: int, lot: str | None) -> list[EventRow]:
    """What the party did to a lot; nothing if it is none."""
    events = [] if lot is None else outbox.events_of(connection, party, subjects=[lot])
    return [event for event in events if event.step.kind in LOT_KINDS]


def for_holder(connection: Connection, party: int, recipient: int, events: list[EventRow]) -> ForHolder:
    """A lot for whom the party named as its buyer or new holder; raises NotPermitted for anybody else."""
    named = [event for event in events if event.step.number == recipient != party]
    if not named:
        raise NotPermitted("the lot was not shipped or handed to the recipient", mend="Name it in the event first.")
    event = named[-1]
    lot = event.step.subject
    units = {unit_name(lot, number).hex(): unit for number, unit in units_of(connection, party, lot).items()}
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
