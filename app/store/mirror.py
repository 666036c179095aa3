"""
The mirror of the ledger, written: by the indexer alone, from logs, in one transaction with its cursor.

Everything here can be rebuilt from genesis; the states are folded from the steps, so a rollback deletes steps and folds
what is left again.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.domain import conformity
from app.domain.conformity import DossierState, ItemState
from app.domain.steps import DOSSIER_KINDS, Kind, Step
from app.ports import ExchangeKeysChanged, GatewayChanged, PartyChanged, Recorded, RegistryLog, Skipped
from app.store.ledger_tables import (
    ledger_blocks,
    ledger_concerns,
    ledger_dossiers,
    ledger_items,
    ledger_registry,
    ledger_skips,
    ledger_steps,
)
from app.store.outbox import step_columns
from app.store.read_model import RecordedStep, dossier_state, item_states, items_of_dossier, steps_of_dossiers


def add_step(connection: Connection, recorded: Recorded, block_time: int) -> str | None:
    """
    Mirror one step and fold it into the states.

    Returns what contradicts the steps mirrored before, or None: then the states that the ledger logged are ours.
    """
    step = recorded.step
    before = select(func.max(ledger_steps.c.party_sequence)).where(ledger_steps.c.party == recorded.party)
    if recorded.party_sequence != (connection.execute(before).scalar_one_or_none() or 0) + 1:
        return "the numbers of a party's steps have a hole"
    if not _is_founded(connection, step):
        return "a step is about an item that was never quoted, or is quoted already"
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
        return "the ledger's state differs from our replay of its steps"
    return None


def _is_founded(connection: Connection, step: Step) -> bool:
    """Whether the items of the step are known; of a quote, that its item is not."""
    known = item_states(connection, [name.hex() for name in step.items])
    return not known if step.kind is Kind.QUOTED else len(known) == len(step.items)


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


def add_registry_change(connection: Connection, change: RegistryLog, block_time: int) -> None:
    """Mirror one change of the registry."""
    row: dict[str, object] = {
        "block": change.place.block,
        "log_index": change.place.log_index,
        "block_time": block_time,
        "party": change.party,
    }
    if isinstance(change, PartyChanged):
        row |= {"role": change.role, "party_state": change.state}
    elif isinstance(change, ExchangeKeysChanged):
        row |= {"signing_key": change.signing, "encryption_key": change.encryption}
    elif isinstance(change, GatewayChanged):
        row |= {"gateway": change.gateway}
    else:
        row |= {"key": change.key, "key_state": change.state, "custodian": change.custodian}
    connection.execute(insert(ledger_registry).values(**row))


KEEP_BLOCKS = 1024


def set_last_block(connection: Connection, number: int, block_hash: bytes) -> None:
    """Move the cursor; the blocks before stay for a while, so that a common ancestor can be found."""
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
