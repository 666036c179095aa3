"""
Bring accepted events on the chain, each exactly once.

One transaction of a relayer is under way at a time. Its nonce, bytes and hash are stored before a byte is sent, and a
nonce never gets other bytes. What is true if the process dies:

- before the bytes are stored: nothing was sent; the lists are still queued;
- after, before or while sending: the same bytes are sent again; a node that has them says so;
- after sending, before the outcome is noted: the receipt, then the mirrored log, say what became of each step.

The ledger keeps one bit for each step's identity, so even a step sent twice is recorded once.
"""

import secrets
from collections.abc import Sequence

import structlog

from app.domain.access import Act, Actor, Deed
from app.domain.steps import LIST_LIFETIME, SignedList, list_hash, signing_hash
from app.failpoints import failpoint
from app.pipeline.batch import Batch, batch_of
from app.ports import Chain, Outcome
from app.services.access_log import WORKER, note
from app.services.ground import Ground
from app.store import leases, outbox, sending
from app.store.outbox import StoredList
from app.store.sending import OpenTransaction

LEASE_SECONDS = 15
RENEW_SECONDS = 5
RESEND_SECONDS = 10
LISTS_AT_ONCE = 400
LONGEST_WAIT = 60
log = structlog.get_logger()


class Submitter:
    """Submits for every party of one gateway, with one relayer key."""

    def __init__(self, ground: Ground, chain: Chain) -> None:
        self._ground = ground
        self._database = ground.database
        self._chain = chain
        self._owner = secrets.token_hex(16)
        self._lease = f"relayer/{chain.relayer}"
        self._fence = 0
        self._renewed = 0
        self._sent: dict[int, int] = {}

    def hold_lease(self) -> None:
        """
        Take the lease of the relayer's key, or renew it in good time; raises LeaseLost while another process has it.

        A lease that ran out unnoticed does no harm: whatever relies on it checks the fence in the same transaction.
        """
        now = self._ground.clock.now()
        if 0 <= now - self._renewed < RENEW_SECONDS:
            return
        with self._database.writing() as connection:
            self._fence = leases.take(connection, self._lease, self._owner, now, LEASE_SECONDS)
        self._renewed = now

    def under_way(self) -> OpenTransaction | None:
        """The transaction whose outcome is not settled yet."""
        with self._database.reading() as connection:
            found = sending.open_transactions(connection, self._chain.relayer)
        return found[0] if found else None

    def follow(self, transaction: OpenTransaction) -> OpenTransaction:
        """Look for its receipt; send the same bytes again if there is none after a while."""
        receipt = self._chain.receipt(transaction.hash)
        if receipt is None:
            now = self._ground.clock.now()
            if now - self._sent.get(transaction.id, 0) >= RESEND_SECONDS:
                self._sent[transaction.id] = now
                failpoint("K6")
                self._chain.send(transaction.raw)
                failpoint("K7")
            return transaction
        failpoint("K8")
        status = "mined" if receipt.success else "reverted"
        with self._database.writing() as connection:
            leases.check(connection, self._lease, self._owner, self._fence)
            sending.set_transaction(connection, transaction.id, status, receipt.block)
        self._sent.pop(transaction.id, None)
        failpoint("K9")
        return OpenTransaction(
            transaction.id, transaction.nonce, transaction.hash, transaction.raw, status, receipt.block,
            transaction.created_at,
        )  # fmt: skip

    def prepare(self) -> bool:
        """Store the next transaction, if any list is due; returns whether there is one to send."""
        now = self._ground.clock.now()
        with self._database.reading() as connection:
            due = outbox.queued_lists(connection, now, LISTS_AT_ONCE)
        due = [one for one in due if not self._expired(one, now)]
        # A transaction that reverted is a fault of ours: its lists go one by one, so that a good one is not held up.
        due = [one for one in due if any(event.outcome == "reverted" for event in one.events)][:1] or due
        if not due:
            return False
        batch = self._worth_sending(due, now)
        if batch is None:
            return False
        failpoint("K3")
        with self._database.writing() as connection:
            leases.check(connection, self._lease, self._owner, self._fence)
            nonce = sending.next_nonce(connection, self._chain.relayer)
            failpoint("K4")
            signed = self._chain.submission(nonce, batch.gas, [one.signed for one in batch.lists], batch.witnesses)
            ids = [one.id for one in batch.lists]
            sending.add_transaction(connection, self._chain.relayer, nonce, signed, ids, now)
            failpoint("K5")
        return True

    def _worth_sending(self, due: Sequence[StoredList], now: int) -> Batch | None:
        """The batch without the lists that would only be skipped, which wait; None if nothing is left."""
        with self._database.reading() as connection:
            batch = batch_of(connection, due)
        outcomes = self._chain.simulate(self._chain.relayer, [one.signed for one in batch.lists], batch.witnesses)
        waits = [
            one
            for one, parts in zip(batch.lists, outcomes, strict=True)
            if all(each is not Outcome.RECORDED and not each.final for each in parts)
        ]
        for one, parts in zip(batch.lists, outcomes, strict=True):
            if one in waits:
                self._wait(one, parts, now)
        if not waits:
            return batch
        rest = [one for one in batch.lists if one not in waits]
        if not rest:
            return None
        # Without the others the witnesses are worked out again.
        with self._database.reading() as connection:
            return batch_of(connection, rest)

    def _wait(self, one: StoredList, outcomes: Sequence[Outcome], now: int) -> None:
        """Note what each event waits for, sign again if the list is void, and try later."""
        waiting = {
            event.id: ("accepted", outcome.name.lower())
            for event, outcome in zip(one.events, outcomes, strict=True)
            if event.status in outbox.OPEN
        }
        with self._database.writing() as connection:
            leases.check(connection, self._lease, self._owner, self._fence)
            outbox.settle_events(connection, waiting)
            if outcomes[0].ignores_list:
                outbox.replace_signature(connection, one.id, self._signed_again(one))
                actor = Actor(one.signed.party, None, WORKER)
                note(self._ground, connection, actor, Deed(Act.LIST_SIGNED, detail=str(one.id)))
            outbox.postpone_list(connection, one.id, now + delay(one.attempts), one.attempts + 1)

    def _signed_again(self, one: StoredList) -> SignedList:
        party, steps = one.signed.party, one.signed.steps
        deadline = self._ground.clock.now() + LIST_LIFETIME
        digest = signing_hash(self._ground.separator, list_hash(party, deadline, [step.digest for step in steps]))
        signer = self._ground.signer
        return SignedList(party, deadline, signer.address(party), steps, signer.sign(party, digest))

    def _expired(self, one: StoredList, now: int) -> bool:
        """Refuse what is left of a list whose deadline passed: no block can take it any more."""
        if one.signed.deadline >= now:
            return False
        refused = {event.id: ("refused", "expired") for event in one.events if event.status in outbox.OPEN}
        with self._database.writing() as connection:
            leases.check(connection, self._lease, self._owner, self._fence)
            outbox.settle_events(connection, refused)
            outbox.close_list(connection, one.id)
        log.warning("list expired", party=one.signed.party, events=len(refused))
        return True


def delay(attempts: int) -> int:
    """Seconds before the next attempt: 1, 2, 4, … up to a minute; a change on the ledger cuts it short."""
    return int(min(LONGEST_WAIT, 2 ** min(attempts, 6)))
