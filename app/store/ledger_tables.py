"""
The tables that mirror the chain. Only the indexer writes them, and they can be rebuilt from genesis.

Identifiers, digests and addresses are lower-case hex without `0x`, moments are seconds since 1970.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
)

from app.store.metadata import metadata as metadata

ledger_steps = Table(
    "ledger_steps",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("party", BigInteger, nullable=False),
    Column("party_sequence", BigInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("occurrence", SmallInteger, nullable=False),
    Column("subject", String(32), nullable=False),
    Column("item", String(32)),
    Column("dossier", String(32), nullable=False, index=True),
    Column("claimed_at", BigInteger, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("words", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False, index=True),
    Column("block", BigInteger, nullable=False, index=True),
    Column("block_time", BigInteger, nullable=False),
    Column("transaction", String(64), nullable=False),
    UniqueConstraint("party", "party_sequence"),
    UniqueConstraint("subject", "kind", "party", "occurrence"),
)

ledger_items = Table(
    "ledger_items",
    metadata,
    Column("item", String(32), primary_key=True),
    Column("dossier", String(32), nullable=False, index=True),
    Column("optician", BigInteger, nullable=False),
    Column("glassmaker", BigInteger, nullable=False),
    Column("recorded", BigInteger, nullable=False),
    Column("mismatches", Integer, nullable=False),
    Column("flags", Integer, nullable=False),
    Column("exceptions", LargeBinary, nullable=False),
    Column("sections", LargeBinary, nullable=False),
    Column("replaces", String(32)),
    Column("first", String(32)),
    Column("verdict", SmallInteger, nullable=False),
    Column("last_kind", SmallInteger, nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)

ledger_dossiers = Table(
    "ledger_dossiers",
    metadata,
    Column("dossier", String(32), primary_key=True),
    Column("optician", BigInteger, nullable=False),
    Column("recorded", BigInteger, nullable=False),
    Column("quoted", Integer, nullable=False),
    Column("invoiced", Integer, nullable=False),
    Column("open", Integer, nullable=False),
    Column("invoices", SmallInteger, nullable=False),
    Column("whole", SmallInteger, nullable=False),
    Column("flags", Integer, nullable=False),
    Column("breakages", SmallInteger, nullable=False),
    Column("insurers", String(32), nullable=False),
    Column("checked_at", BigInteger, nullable=False),
    Column("verdict", SmallInteger, nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)

ledger_lots = Table(
    "ledger_lots",
    metadata,
    Column("lot", String(32), primary_key=True),
    Column("glassmaker", BigInteger, nullable=False),
    Column("buyer", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
)

ledger_nullifiers = Table(
    "ledger_nullifiers",
    metadata,
    Column("nullifier", String(64), primary_key=True),
    Column("bound", String(32)),
    Column("shown", String(32)),
)

ledger_links = Table(
    "ledger_links",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("dossier", String(32), primary_key=True, index=True),
)
"""Dossiers that change each other's facts: those of one nullifier, of an exchange, of a breakage."""

ledger_concerns = Table(
    "ledger_concerns",
    metadata,
    Column("party", BigInteger, primary_key=True),
    Column("subject", String(32), primary_key=True),
    Column("is_item", Boolean, nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    Index("ix_ledger_concerns_page", "party", "is_item", "last_sequence"),
    Index("ix_ledger_concerns_subject", "subject"),
)

ledger_skips = Table(
    "ledger_skips",
    metadata,
    Column("transaction", String(64), primary_key=True),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("block", BigInteger, nullable=False, index=True),
    Column("party", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("whole_list", Boolean, nullable=False),
    Column("outcome", SmallInteger, nullable=False),
)

ledger_registry = Table(
    "ledger_registry",
    metadata,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("block_time", BigInteger, nullable=False),
    Column("party", BigInteger, nullable=False),
    Column("role", SmallInteger),
    Column("party_state", SmallInteger),
    Column("key", String(40)),
    Column("key_state", SmallInteger),
    Column("custodian", BigInteger),
    Column("signing_key", String(64)),
    Column("encryption_key", String(64)),
    Column("gateway", String(200)),
)

ledger_outages = Table(
    "ledger_outages",
    metadata,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=False),
)

ledger_mapping_tables = Table(
    "ledger_mapping_tables",
    metadata,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("name", String(31), nullable=False),
    Column("root", String(64), nullable=False),
)

ledger_blocks = Table(
    "ledger_blocks",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
)
