"""
Which lists go into the next transaction: those of which the ledger would record or refuse something now.

The others wait, and are tried again. What the ledger would do is asked of the node beforehand; it decides nothing, for
only the log of a mined transaction settles an event.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog

from app.domain.access import Act, Actor, Deed
from app.domain.steps import LIST_LIFETIME, SignedList, list_hash, signing_hash
from app.domain.weights import TRANSACTION_GAS
from app.pipeline.batch import Batch, batch_of
from app.pipeline.lease import Lease
from app.ports import Chain, Outcome
from app.services.access_log import WORKER, note
from app.services.ground import Ground
from app.store import outbox
from app.store.outbox import StoredList

LISTS_AT_ONCE = 400
LONGEST_WAIT = 60
LOOKS = 12
"""How often a batch is tried and made smaller before the next turn goes on with it."""
_SIGN_AGAIN = (Outcome.BAD_SIGNATURE, Outcome.DEADLINE_TOO_FAR)
log = structlog.get_logger()

Outcomes = Mapping[str, Outcome]
"""What would become of each event, by its id."""


class Picker:
    """Picks lists of every party of one gateway."""

    def __init__(self, ground: Ground, chain: Chain, lease: Lease) -> None:
        self._ground = ground
        self._database = ground.database
        self._chain = chain
        self._lease = lease

    def batch(self, now: int) -> Batch | None:
        """What is worth a transaction now; None if nothing is."""
        with self._database.reading() as connection:
            due = outbox.queued_lists(connection, now, LISTS_AT_ONCE)
        due = [one for one in due if not self._expired(one, now)]
        # A transaction that reverted is a fault of ours: its lists go one by one, so that a good one is not held up,
        # and with all the gas there is.
        alone = [one for one in due if any(event.outcome == "reverted" for event in one.events)][:1]
        found = self._worth_sending(alone or due, now)
        return replace(found, gas=TRANSACTION_GAS) if found is not None and alone else found

    def _worth_sending(self, due: Sequence[StoredList], now: int) -> Batch | None:
        skipped: frozenset[str] = frozenset()
        for _ in range(LOOKS):
            if not due:
                return None
            with self._database.reading() as connection:
                batch = batch_of(connection, due, skipped)
            outcomes = self._outcomes(batch)
            if outcomes is None:
                due = self._smaller(batch, now)
                continue
            # A witness was made as if all steps before were recorded; those that are not leave it as it was.
            missed = {each for each, what in outcomes.items() if what not in (Outcome.RECORDED, Outcome.STALE_WITNESS)}
            if not missed <= skipped:
                skipped |= missed
                continue
            waits = [one for one in batch.lists if _only_waits(one, outcomes)]
            if not waits:
                return batch
            for one in waits:
                self._wait(one, outcomes, now)
            due = [one for one in batch.lists if one not in waits]
        return None

    def _outcomes(self, batch: Batch) -> Outcomes | None:
        """By event, what would become of the batch; None if the transaction as a whole would fail."""
        found = self._chain.simulate(self._chain.relayer, [one.signed for one in batch.lists], batch.witnesses)
        if found is None:
            return None
        return {
            event.id: outcome
            for one, outcomes in zip(batch.lists, found, strict=True)
            for event, outcome in zip(one.events, outcomes, strict=True)
        }

    def _smaller(self, batch: Batch, now: int) -> Sequence[StoredList]:
        """Half of a batch that would fail; a list that fails alone waits, so that it holds nobody up."""
        if len(batch.lists) > 1:
            return batch.lists[: len(batch.lists) // 2]
        (one,) = batch.lists
        log.error("a list would make its transaction fail", party=one.signed.party, list=one.id)
        with self._database.writing() as connection:
            self._lease.check(connection)
            outbox.settle_events(connection, {each.id: ("accepted", "reverted") for each in outbox.open_events(one)})
            outbox.postpone_list(connection, one.id, now + delay(one.attempts), one.attempts + 1)
        return ()

    def _wait(self, one: StoredList, outcomes: Outcomes, now: int) -> None:
        """Note what each event waits for, sign again if that helps, and try later."""
        waiting = {event.id: ("accepted", outcomes[event.id].name.lower()) for event in outbox.open_events(one)}
        again = self._signed_again(one) if self._helps_to_sign(one, outcomes) else None
        with self._database.writing(one.signed.party) as connection:
            self._lease.check(connection)
            outbox.settle_events(connection, waiting)
            if again is not None:
                outbox.replace_signature(connection, one.id, again)
                actor = Actor(one.signed.party, None, WORKER)
                note(self._ground, connection, actor, Deed(Act.LIST_SIGNED, detail=str(one.id)))
            pause = 0 if again is not None and _mended(one.signed, again) else delay(one.attempts)
            outbox.postpone_list(connection, one.id, now + pause, one.attempts + 1)

    def _helps_to_sign(self, one: StoredList, outcomes: Outcomes) -> bool:
        """Whether the list is void, or part of it is, and another signature could mend that."""
        found = {outcomes[event.id] for event in one.events}
        if found & set(_SIGN_AGAIN):
            return True
        other_key = self._ground.signer.address(one.signed.party) != one.signed.signer
        return other_key and bool(found & {Outcome.KEY_NOT_GOOD, Outcome.CLAIMED_AFTER_RETIREMENT})

    def _signed_again(self, one: StoredList) -> SignedList:
        party, steps = one.signed.party, one.signed.steps
        # The ledger counts from its own clock; if ours is ahead, the deadline would lie too far off for ever.
        deadline = min(self._ground.clock.now(), self._chain.newest().time) + LIST_LIFETIME
        digest = signing_hash(self._ground.separator, list_hash(party, deadline, [step.digest for step in steps]))
        signer = self._ground.signer
        return SignedList(party, deadline, signer.address(party), steps, signer.sign(party, digest))

    def _expired(self, one: StoredList, now: int) -> bool:
        """Refuse what is left of a list whose deadline passed: no block can take it any more."""
        if one.signed.deadline >= now:
            return False
        refused = {event.id: ("refused", "expired") for event in outbox.open_events(one)}
        with self._database.writing() as connection:
            self._lease.check(connection)
            outbox.settle_events(connection, refused)
            outbox.close_list(connection, one.id)
        log.warning("list expired", party=one.signed.party, events=len(refused))
        return True


def _mended(before: SignedList, after: SignedList) -> bool:
    """Whether another key or a nearer deadline was what the list needed: then it may go at once."""
    return after.signer != before.signer or after.deadline < before.deadline


def _only_waits(one: StoredList, outcomes: Outcomes) -> bool:
    """Whether nothing that is still open in the list would be recorded or refused now."""
    found = [outcomes[event.id] for event in outbox.open_events(one)]
    return all(outcome is not Outcome.RECORDED and not outcome.final for outcome in found)


def delay(attempts: int) -> int:
    """Seconds before the next attempt: 1, 2, 4, … up to a minute; a change on the ledger cuts it short."""
    return int(min(LONGEST_WAIT, 2 ** min(attempts, 6)))
