"""What parties exchange packages with, and the packages that go out and came in."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0010"
branch_labels = None
depends_on = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WAITING = sa.text("status = 'waiting'")


def upgrade() -> None:
    op.add_column("ledger_registry", sa.Column("signing_key", sa.String(length=64), nullable=True))
    op.add_column("ledger_registry", sa.Column("encryption_key", sa.String(length=64), nullable=True))
    op.add_column("ledger_registry", sa.Column("gateway", sa.String(length=200), nullable=True))
    op.create_table(
        "exchange_outbox",
        sa.Column("number", _ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("party", sa.BigInteger(), nullable=False),
        sa.Column("recipient", sa.BigInteger(), nullable=False),
        sa.Column("dossier", sa.String(length=32), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("package", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_exchange_outbox")),
    )
    op.create_index("ix_exchange_outbox_party_number", "exchange_outbox", ["party", "number"], unique=False)
    op.create_index("ix_exchange_outbox_party_package", "exchange_outbox", ["party", "package"], unique=False)
    op.create_index(
        "ix_exchange_outbox_due",
        "exchange_outbox",
        ["due_at"],
        unique=False,
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    op.create_table(
        "exchange_inbox",
        sa.Column("number", _ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("party", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.BigInteger(), nullable=False),
        sa.Column("package", sa.String(length=32), nullable=False),
        sa.Column("dossier", sa.String(length=32), nullable=True),
        sa.Column("arrival", sa.String(length=32), nullable=True),
        sa.Column("digests", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_exchange_inbox")),
        sa.UniqueConstraint("party", "sender", "package", name=op.f("uq_exchange_inbox_party_sender_package")),
    )
    op.create_index("ix_exchange_inbox_party_number", "exchange_inbox", ["party", "number"], unique=False)
