"""
The tables of the vault: secrets and values, sealed, and the data keys that they are sealed with, wrapped.

They are reached through `vault` and `data_keys` alone. A data key belongs to one party and one subject: an item, a
dossier, or a day of kept answers.
"""

from sqlalchemy import BigInteger, Boolean, Column, LargeBinary, SmallInteger, String, Table

from app.store.metadata import RowNumber, metadata

vault_keks = Table(
    "vault_keks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("proof", LargeBinary, nullable=False),
    Column("current", Boolean, nullable=False),
)

vault_keys = Table(
    "vault_keys",
    metadata,
    Column("party", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", String(32), primary_key=True),
    Column("kek", String(32), nullable=False, index=True),
    Column("wrapped", LargeBinary, nullable=False),
)

vault_secrets = Table(
    "vault_secrets",
    metadata,
    Column("party", BigInteger, primary_key=True),
    Column("subject", String(32), primary_key=True),
    Column("secret", LargeBinary, nullable=False),
)

vault_group_keys = Table(
    "vault_group_keys",
    metadata,
    Column("party", BigInteger, primary_key=True),
    Column("subject", String(32), primary_key=True),
    Column("group_name", String(32), primary_key=True),
    Column("version", SmallInteger, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
)

vault_values = Table(
    "vault_values",
    metadata,
    Column("party", BigInteger, primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("subject", String(32), primary_key=True),
    Column("group_name", String(32), primary_key=True),
    Column("schema", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

erasures = Table(
    "erasures",
    metadata,
    Column("party", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", String(32), primary_key=True),
    Column("dossier", String(32), nullable=False),
    Column("erased_at", BigInteger, nullable=False),
    Column("scrub", BigInteger, nullable=False),
)

scrubs = Table(
    "scrubs",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("whole", Boolean, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
