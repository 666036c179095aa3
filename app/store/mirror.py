"""
The mirror of the ledger, written: by the indexer alone, from logs, in one transaction with its cursor.

Everything here can be rebuilt from genesis; the states are folded from the steps, so a rollback deletes steps and folds
what is left again.
"""

from collections.abc import Collection

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.domain import conformity
from app.domain.facts import NOBODY
from app.domain.folding import record
from app.domain.kinds import DOSSIER_KINDS, LOT_KINDS, Kind
from app.domain.reading import Reading
from app.domain.shelf import MemoryShelf, known_dossier, known_item, optician_of
from app.domain.steps import Step
from app.ports import (
    ExchangeKeysChanged,
    GatewayChanged,
    NoticeLog,
    OutageDeclared,
    PartyChanged,
    Recorded,
    RegistryLog,
    Skipped,
)
from app.store.ledger_tables import (
    ledger_blocks,
    ledger_concerns,
    ledger_dossiers,
    ledger_items,
    ledger_lots,
    ledger_mapping_tables,
    ledger_nullifiers,
    ledger_outages,
    ledger_registry,
    ledger_skips,
    ledger_steps,
)
from app.store.links import forget, linked, put_links
from app.store.loaded import LoadedFacts
from app.store.notices import Outages, excused_dossiers, in_parts, outages, put_notice
from app.store.outbox import step_columns
from app.store.read_model import RecordedStep, steps_of_dossiers
from app.store.shelf import StoredFacts, dossier_columns, item_columns


def add_step(connection: Connection, recorded: Recorded, block_time: int) -> str | None:
    """
    Mirror one step and fold it into the facts.

    Returns what contradicts the steps mirrored before, or None: then the states that the ledger logged are ours.
    """
    step, party = recorded.step, recorded.party
    facts = MemoryShelf(below=StoredFacts(connection))
    dossier = None if step.kind in LOT_KINDS else _dossier_of(facts, step)
    if dossier is None and step.kind not in LOT_KINDS:
        return "a step is about what was never quoted"
    try:
        effect = record(facts, party, step)
    except KeyError:
        return "a step is about what was never recorded"
    last = select(func.max(ledger_steps.c.party_sequence)).where(ledger_steps.c.party == party)
    row = step_columns(step) | {
        "sequence": recorded.sequence,
        "party": party,
        "party_sequence": (connection.execute(last).scalar_one_or_none() or 0) + 1,
        "item": step.subject.hex() if facts.item(step.subject) and step.subject.hex() != dossier else None,
        "dossier": dossier or NO_DOSSIER,
        "block": recorded.place.block,
        "block_time": block_time,
        "transaction": recorded.place.transaction.hex(),
    }
    connection.execute(insert(ledger_steps).values(**row))
    one = RecordedStep(
        recorded.sequence, party, 0, step, None, dossier or NO_DOSSIER, "", recorded.place.block, block_time, ""
    )
    _store(connection, facts, one)
    if tuple(recorded.states) != effect.states:
        return "the ledger's state differs from our replay of its steps"
    return None


NO_DOSSIER = ""
"""The dossier of a step on a lot."""


def _dossier_of(facts: MemoryShelf, step: Step) -> str | None:
    """The dossier that a step is about, as far as it is known; a quote makes it known."""
    if step.kind is Kind.QUOTED:
        return step.dossier.hex()
    item = None if step.kind in DOSSIER_KINDS else facts.item(step.subject)
    if item is not None:
        return item.dossier.hex()
    known = step.kind in DOSSIER_KINDS or step.kind is Kind.ERASED
    return step.subject.hex() if known and facts.dossier(step.subject) is not None else None


def _store(connection: Connection, facts: MemoryShelf, one: RecordedStep) -> None:
    """Store what a step changed, with the verdicts that follow and who is concerned."""
    for name, lot in facts.lots.items():
        row: dict[str, object] = {"lot": name.hex(), "glassmaker": lot.glassmaker, "buyer": lot.buyer, "root": lot.root}
        _put(connection, ledger_lots, row, ["lot"])
    for value, nullifier in facts.nullifiers.items():
        bound, shown = (None if each == NOBODY else each.hex() for each in (nullifier.bound, nullifier.shown))
        _put(connection, ledger_nullifiers, {"nullifier": value.hex(), "bound": bound, "shown": shown}, ["nullifier"])
    for name in facts.items:
        _put_item(connection, facts, name, one)
    dossiers = {*facts.dossiers, *(state.dossier for state in facts.items.values())}
    for name in sorted(dossiers):
        _put_dossier(connection, facts, name, one)
    put_links(connection, facts, one.step)
    _judge(connection, linked(connection, [each.hex() for each in dossiers]), one)
    # A device that was shown before marks an item of another dossier too: that one is none of this party's business.
    own = [name.hex() for name, state in facts.items.items() if state.dossier.hex() == one.dossier]
    _put_concerns(connection, one, own)


def _put_item(connection: Connection, facts: MemoryShelf, name: bytes, one: RecordedStep) -> None:
    row = item_columns(facts.items[name]) | {
        "item": name.hex(),
        "optician": optician_of(name),
        "verdict": int(conformity.Verdict.INCOMPLETE),
        "last_kind": int(one.step.kind),
        "last_sequence": one.sequence,
        "opened_at": one.block_time,
        "updated_at": one.block_time,
    }
    _put(connection, ledger_items, row, ["item"])


def _put_dossier(connection: Connection, facts: MemoryShelf, name: bytes, one: RecordedStep) -> None:
    row = dossier_columns(known_dossier(facts, name)) | {
        "dossier": name.hex(),
        "optician": optician_of(name),
        "invoiced": sum(bool(known_item(facts, item).billed) for item in facts.items_of(name)),
        "verdict": int(conformity.Verdict.INCOMPLETE),
        "last_sequence": one.sequence,
        "opened_at": one.block_time,
        "updated_at": one.block_time,
    }
    _put(connection, ledger_dossiers, row, ["dossier"])


