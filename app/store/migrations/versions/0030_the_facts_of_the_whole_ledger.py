"""The facts of the whole ledger: items, dossiers, lots and nullifiers as the rules of all kinds leave them."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0020"
branch_labels = None
depends_on = None

_MIRROR = ("ledger_steps", "ledger_skips", "ledger_registry", "ledger_concerns", "ledger_blocks")


def upgrade() -> None:
    op.drop_table("ledger_items")
    op.drop_table("ledger_dossiers")
    # What is left of the mirror was read from a ledger of fewer kinds: it is read again from genesis.
    for table in _MIRROR:
        op.execute(sa.delete(sa.table(table)))
    _items()
    _dossiers()
    op.create_table(
        "ledger_lots",
        sa.Column("lot", sa.String(length=32), nullable=False),
        sa.Column("glassmaker", sa.BigInteger(), nullable=False),
        sa.Column("buyer", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("lot", name=op.f("pk_ledger_lots")),
    )
    op.create_table(
        "ledger_nullifiers",
        sa.Column("nullifier", sa.String(length=64), nullable=False),
        sa.Column("bound", sa.String(length=32), nullable=True),
        sa.Column("shown", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("nullifier", name=op.f("pk_ledger_nullifiers")),
    )
    op.create_table(
        "ledger_links",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("dossier", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name", "dossier", name=op.f("pk_ledger_links")),
    )
    op.create_index(op.f("ix_ledger_links_dossier"), "ledger_links", ["dossier"], unique=False)


def _items() -> None:
    op.create_table(
        "ledger_items",
        sa.Column("item", sa.String(length=32), nullable=False),
        sa.Column("dossier", sa.String(length=32), nullable=False),
        sa.Column("optician", sa.BigInteger(), nullable=False),
        sa.Column("glassmaker", sa.BigInteger(), nullable=False),
        sa.Column("recorded", sa.BigInteger(), nullable=False),
        sa.Column("mismatches", sa.Integer(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("exceptions", sa.LargeBinary(), nullable=False),
        sa.Column("sections", sa.LargeBinary(), nullable=False),
        sa.Column("replaces", sa.String(length=32), nullable=True),
        sa.Column("first", sa.String(length=32), nullable=True),
        sa.Column("verdict", sa.SmallInteger(), nullable=False),
        sa.Column("last_kind", sa.SmallInteger(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_ledger_items")),
    )
    op.create_index(op.f("ix_ledger_items_dossier"), "ledger_items", ["dossier"], unique=False)


def _dossiers() -> None:
    op.create_table(
        "ledger_dossiers",
        sa.Column("dossier", sa.String(length=32), nullable=False),
        sa.Column("optician", sa.BigInteger(), nullable=False),
        sa.Column("recorded", sa.BigInteger(), nullable=False),
        sa.Column("quoted", sa.Integer(), nullable=False),
        sa.Column("invoiced", sa.Integer(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("invoices", sa.SmallInteger(), nullable=False),
        sa.Column("whole", sa.SmallInteger(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("breakages", sa.SmallInteger(), nullable=False),
        sa.Column("insurers", sa.String(length=32), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.SmallInteger(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("dossier", name=op.f("pk_ledger_dossiers")),
    )
