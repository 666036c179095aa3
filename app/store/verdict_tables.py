"""
The tables of what insurers were told of dossiers that they checked.

Only the indexer writes them. Unlike the mirror they are kept when it is read again: what was told stays told.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, SmallInteger, String, Table

# By way of the exchange's tables, so that whoever asks for all tables gets them too.
from app.store.exchange_tables import metadata as metadata
from app.store.metadata import RowNumber

checked_dossiers = Table(
    "checked_dossiers",
    metadata,
    Column("party", BigInteger, primary_key=True, autoincrement=False),
    Column("dossier", String(32), primary_key=True, index=True),
    Column("verdict", SmallInteger, nullable=False),
    Column("cases", Integer, nullable=False),
    Column("block", BigInteger, nullable=False, index=True),
    Column("log_index", Integer, nullable=False),
)
"""How a dossier stands as far as the insurer was told, and the last log that it was judged at."""

verdict_changes = Table(
    "verdict_changes",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("party", BigInteger, nullable=False),
    Column("dossier", String(32), nullable=False),
    Column("verdict_before", SmallInteger, nullable=False),
    Column("cases_before", Integer, nullable=False),
    Column("verdict", SmallInteger, nullable=False),
    Column("cases", Integer, nullable=False),
    Column("cause", String(16), nullable=False),
    Column("author", BigInteger),
    Column("digest", String(64)),
    Column("decided", Boolean, nullable=False),
    Column("told_at", BigInteger, nullable=False),
    Index("ix_verdict_changes_party_number", "party", "number"),
    Index("ix_verdict_changes_party_dossier", "party", "dossier", "number"),
)