def _judge(connection: Connection, dossiers: Collection[str], one: RecordedStep) -> None:
    """Set the verdicts of these dossiers and of all their items: a step on one may decide how another stands."""
    facts, known = LoadedFacts(connection, dossiers, one.sequence), outages(connection)
    for dossier in sorted(dossiers):
        reading, name = Reading(one.block_time, facts.seen(dossier), known), bytes.fromhex(dossier)
        verdicts = {item: conformity.judged_item(facts, item, reading).verdict for item in facts.items_of(name)}
        whole = conformity.dossier_verdict(conformity.dossier_findings(facts, name), verdicts.values())
        for item, verdict in verdicts.items():
            if facts.verdicts[item] != verdict:
                mine = update(ledger_items).where(ledger_items.c.item == item.hex())
                connection.execute(mine.values(verdict=int(verdict)))
        if facts.verdicts.get(name, whole) != whole:
            mine = update(ledger_dossiers).where(ledger_dossiers.c.dossier == dossier)
            connection.execute(mine.values(verdict=int(whole)))


def _put_concerns(connection: Connection, one: RecordedStep, items: list[str]) -> None:
    """Note who may see the subjects; whoever takes part or is named sees the dossier with it."""
    step = one.step
    named = {one.party, *(step.insurers if step.kind is Kind.INVOICED else ())}
    if step.kind in _NAMES_A_PARTY and step.number:
        named.add(step.number)
    subjects = [step.subject.hex()] if one.dossier == NO_DOSSIER else [one.dossier, *items]
    for number in named:
        for subject in subjects:
            row = {
                "party": number,
                "subject": subject,
                "is_item": subject in items,
                "last_sequence": one.sequence,
            }
            _put(connection, ledger_concerns, row, ["party", "subject"])
    known = update(ledger_concerns).where(ledger_concerns.c.subject.in_(subjects))
    connection.execute(known.values(last_sequence=one.sequence))


_NAMES_A_PARTY = (Kind.QUOTED, Kind.COVER_REQUESTED, Kind.LOT_SHIPPED, Kind.LOT_TRANSFERRED)


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


def add_notice(connection: Connection, notice: NoticeLog) -> set[str]:
    """Mirror one notice of the council; returns the dossiers that may be judged otherwise by it."""
    put_notice(connection, notice)
    if not isinstance(notice, OutageDeclared):
        return set()
    dossiers = excused_dossiers(connection, notice.start, notice.end)
    _judge_again(connection, dossiers)
    return dossiers


def _judge_again(connection: Connection, dossiers: Collection[str]) -> None:
    """Set the verdicts of dossiers and their items anew, as of the step that last changed each."""
    facts, known = StoredFacts(connection), outages(connection)
    for part in in_parts(dossiers):
        for row in connection.execute(select(ledger_items).where(ledger_items.c.dossier.in_(part))).all():
            verdict = conformity.judged_item(facts, bytes.fromhex(row.item), _as_of(connection, row, known)).verdict
            mine = update(ledger_items).where(ledger_items.c.item == row.item)
            connection.execute(mine.values(verdict=int(verdict)))
        for row in connection.execute(select(ledger_dossiers).where(ledger_dossiers.c.dossier.in_(part))).all():
            verdict = conformity.judged_dossier(facts, bytes.fromhex(row.dossier), _as_of(connection, row, known))
            mine = update(ledger_dossiers).where(ledger_dossiers.c.dossier == row.dossier)
            connection.execute(mine.values(verdict=int(verdict)))


def _as_of(connection: Connection, row: Row[tuple[object, ...]], known: Outages) -> Reading:
    return Reading(row.updated_at, steps_of_dossiers(connection, [row.dossier], row.last_sequence), known)


KEEP_BLOCKS = 1024


def set_last_block(connection: Connection, number: int, block_hash: bytes) -> None:
    """Move the cursor; the blocks before stay for a while, so that a common ancestor can be found."""
    connection.execute(insert(ledger_blocks).values(number=number, hash=block_hash.hex()))
    connection.execute(delete(ledger_blocks).where(ledger_blocks.c.number < number - KEEP_BLOCKS))


def roll_back(connection: Connection, number: int) -> set[str]:
    """Forget all that was read after block `number`, fold what is left of the dossiers concerned, and name these."""
    after = ledger_steps.c.block > number
    lost = list(connection.execute(select(ledger_steps.c.dossier, ledger_steps.c.subject).where(after)))
    touched = linked(connection, {row.dossier for row in lost if row.dossier != NO_DOSSIER})
    connection.execute(delete(ledger_steps).where(after))
    excused = {name for each in outages(connection, number) for name in excused_dossiers(connection, *each)} - touched
    for table in (ledger_skips, ledger_registry, ledger_outages, ledger_mapping_tables):
        connection.execute(delete(table).where(table.c.block > number))
    connection.execute(delete(ledger_blocks).where(ledger_blocks.c.number > number))
    lots = [row.subject for row in lost if row.dossier == NO_DOSSIER]
    kept = select(ledger_steps.c.subject).where(ledger_steps.c.kind == int(Kind.LOT_SHIPPED))
    connection.execute(delete(ledger_lots).where(ledger_lots.c.lot.in_(lots), ledger_lots.c.lot.not_in(kept)))
    forget(connection, touched)
    for one in steps_of_dossiers(connection, sorted(touched)):
        facts = MemoryShelf(below=StoredFacts(connection, one.sequence))
        record(facts, one.party, one.step)
        _store(connection, facts, one)
    _judge_again(connection, excused)
    return touched | excused
