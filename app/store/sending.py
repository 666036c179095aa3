"""
Transactions of relayers, written before they are sent.

A transaction's bytes and hash stand here before a byte leaves, and a nonce never gets other bytes. So a process that
dies anywhere finds here what it may already have sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from app.ports import SignedTransaction
from app.store.tables import events, lists, transactions


@dataclass(frozen=True, slots=True)
class OpenTransaction:
    """A transaction whose bytes are stored and whose lists are not settled."""

    id: int
    nonce: int
    hash: bytes
    raw: bytes
    status: str
    block: int | None
    created_at: int


def open_transactions(connection: Connection, relayer: str) -> list[OpenTransaction]:
    """Transactions of this relayer that are not settled, lowest nonce first."""
    rows = select(transactions).where(transactions.c.relayer == relayer, transactions.c.status != "settled")
    return [
        OpenTransaction(r.id, r.nonce, bytes.fromhex(r.hash), r.raw, r.status, r.block, r.created_at)
        for r in connection.execute(rows.order_by(transactions.c.nonce))
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
    """Store the bytes before they are sent, and mark the lists they carry as submitted."""
    values = {
        "relayer": relayer,
        "nonce": nonce,
        "hash": signed.hash.hex(),
        "raw": signed.raw,
        "status": "prepared",
        "created_at": now,
    }
    row = connection.execute(insert(transactions).values(**values).returning(transactions.c.id)).scalar_one()
    connection.execute(update(lists).where(lists.c.id.in_(list_ids)).values(status="in_flight", transaction_id=row))
    connection.execute(
        update(events).where(events.c.list_id.in_(list_ids), events.c.status == "accepted").values(status="submitted")
    )


def set_transaction(connection: Connection, transaction_id: int, status: str, block: int | None = None) -> None:
    """Note how far a transaction has come: prepared, mined or settled."""
    values: dict[str, object] = {"status": status} | ({} if block is None else {"block": block})
    connection.execute(update(transactions).where(transactions.c.id == transaction_id).values(**values))
