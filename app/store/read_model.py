"""
The mirror of the ledger: recorded steps, the states they lead to, and who is concerned.

Written by the indexer alone, from logs, in one transaction with its cursor. Everything here can be rebuilt from
genesis; the states are folded from the steps, so a rollback deletes steps and folds what is left again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.domain import conformity
from app.domain.conformity import DossierState, ItemState
from app.domain.steps import DOSSIER_KINDS, HASH_LENGTH, Kind, Step
from app.ports import KeyChanged, PartyChanged, Recorded, Skipped
from app.store.outbox import step_columns, step_of
from app.store.tables import (
    ledger_blocks,
    ledger_concerns,
    ledger_dossiers,
    ledger_items,
    ledger_registry,
    ledger_skips,
    ledger_steps,
)


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


def _item_state(row: Row[tuple[object, ...]]) -> ItemState:
    roots = tuple(row.roots[at : at + HASH_LENGTH] for at in range(0, len(row.roots), HASH_LENGTH))
    return ItemState(
        bytes.fromhex(row.dossier), row.glassmaker, row.recorded, row.mismatches, row.justified, row.flags,
        row.item_sequence, roots,
    )  # fmt: skip


def _dossier_state(row: Row[tuple[object, ...]]) -> DossierState:
    insurers = tuple(int(number) for number in row.insurers.split(",") if number)
    return DossierState(row.recorded, row.quoted, row.invoiced, row.flags, row.dossier_sequence, insurers)


def item_states(connection: Connection, items: Sequence[str]) -> dict[str, ItemState]:
    """What the ledger knows of each of these items; unknown ones are left out."""
    rows = connection.execute(select(ledger_items).where(ledger_items.c.item.in_(items)))
    return {row.item: _item_state(row) for row in rows}


def items_of_dossier(connection: Connection, dossier: str) -> dict[str, ItemState]:
    """All items quoted under a dossier, in the order of their identifiers."""
    rows = select(ledger_items).where(ledger_items.c.dossier == dossier).order_by(ledger_items.c.item)
    return {row.item: _item_state(row) for row in connection.execute(rows)}


def dossier_state(connection: Connection, dossier: str) -> DossierState | None:
    """What the ledger knows of a dossier; None if nothing was quoted under it."""
    row = connection.execute(select(ledger_dossiers).where(ledger_dossiers.c.dossier == dossier)).first()
    return None if row is None else _dossier_state(row)


def steps_of_dossiers(connection: Connection, dossiers: Sequence[str]) -> list[RecordedStep]:
    """All steps of dossiers and their items, in the order of the ledger."""
    rows = select(ledger_steps).where(ledger_steps.c.dossier.in_(dossiers)).order_by(ledger_steps.c.sequence)
    return [recorded_step(row) for row in connection.execute(rows)]


def steps_by_digest(connection: Connection, digests: Sequence[str]) -> dict[str, RecordedStep]:
    """Recorded steps by their digest."""
    rows = connection.execute(select(ledger_steps).where(ledger_steps.c.digest.in_(digests)))
    return {row.digest: recorded_step(row) for row in rows}


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


def dossiers_of(connection: Connection, subjects: Sequence[str]) -> list[str]:
    """The dossiers that these items and dossiers belong to."""
    rows = select(ledger_items.c.dossier).where(ledger_items.c.item.in_(subjects)).distinct()
    return sorted({*connection.execute(rows).scalars(), *subjects})


def step_count(connection: Connection) -> int:
    """How many steps are mirrored: the sequence of the last one."""
    return int(connection.execute(select(func.max(ledger_steps.c.sequence))).scalar_one_or_none() or 0)


# -- writing: the indexer's part --


def add_step(connection: Connection, recorded: Recorded, block_time: int) -> str | None:
    """
    Mirror one step and fold it into the states.

    Returns the name of the first state that differs from the one the ledger logged, or None if all agree.
    """
    step = recorded.step
    item = None if step.kind in DOSSIER_KINDS else step.subject.hex()
    dossier = _dossier_of(connection, step)
    row = step_columns(step) | {
        "sequence": recorded.sequence,
        "party": recorded.party,
        "party_sequence": recorded.party_sequence,
        "item": item,
        "dossier": dossier,
        "block": recorded.place.block,
        "block_time": block_time,
        "transaction": recorded.place.transaction.hex(),
    }
    connection.execute(insert(ledger_steps).values(**row))
    packed = _fold(connection, recorded.party, step, dossier, recorded.sequence, block_time)
    if tuple(recorded.states) != packed:
        return f"step {recorded.sequence}"
    return None


def _dossier_of(connection: Connection, step: Step) -> str:
    if step.kind is Kind.QUOTED or step.kind in DOSSIER_KINDS:
        return step.dossier.hex()
    row = select(ledger_items.c.dossier).where(ledger_items.c.item == step.subject.hex())
    return str(connection.execute(row).scalar_one())


def _fold(connection: Connection, party: int, step: Step, dossier: str, sequence: int, time: int) -> tuple[int, ...]:
    """Apply one step to the stored states; returns the packed states in the order of the ledger's log."""
    before = dossier_state(connection, dossier) or DossierState()
    items = item_states(connection, [name.hex() for name in step.items])
    known = {bytes.fromhex(name): state for name, state in items.items()}
    after, states = before, dict[bytes, ItemState]()
    if step.kind is Kind.QUOTED:
        states[step.subject], after = conformity.after_quote(step, before)
    elif step.kind is Kind.INVOICED:
        after, states = conformity.after_invoice(step, before, known)
    elif step.kind is Kind.VERIFIED:
        after, states = conformity.after_check(step, party, before, known)
    else:
        states[step.subject] = conformity.after_item_step(known[step.subject], step)
    changed = {name.hex(): state for name, state in states.items()}
    each = tuple(state.packed for state in states.values())
    packed = (after.packed, *each) if step.kind in DOSSIER_KINDS else each
    if step.kind is Kind.QUOTED:
        packed += (after.packed,)
    for name, state in changed.items():
        _put_item(connection, name, state, step.kind, sequence, time)
    _put_dossier(connection, dossier, after, sequence, time)
    _put_concerns(connection, party, step, dossier, list(changed), sequence)
    return packed


