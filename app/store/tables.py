"""
The tables of what a gateway was told and did. Every row belongs to a party: the one it was accepted for.

Identifiers, digests and addresses are lower-case hex without `0x`, moments are seconds since 1970, bytes that are only
stored are blobs. Those of the vault stand in `vault_tables`.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

# By way of the other tables, so that whoever asks for all tables gets them too.
from app.store.metadata import RowNumber
from app.store.vault_tables import vault_keys as vault_keys
from app.store.verdict_tables import metadata as metadata

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(8), primary_key=True),
    Column("party", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("old_digest", String(64)),
    Column("old_until", BigInteger),
    Column("scope", String(4), nullable=False),
    Column("label", String(40), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("used_at", BigInteger),
    Column("revoked_at", BigInteger),
    Index("ix_api_keys_page", "party", "created_at", "id"),
)

access_log = Table(
    "access_log",
    metadata,
    Column("party", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("key", String(8)),
    Column("label", String(40), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("act", String(24), nullable=False),
    Column("subject", String(32)),
    Column("dossier", String(32)),
    Column("owner", BigInteger),
    Column("counterparty", BigInteger),
    Column("fields", String(255), nullable=False),
    Column("detail", String(64)),
    Column("before", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_access_log_own", "party", "at", "number"),
    Index("ix_access_log_owner", "owner", "at", "party", "number"),
    Index("ix_access_log_subject", "subject", "at", "party", "number"),
    Index("ix_access_log_dossier", "dossier", "at", "party", "number"),
)

dossiers = Table(
    "dossiers",
    metadata,
    Column("party", BigInteger, primary_key=True),
    Column("dossier", String(32), primary_key=True),
    Column("reference", String(64)),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("party", "reference"),
    Index("ix_dossiers_party_created_at", "party", "created_at"),
)

items = Table(
    "items",
    metadata,
    Column("party", BigInteger, primary_key=True),
    Column("item", String(32), primary_key=True),
    Column("dossier", String(32), nullable=False),
    Column("reference", String(64)),
    Column("schema", String(64), nullable=False),
    Column("glassmaker", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("party", "dossier", "reference"),
    Index("ix_items_party_created_at", "party", "created_at"),
)

stock_units = Table(
    "stock_units",
    metadata,
    Column("party", BigInteger, primary_key=True),
    Column("unit", String(32), primary_key=True),
    Column("lot", String(32), nullable=False),
    Column("schema", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("handed_to", BigInteger),
    Index("ix_stock_units_party_lot", "party", "lot"),
    Index("ix_stock_units_party_created_at", "party", "created_at"),
)

awaited_steps = Table(
    "awaited_steps",
    metadata,
    Column("party", BigInteger, primary_key=True, autoincrement=False),
    Column("sender", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", String(64), primary_key=True),
    Column("dossier", String(32), nullable=False),
    Column("subject", String(32), nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("occurrence", SmallInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("contradicted_at", BigInteger),
)

transactions = Table(
    "transactions",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("relayer", String(40), nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("raw", LargeBinary, nullable=False),
    Column("status", String(10), nullable=False),
    Column("block", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("relayer", "nonce"),
    Index("ix_transactions_open", "relayer", "status", postgresql_where=text("status <> 'settled'")),
)

lists = Table(
    "lists",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("party", BigInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("signer", String(40), nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("status", String(10), nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("due_at", BigInteger, nullable=False),
    Column("transaction_id", RowNumber, ForeignKey("transactions.id")),
    Column("created_at", BigInteger, nullable=False),
    Index(
        "ix_lists_queued",
        "due_at",
        "id",
        sqlite_where=text("status = 'queued'"),
        postgresql_where=text("status = 'queued'"),
    ),
    Index("ix_lists_transaction_id", "transaction_id"),
)

events = Table(
    "events",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("party", BigInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("occurrence", SmallInteger, nullable=False),
    Column("subject", String(32), nullable=False),
    Column("item", String(32)),
    Column("dossier", String(32), nullable=False),
    Column("claimed_at", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("words", LargeBinary, nullable=False),
    Column("list_id", RowNumber, ForeignKey("lists.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("status", String(10), nullable=False),
    Column("outcome", String(32)),
    Column("accepted_at", BigInteger, nullable=False),
    Index("ix_events_list_id_position", "list_id", "position"),
    Index("ix_events_party_digest", "party", "digest"),
    Index("ix_events_party_dossier", "party", "dossier"),
    Index(
        "uq_events_identity",
        "party",
        "subject",
        "kind",
        "occurrence",
        unique=True,
        sqlite_where=text("status <> 'refused'"),
        postgresql_where=text("status <> 'refused'"),
    ),
    Index(
        "ix_events_waiting",
        "party",
        "accepted_at",
        sqlite_where=text("status in ('accepted', 'submitted')"),
        postgresql_where=text("status in ('accepted', 'submitted')"),
    ),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("party", BigInteger, primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("day", Integer, nullable=False),
    Column("body_mac", String(64), nullable=False),
    Column("events", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False, index=True),
)

day_keys = Table(
    "day_keys",
    metadata,
    Column("day", Integer, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
)

packages = Table(
    "packages",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("party", BigInteger, nullable=False),
    Column("sender", BigInteger, nullable=False),
    Column("dossier", String(32), nullable=False),
    Column("digests", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Index("ix_packages_party_number", "party", "number"),
)

chain_pin = Table(
    "chain_pin",
    metadata,
    Column("only", SmallInteger, primary_key=True, autoincrement=False),
    Column("chain_id", BigInteger, nullable=False),
    Column("genesis", String(64), nullable=False),
    Column("ledger", String(40), nullable=False),
    Column("code_hash", String(64), nullable=False),
)

worker_state = Table(
    "worker_state",
    metadata,
    Column("only", SmallInteger, primary_key=True, autoincrement=False),
    Column("reachable", Boolean, nullable=False),
    Column("trusted", Boolean, nullable=False),
    Column("detail", Text, nullable=False),
    Column("head", BigInteger),
    Column("told_at", BigInteger, nullable=False),
)
