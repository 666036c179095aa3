"""
Bring accepted events on the chain, each exactly once.

One transaction of a relayer is under way at a time. Its nonce, bytes and hash are stored before a byte is sent, and a
nonce never gets other bytes. What is true if the process dies:

- before the bytes are stored: nothing was sent; the lists are still queued;
- after, before or while sending: the same bytes are sent again; a node that has them says so;
- after sending, before the outcome is noted: the receipt, then the mirrored log, say what became of each step.

The ledger keeps one bit for each step's identity, so even a step sent twice is recorded once.
"""

from dataclasses import replace

import structlog

from app.errors import ChainUntrusted
from app.failpoints import failpoint
from app.pipeline.identity import OWN_KEY
from app.pipeline.lease import Lease
from app.pipeline.picking import Picker
from app.ports import Chain
from app.services.ground import Ground
from app.store import sending
from app.store.sending import OpenTransaction

RESEND_SECONDS = 10
log = structlog.get_logger()


class Submitter:
    """Submits for every party of one gateway, with one relayer key."""

    def __init__(self, ground: Ground, chain: Chain) -> None:
        self._ground = ground
        self._database = ground.database
        self._chain = chain
        self._lease = Lease(ground, f"relayer/{chain.relayer}")
        self._picker = Picker(ground, chain, self._lease)
        self._sent: dict[int, int] = {}

    def hold_lease(self) -> None:
        """Take or renew the lease of the relayer's key; raises LeaseLost while another process has it."""
        self._lease.hold()

    def give_up_lease(self) -> None:
        """Let another process use the relayer's key at once."""
        self._lease.give_up()

    def under_way(self) -> OpenTransaction | None:
        """The transaction whose outcome is not settled yet; the oldest, where a reorganisation opened several again."""
        with self._database.reading() as connection:
            found = sending.open_transactions(connection)
        return found[0] if found else None

    def follow(self, transaction: OpenTransaction) -> OpenTransaction:
        """
        Look for its receipt; send the same bytes again if there is none after a while.

        Raises ChainUntrusted if another transaction of the relayer's key stands at its nonce: then ours is void.
        """
        receipt = self._chain.receipt(transaction.hash)
        if receipt is None:
            self._send(transaction)
            return transaction
        failpoint("K8")
        status = "mined" if receipt.success else "reverted"
        with self._database.writing() as connection:
            self._lease.check(connection)
            sending.set_transaction(connection, transaction.id, status, receipt.block)
        self._sent.pop(transaction.id, None)
        failpoint("K9")
        return replace(transaction, status=status, block=receipt.block)

    def _send(self, transaction: OpenTransaction) -> None:
        now = self._ground.clock.now()
        if 0 <= now - self._sent.get(transaction.id, -RESEND_SECONDS) < RESEND_SECONDS:
            return
        used = self._chain.nonce(transaction.relayer) > transaction.nonce
        # Asked in this order: what stands at the nonce was mined before the question, so ours would have a receipt.
        if used and self._chain.receipt(transaction.hash) is None:
            self._give_up(transaction, now)
            return
        self._sent[transaction.id] = now
        failpoint("K6")
        self._chain.send(transaction.raw)
        failpoint("K7")

    def _give_up(self, transaction: OpenTransaction, now: int) -> None:
        """Another transaction stands at this nonce, so this one is void; a key that was replaced since is no worry."""
        if transaction.relayer == self._chain.relayer:
            raise ChainUntrusted("the relayer's key was used elsewhere", "nonce", OWN_KEY)
        log.warning("a transaction of an earlier relayer's key is void", nonce=transaction.nonce)
        with self._database.writing() as connection:
            self._lease.check(connection)
            sending.abandon(connection, transaction.id, now)

    def prepare(self) -> bool:
        """Store the next transaction, if any list is due; returns whether there is one to send."""
        now = self._ground.clock.now()
        batch = self._picker.batch(now)
        if batch is None:
            return False
        failpoint("K3")
        with self._database.writing() as connection:
            self._lease.check(connection)
            nonce = sending.next_nonce(connection, self._chain.relayer)
            failpoint("K4")
            signed = self._chain.submission(nonce, batch.gas, [one.signed for one in batch.lists], batch.witnesses)
            ids = [one.id for one in batch.lists]
            sending.add_transaction(connection, self._chain.relayer, nonce, signed, ids, now)
            failpoint("K5")
        return True