def _put_item(connection: Connection, item: str, state: ItemState, kind: Kind, sequence: int, time: int) -> None:
    row = {
        "item": item,
        "dossier": state.dossier.hex(),
        "optician": int(item[:8], 16),
        "glassmaker": state.glassmaker,
        "recorded": state.recorded,
        "mismatches": state.mismatches,
        "justified": state.justified,
        "flags": state.flags,
        "item_sequence": state.sequence,
        "roots": b"".join(state.roots),
        "verdict": int(conformity.item_verdict(state)),
        "last_kind": int(kind),
        "last_sequence": sequence,
        "opened_at": time,
        "updated_at": time,
    }
    _put(connection, ledger_items, row, ["item"])


def _put_dossier(connection: Connection, dossier: str, state: DossierState, sequence: int, time: int) -> None:
    items = items_of_dossier(connection, dossier).values()
    row = {
        "dossier": dossier,
        "optician": int(dossier[:8], 16),
        "recorded": state.recorded,
        "quoted": state.quoted,
        "invoiced": state.invoiced,
        "flags": state.flags,
        "dossier_sequence": state.sequence,
        "insurers": ",".join(str(number) for number in state.insurers),
        "verdict": int(conformity.dossier_verdict(state, items)),
        "last_sequence": sequence,
        "opened_at": time,
        "updated_at": time,
    }
    _put(connection, ledger_dossiers, row, ["dossier"])


def _put_concerns(
    connection: Connection, party: int, step: Step, dossier: str, items: list[str], sequence: int
) -> None:
    """Note who may see the subjects; whoever takes part or is named sees the dossier with it."""
    named = {party}
    if step.kind is Kind.QUOTED and step.glassmaker:
        named.add(step.glassmaker)
    if step.kind is Kind.INVOICED:
        named.update(step.insurers)
    for number in named:
        for subject in (dossier, *items):
            row = {
                "party": number,
                "subject": subject,
                "is_item": subject != dossier,
                "last_sequence": sequence,
            }
            _put(connection, ledger_concerns, row, ["party", "subject"])
    for subject in (dossier, *items):
        known = update(ledger_concerns).where(ledger_concerns.c.subject == subject)
        connection.execute(known.values(last_sequence=sequence))


