"""The units of stock that a party holds, so that they can be forgotten; those that it holds already among them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.domain.kinds import Kind
from app.domain.steps import Step
from app.domain.stock import unit_names

revision = "0050"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stock_units",
        sa.Column("party", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("lot", sa.String(length=32), nullable=False),
        sa.Column("schema", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("handed_to", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("party", "unit", name=op.f("pk_stock_units")),
    )
    op.create_index("ix_stock_units_party_lot", "stock_units", ["party", "lot"], unique=False)
    op.create_index("ix_stock_units_party_created_at", "stock_units", ["party", "created_at"], unique=False)
    _note_what_is_held()


def _note_what_is_held() -> None:
    """Whatever a party shipped or has a package about may be a lot: it is one if units of it lie in the vault."""
    connection = op.get_bind()
    since: dict[tuple[int, str], int] = {}
    for statement in (
        "SELECT party, subject AS lot, accepted_at AS at FROM events WHERE kind = :shipped",
        "SELECT party, dossier AS lot, received_at AS at FROM packages WHERE :shipped > 0",
    ):
        for row in connection.execute(sa.text(statement), {"shipped": int(Kind.LOT_SHIPPED)}):
            since[row.party, row.lot] = min(row.at, since.get((row.party, row.lot), row.at))
    for (party, lot), at in since.items():
        _note_lot(connection, party, lot, at)


def _note_lot(connection: Any, party: int, lot: str, at: int) -> None:
    columns = ("party", "unit", "lot", "schema", "created_at", "handed_to")
    table = sa.table("stock_units", *(sa.column(name) for name in columns))
    values = sa.table("vault_values", sa.column("party"), sa.column("subject"), sa.column("schema"))
    names = list(unit_names(bytes.fromhex(lot)))
    held = sa.select(values.c.subject, values.c.schema).distinct()
    held = held.where(values.c.party == party, values.c.subject.in_(names))
    kept = [(party, row.subject, lot, row.schema, at) for row in connection.execute(held)]
    if kept:
        holder = _handed_to(connection, party, lot)
        op.bulk_insert(table, [dict(zip(columns, (*each, holder), strict=True)) for each in kept])


def _handed_to(connection: Any, party: int, lot: str) -> int | None:
    """Whom the party named last as the holder of a lot, if that is another."""
    asked = "SELECT head FROM events WHERE party = :party AND subject = :lot AND kind = :kind AND status <> 'refused'"
    its = {"party": party, "lot": lot, "kind": int(Kind.LOT_TRANSFERRED)}
    heads = [bytes(row.head) for row in connection.execute(sa.text(asked), its)]
    last = max((Step.from_parts(head, []) for head in heads), key=lambda step: step.occurrence, default=None)
    return None if last is None or last.number == party else last.number
