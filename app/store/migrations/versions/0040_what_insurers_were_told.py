"""The dossiers that insurers checked, and what they were told of them afterwards."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0030"
branch_labels = None
depends_on = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MIRROR = (
    "ledger_steps",
    "ledger_items",
    "ledger_dossiers",
    "ledger_lots",
    "ledger_nullifiers",
    "ledger_links",
    "ledger_concerns",
    "ledger_skips",
    "ledger_registry",
    "ledger_blocks",
)


def upgrade() -> None:
    op.create_table(
        "checked_dossiers",
        sa.Column("party", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("dossier", sa.String(length=32), nullable=False),
        sa.Column("verdict", sa.SmallInteger(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("party", "dossier", name=op.f("pk_checked_dossiers")),
    )
    op.create_index(op.f("ix_checked_dossiers_dossier"), "checked_dossiers", ["dossier"], unique=False)
    op.create_index(op.f("ix_checked_dossiers_block"), "checked_dossiers", ["block"], unique=False)
    op.create_table(
        "verdict_changes",
        sa.Column("number", _ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("party", sa.BigInteger(), nullable=False),
        sa.Column("dossier", sa.String(length=32), nullable=False),
        sa.Column("verdict_before", sa.SmallInteger(), nullable=False),
        sa.Column("cases_before", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.SmallInteger(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("author", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("decided", sa.Boolean(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_verdict_changes")),
    )
    op.create_index("ix_verdict_changes_party_number", "verdict_changes", ["party", "number"], unique=False)
    op.create_index("ix_verdict_changes_party_dossier", "verdict_changes", ["party", "dossier", "number"], unique=False)
    # Checks that were read before these tables came are read again, so that they too are watched.
    for table in _MIRROR:
        op.execute(sa.delete(sa.table(table)))
