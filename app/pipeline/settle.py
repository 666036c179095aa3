"""
Settle what a mined transaction carried, from the mirrored log alone.

An event is anchored when its own step was read back from the chain. What the ledger skipped in passing goes again,
what it refused for good is refused, and a repeat is compared with the step that stands there: the same is anchored,
another is a conflict. Settling twice gives the same rows.
"""

import structlog

from app.domain.steps import list_hash
from app.pipeline.picking import delay
from app.ports import Outcome
from app.store import outbox, read_model, sending
from app.store.database import Connection, Database
from app.store.outbox import EventRow, StoredList
from app.store.sending import OpenTransaction

log = structlog.get_logger()


def settle(database: Database, transaction: OpenTransaction, now: int) -> bool:
    """Settle the lists of a mined transaction; False while its block is not mirrored yet."""
    with database.writing() as connection:
        last = read_model.last_block(connection)
        if transaction.block is None or last is None or last[0] < transaction.block:
            return False
        skips = read_model.skips_of(connection, transaction.hash.hex())
        for one in outbox.lists_of(connection, transaction.id):
            _settle_list(connection, one, skips, now, reverted=transaction.status == "reverted")
        sending.set_transaction(connection, transaction.id, "settled")
        return True


def _settle_list(
    connection: Connection, one: StoredList, skips: dict[tuple[int, str], int], now: int, *, reverted: bool
) -> None:
    party, digests = one.signed.party, [event.step.digest for event in one.events]
    whole = skips.get((party, list_hash(party, one.signed.deadline, digests).hex()))
    recorded = read_model.steps_by_digest(connection, party, [event.digest for event in one.events])
    settled: dict[str, tuple[str, str | None]] = {}
    for event in one.events:
        if event.status not in outbox.OPEN:
            continue
        if event.digest in recorded:
            settled[event.id] = ("anchored", None)
        else:
            code = skips.get((party, event.digest), whole)
            settled[event.id] = _unrecorded(connection, event, None if code is None else Outcome(code))
    outbox.settle_events(connection, settled)
    if any(status == "accepted" for status, _ in settled.values()):
        if reverted:
            log.error("a transaction reverted", party=one.signed.party, list=one.id)
        outbox.postpone_list(connection, one.id, now + delay(one.attempts), one.attempts + 1)
    else:
        outbox.close_list(connection, one.id)


def _unrecorded(connection: Connection, event: EventRow, outcome: Outcome | None) -> tuple[str, str | None]:
    if outcome is None:
        return ("accepted", "reverted")
    if outcome is Outcome.REPEATED:
        standing = read_model.step_by_identity(connection, event.party, event.step)
        same = standing is not None and standing.digest == event.digest
        return ("anchored", None) if same else ("refused", "conflict")
    if outcome.final:
        return ("refused", outcome.name.lower())
    return ("accepted", outcome.name.lower())
