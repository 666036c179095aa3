"""
The tables of packages that gateways exchange: what is due to others, and what came in sealed.

Identifiers are lower-case hex without `0x`, moments are seconds since 1970. Nothing here holds a key or a value.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, UniqueConstraint, text

# By way of the mirror's tables, so that whoever asks for all tables gets them too.
from app.store.ledger_tables import metadata as metadata
from app.store.metadata import RowNumber

exchange_outbox = Table(
    "exchange_outbox",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("party", BigInteger, nullable=False),
    Column("recipient", BigInteger, nullable=False),
    Column("dossier", String(32), nullable=False),
    Column("items", Text, nullable=False),
    Column("status", String(8), nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("due_at", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("settled_at", BigInteger),
    Column("package", String(32)),
    Column("reason", String(40)),
    Column("receipt", Text),
    Index("ix_exchange_outbox_party_number", "party", "number"),
    Index("ix_exchange_outbox_party_package", "party", "package"),
    Index(
        "ix_exchange_outbox_due",
        "due_at",
        sqlite_where=text("status = 'waiting'"),
        postgresql_where=text("status = 'waiting'"),
    ),
)

exchange_inbox = Table(
    "exchange_inbox",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("party", BigInteger, nullable=False),
    Column("sender", BigInteger, nullable=False),
    Column("package", String(32), nullable=False),
    Column("dossier", String(32)),
    Column("arrival", String(32)),
    Column("digests", Text, nullable=False),
    Column("reason", String(40)),
    Column("received_at", BigInteger, nullable=False),
    Column("receipt", Text, nullable=False),
    UniqueConstraint("party", "sender", "package"),
    Index("ix_exchange_inbox_party_number", "party", "number"),
    Index(
        "ix_exchange_inbox_refused",
        "party",
        "sender",
        "number",
        sqlite_where=text("reason IS NOT NULL"),
        postgresql_where=text("reason IS NOT NULL"),
    ),
)