def _put(connection: Connection, table: object, row: dict[str, object], key: list[str]) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(**row)
    # What was opened stays opened at its first time.
    rest = {name: value for name, value in row.items() if name not in (*key, "opened_at")}
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=rest))


def add_skip(connection: Connection, skipped: Skipped) -> None:
    """Mirror one skip."""
    row = {
        "transaction": skipped.place.transaction.hex(),
        "log_index": skipped.place.log_index,
        "block": skipped.place.block,
        "party": skipped.party,
        "digest": skipped.digest.hex(),
        "whole_list": skipped.whole_list,
        "outcome": int(skipped.outcome),
    }
    connection.execute(insert(ledger_skips).values(**row))


def skips_of(connection: Connection, transaction: str) -> dict[str, int]:
    """Outcome by digest (of a step, or of a list skipped whole) of what a transaction did not record."""
    rows = connection.execute(select(ledger_skips).where(ledger_skips.c.transaction == transaction))
    return {row.digest: row.outcome for row in rows}


def add_registry_change(connection: Connection, change: PartyChanged | KeyChanged, block_time: int) -> None:
    """Mirror one change of the registry."""
    row: dict[str, object] = {
        "block": change.place.block,
        "log_index": change.place.log_index,
        "block_time": block_time,
        "party": change.party,
    }
    if isinstance(change, PartyChanged):
        row |= {"role": change.role, "party_state": change.state}
    else:
        row |= {"key": change.key, "key_state": change.state, "custodian": change.custodian}
    connection.execute(insert(ledger_registry).values(**row))


# -- blocks and rollback --


def last_block(connection: Connection) -> tuple[int, bytes] | None:
    """Number and hash of the last block read; None before the first."""
    row = connection.execute(select(ledger_blocks).order_by(ledger_blocks.c.number.desc()).limit(1)).first()
    return None if row is None else (row.number, bytes.fromhex(row.hash))


def blocks_before(connection: Connection, number: int, limit: int) -> list[tuple[int, bytes]]:
    """Blocks read before `number`, newest first."""
    rows = select(ledger_blocks).where(ledger_blocks.c.number < number).order_by(ledger_blocks.c.number.desc())
    return [(row.number, bytes.fromhex(row.hash)) for row in connection.execute(rows.limit(limit))]


KEEP_BLOCKS = 1024


def set_last_block(connection: Connection, number: int, block_hash: bytes) -> None:
    """Move the cursor; the last ones stay so that a common ancestor can be found."""
    connection.execute(insert(ledger_blocks).values(number=number, hash=block_hash.hex()))
    connection.execute(delete(ledger_blocks).where(ledger_blocks.c.number < number - KEEP_BLOCKS))


def roll_back(connection: Connection, number: int) -> None:
    """Forget everything that was read after block `number`, and fold what is left of the dossiers concerned."""
    after = ledger_steps.c.block > number
    touched = list(connection.execute(select(ledger_steps.c.dossier).where(after).distinct()).scalars())
    connection.execute(delete(ledger_steps).where(after))
    for table in (ledger_skips, ledger_registry):
        connection.execute(delete(table).where(table.c.block > number))
    connection.execute(delete(ledger_blocks).where(ledger_blocks.c.number > number))
    for dossier in touched:
        items = list(connection.execute(select(ledger_items.c.item).where(ledger_items.c.dossier == dossier)).scalars())
        connection.execute(delete(ledger_items).where(ledger_items.c.dossier == dossier))
        connection.execute(delete(ledger_dossiers).where(ledger_dossiers.c.dossier == dossier))
        connection.execute(delete(ledger_concerns).where(ledger_concerns.c.subject.in_([dossier, *items])))
    replay(connection, steps_of_dossiers(connection, touched))


def replay(connection: Connection, steps: Iterable[RecordedStep]) -> None:
    """Fold mirrored steps into the states again."""
    for one in steps:
        _fold(connection, one.party, one.step, one.dossier, one.sequence, one.block_time)
