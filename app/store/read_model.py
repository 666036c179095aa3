"""The mirror of the ledger, read: recorded steps, the states they lead to, who is concerned, how far it goes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, func, or_, select

from app.domain.facts import DossierState, ItemState
from app.domain.steps import Kind, Step
from app.store.ledger_tables import (
    ledger_blocks,
    ledger_concerns,
    ledger_dossiers,
    ledger_items,
    ledger_skips,
    ledger_steps,
)
from app.store.outbox import step_of
from app.store.shelf import dossier_state as stored_dossier
from app.store.shelf import item_state


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """A step as the ledger recorded it."""

    sequence: int
    party: int
    party_sequence: int
    step: Step
    item: str | None
    dossier: str
    digest: str
    block: int
    block_time: int
    transaction: str


def recorded_step(row: Row[tuple[object, ...]]) -> RecordedStep:
    """The recorded step that a row of `ledger_steps` holds."""
    return RecordedStep(
        row.sequence, row.party, row.party_sequence, step_of(row), row.item, row.dossier, row.digest,
        row.block, row.block_time, row.transaction,
    )  # fmt: skip


# -- states --


def item_states(connection: Connection, items: Sequence[str]) -> dict[str, ItemState]:
    """What the ledger knows of each of these items; unknown ones are left out."""
    rows = connection.execute(select(ledger_items).where(ledger_items.c.item.in_(items)))
    return {row.item: item_state(row) for row in rows}


def items_of_dossier(connection: Connection, dossier: str) -> dict[str, ItemState]:
    """All items quoted under a dossier, in the order of their identifiers."""
    rows = select(ledger_items).where(ledger_items.c.dossier == dossier).order_by(ledger_items.c.item)
    return {row.item: item_state(row) for row in connection.execute(rows)}


def dossier_state(connection: Connection, dossier: str) -> DossierState | None:
    """What the ledger knows of a dossier; None if nothing was quoted under it."""
    row = connection.execute(select(ledger_dossiers).where(ledger_dossiers.c.dossier == dossier)).first()
    return None if row is None else stored_dossier(row)


def steps_of_dossiers(connection: Connection, dossiers: Sequence[str], until: int | None = None) -> list[RecordedStep]:
    """All steps of dossiers and their items, in the order of the ledger, up to a sequence if one is given."""
    rows = select(ledger_steps).where(ledger_steps.c.dossier.in_(dossiers)).order_by(ledger_steps.c.sequence)
    if until is not None:
        rows = rows.where(ledger_steps.c.sequence <= until)
    return [recorded_step(row) for row in connection.execute(rows)]


def steps_by(connection: Connection, party: int, subject: str) -> list[Step]:
    """What the party itself recorded about an item or a dossier, in the order of the ledger."""
    about = or_(ledger_steps.c.subject == subject, ledger_steps.c.dossier == subject)
    rows = select(ledger_steps).where(ledger_steps.c.party == party, about).order_by(ledger_steps.c.sequence)
    return [step_of(row) for row in connection.execute(rows)]


def steps_by_digest(connection: Connection, party: int, digests: Sequence[str]) -> dict[str, RecordedStep]:
    """
    Recorded steps of a party by their digest.

    A digest does not hold its author: two insurers who find the same at the same moment sign the same step.
    """
    rows = select(ledger_steps).where(ledger_steps.c.party == party, ledger_steps.c.digest.in_(digests))
    return {row.digest: recorded_step(row) for row in connection.execute(rows)}


def step_by_identity(connection: Connection, party: int, step: Step) -> RecordedStep | None:
    """The recorded step with the same subject, kind, author and occurrence, whatever its digest."""
    row = connection.execute(
        select(ledger_steps).where(
            ledger_steps.c.subject == step.subject.hex(),
            ledger_steps.c.kind == int(step.kind),
            ledger_steps.c.party == party,
            ledger_steps.c.occurrence == step.occurrence,
        )
    ).first()
    return None if row is None else recorded_step(row)


def concerns(connection: Connection, party: int, subject: str) -> bool:
    """Whether the party made, takes part in, or is named by this item or dossier."""
    row = select(ledger_concerns.c.party).where(ledger_concerns.c.party == party, ledger_concerns.c.subject == subject)
    return connection.execute(row).first() is not None


def concerned_items(connection: Connection, party: int, dossier: str) -> set[str]:
    """The items of a dossier that concern the party; one statement, however many there are."""
    mine = select(ledger_concerns.c.subject).where(ledger_concerns.c.party == party)
    rows = select(ledger_items.c.item).where(ledger_items.c.dossier == dossier, ledger_items.c.item.in_(mine))
    return set(connection.execute(rows).scalars())


def dossiers_of(connection: Connection, subjects: Sequence[str]) -> list[str]:
    """The dossiers that these items and dossiers belong to."""
    rows = select(ledger_items.c.dossier).where(ledger_items.c.item.in_(subjects)).distinct()
    return sorted({*connection.execute(rows).scalars(), *subjects})


def drawn_from(connection: Connection, lot: bytes) -> list[Step]:
    """What anybody drew from a lot of stock, in the order of the ledger."""
    named = func.substr(ledger_steps.c.words, 1, len(lot)) == lot
    rows = select(ledger_steps).where(ledger_steps.c.kind == int(Kind.DRAWN), named).order_by(ledger_steps.c.sequence)
    return [step_of(row) for row in connection.execute(rows)]


def step_count(connection: Connection) -> int:
    """How many steps are mirrored: the sequence of the last one."""
    return int(connection.execute(select(func.max(ledger_steps.c.sequence))).scalar_one_or_none() or 0)


def skips_of(connection: Connection, transaction: str) -> dict[tuple[int, str], int]:
    """Outcome by party and digest (of a step, or of a list skipped whole) of what a transaction did not record."""
    rows = connection.execute(select(ledger_skips).where(ledger_skips.c.transaction == transaction))
    return {(row.party, row.digest): row.outcome for row in rows}


def last_block(connection: Connection) -> tuple[int, bytes] | None:
    """Number and hash of the last block read; None before the first."""
    row = connection.execute(select(ledger_blocks).order_by(ledger_blocks.c.number.desc()).limit(1)).first()
    return None if row is None else (row.number, bytes.fromhex(row.hash))


def blocks_between(connection: Connection, first: int, last: int) -> list[tuple[int, bytes]]:
    """Number and hash of the blocks of this range that are kept, newest first."""
    rows = select(ledger_blocks).where(ledger_blocks.c.number.between(first, last))
    return [
        (row.number, bytes.fromhex(row.hash))
        for row in connection.execute(rows.order_by(ledger_blocks.c.number.desc()))
    ]
