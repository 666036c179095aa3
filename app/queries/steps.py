"""Steps and events as answers show them."""

from collections.abc import Sequence

from app.domain.packages import moment
from app.domain.reading import Reading
from app.ports import Outcome
from app.queries.said import said
from app.queries.views import EventView, Reason, StepView
from app.store import outbox, own, read_model
from app.store.database import Connection
from app.store.notices import Outages
from app.store.outbox import EventRow
from app.store.read_model import RecordedStep

_REASONS = {
    Outcome.UNKNOWN_SUBJECT: "the ledger does not know the item or dossier yet; another party's step comes first",
    Outcome.NOT_YET_NAMED: "no recorded invoice names you yet",
    Outcome.PREDECESSOR_MISSING: "a step that comes before is not recorded yet",
    Outcome.STALE_WITNESS: "another step was recorded at the same moment; it is sent again",
    Outcome.CLAIMED_AHEAD: "the claimed time lies ahead of the chain's",
    Outcome.CLAIMED_AFTER_RETIREMENT: "the signing key was retired before the claimed time",
    Outcome.PARTY_SUSPENDED: "the registry shows the party as suspended",
    Outcome.PAUSED: "the council paused the ledger",
    Outcome.NOT_ALLOWED: "the ledger does not let this party record this step of this item or dossier",
    Outcome.MALFORMED: "the step is not of the form that the ledger takes",
    Outcome.EXPIRED: "the deadline passed before the step could be recorded",
    Outcome.KEY_NOT_GOOD: "the signing key is not good at present; the list is signed again",
    Outcome.BAD_SIGNATURE: "the signature is not good; the list is signed again",
    Outcome.DEADLINE_TOO_FAR: "the gateway's clock is ahead of the chain's; the list is signed again",
}
_OTHER_REASONS = {
    "conflict": "another step stands on the ledger under the same identity",
    "reverted": "the transaction that carried it failed; it is sent again",
}


def reason(code: str | None) -> Reason | None:
    """What an outcome means; None for none."""
    if code is None:
        return None
    text = _OTHER_REASONS.get(code) or _REASONS[Outcome[code.upper()]]
    return Reason(code, text)


def step_view(recorded: RecordedStep, outages: Outages) -> StepView:
    """One recorded step; one that was claimed in an outage is not late."""
    step = recorded.step
    return StepView(
        recorded.sequence, recorded.party, recorded.party_sequence, step.kind.label, step.occurrence, recorded.item,
        recorded.dossier or step.subject.hex(), moment(step.claimed_at),
        Reading(0, windows=outages).is_late(recorded), recorded.block,
        moment(recorded.block_time), "0x" + recorded.transaction, recorded.digest, said(step),
    )  # fmt: skip


def event_views(connection: Connection, party: int, rows: Sequence[EventRow]) -> list[EventView]:
    """The party's events, in the order given."""
    recorded = read_model.steps_by_digest(connection, party, [row.digest for row in rows])
    names = own.references(connection, party, [name for row in rows for name in (row.item, row.dossier) if name])
    return [_event_view(row, recorded.get(row.digest), names) for row in rows]


def _event_view(row: EventRow, found: RecordedStep | None, names: dict[str, str]) -> EventView:
    # Anchored means read back from the chain: without the mirrored step nothing is called so.
    status = "anchored" if found else "submitted" if row.status == "anchored" else row.status
    return EventView(
        id=row.id,
        type=row.step.kind.label,
        status=status,  # type: ignore[arg-type]
        item=row.item,
        dossier=row.dossier,
        occurrence=row.step.occurrence,
        occurred_at=moment(row.step.claimed_at),
        accepted_at=moment(row.accepted_at),
        digest=row.digest,
        item_reference=names.get(row.item or ""),
        dossier_reference=names.get(row.dossier),
        sequence=found.sequence if found else None,
        block=found.block if found else None,
        block_time=moment(found.block_time) if found else None,
        transaction="0x" + found.transaction if found else None,
        waiting=reason(row.outcome) if status in ("accepted", "submitted") else None,
        reason=reason(row.outcome) if status == "refused" else None,
    )


def events_by_id(connection: Connection, party: int, ids: Sequence[str]) -> list[EventView]:
    """Those of the party's events that exist, in the order of `ids`."""
    rows = outbox.events_by_id(connection, party, ids)
    return event_views(connection, party, [rows[each] for each in ids if each in rows])
