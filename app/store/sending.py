"""
Transactions of relayers, written before they are sent.

A transaction's bytes and hash stand here before a byte leaves, and a nonce never gets other bytes. So a process that
dies anywhere finds here what it may already have sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from app.ports import SignedTransaction
from app.store.database import WriteConflict
from app.store.tables import events, lists, transactions


@dataclass(frozen=True, slots=True)
class OpenTransaction:
    """A transaction whose bytes are stored and whose lists are not settled."""

    id: int
    relayer: str
    nonce: int
    hash: bytes
    raw: bytes
    status: str
    block: int | None
    created_at: int


def open_transactions(connection: Connection) -> list[OpenTransaction]:
    """
    Transactions that are not settled, in the order they were made.

    Among them may be some of a relayer's key that was replaced since: their bytes are signed, and can still be sent.
    """
    rows = select(transactions).where(transactions.c.status != "settled").order_by(transactions.c.id)
    return [
        OpenTransaction(r.id, r.relayer, r.nonce, bytes.fromhex(r.hash), r.raw, r.status, r.block, r.created_at)
        for r in connection.execute(rows)
    ]


def next_nonce(connection: Connection, relayer: str) -> int:
    """One more than the highest nonce that was ever given bytes; 0 for a fresh relayer."""
    highest = select(func.max(transactions.c.nonce)).where(transactions.c.relayer == relayer)
    found = connection.execute(highest).scalar_one_or_none()
    return 0 if found is None else int(found) + 1


def add_transaction(
    connection: Connection,
    relayer: str,
    nonce: int,
    signed: SignedTransaction,
    list_ids: Sequence[int],
    now: int,
) -> None:
    """
    Store the bytes before they are sent, and mark the lists they carry as submitted.

    Raises WriteConflict if another process took one of the lists meanwhile.
    """
    values = {
        "relayer": relayer,
        "nonce": nonce,
        "hash": signed.hash.hex(),
        "raw": signed.raw,
        "status": "prepared",
        "created_at": now,
    }
    row = connection.execute(insert(transactions).values(**values).returning(transactions.c.id)).scalar_one()
    queued = update(lists).where(lists.c.id.in_(list_ids), lists.c.status == "queued")
    if connection.execute(queued.values(status="in_flight", transaction_id=row)).rowcount != len(list_ids):
        raise WriteConflict
    connection.execute(
        update(events).where(events.c.list_id.in_(list_ids), events.c.status == "accepted").values(status="submitted")
    )


def set_transaction(connection: Connection, transaction_id: int, status: str, block: int | None = None) -> None:
    """Note how far a transaction has come: prepared, mined or settled."""
    values: dict[str, object] = {"status": status} | ({} if block is None else {"block": block})
    connection.execute(update(transactions).where(transactions.c.id == transaction_id).values(**values))


def abandon(connection: Connection, transaction_id: int, now: int) -> None:
    """Give up a transaction that cannot be mined, because another stands at its nonce; its lists are queued again."""
    mine = lists.c.transaction_id == transaction_id
    carried = select(lists.c.id).where(mine, lists.c.status == "in_flight")
    waiting = update(events).where(events.c.list_id.in_(carried), events.c.status == "submitted")
    connection.execute(waiting.values(status="accepted"))
    again = update(lists).where(mine, lists.c.status == "in_flight")
    connection.execute(again.values(status="queued", transaction_id=None, due_at=now))
    set_transaction(connection, transaction_id, "settled")


def reopen(connection: Connection, after: int) -> None:
    """
    Take back what was settled by blocks after this one, which the chain replaced.

    The same bytes are sent again; what they carried is settled again from what the chain says then.
    """
    gone = select(transactions.c.id).where(transactions.c.block > after)
    again = list(connection.execute(gone).scalars())
    carried = select(lists.c.id).where(lists.c.transaction_id.in_(again))
    anchored = update(events).where(events.c.list_id.in_(carried), events.c.status == "anchored")
    connection.execute(anchored.values(status="submitted"))
    connection.execute(update(lists).where(lists.c.transaction_id.in_(again)).values(status="in_flight"))
    connection.execute(update(transactions).where(transactions.c.id.in_(again)).values(status="prepared", block=None))
