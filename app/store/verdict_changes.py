"""
Telling an insurer that a dossier stands otherwise than it was told, by its own check or after it; and of an error that
it could not know when it checked, though it changes nothing.

All of it happens in the transaction in which the indexer moves its cursor. Each dossier notes the last log that it was
judged at, so a log that is read again, for whatever reason, tells nothing a second time.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.conformity import Verdict
from app.domain.kinds import Kind
from app.domain.reading import Reading
from app.domain.standing import Standing, known_by, seen_by, standing_of
from app.ports import OutageDeclared, Recorded
from app.store.ledger_tables import ledger_steps
from app.store.links import linked
from app.store.mirror import NO_DOSSIER
from app.store.notices import in_parts, outages
from app.store.read_model import RecordedStep, steps_of_dossiers
from app.store.shelf import StoredFacts
from app.store.verdict_tables import checked_dossiers, verdict_changes

Cause = Literal["step", "other_dossier", "outage", "reorganised"]
_AFTER_ALL_LOGS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Why:
    """
    What a dossier is judged again for: a log at a place, block and index in it, and the step that it holds.

    Without a step it is an outage, or that the chain was `reorganised`.
    """

    block: int
    log_index: int
    now: int
    reorganised: bool = False
    recorded: Recorded | RecordedStep | None = None
    dossier: str = NO_DOSSIER

    def cause(self, dossier: str) -> Cause:
        """The same as it looks from a dossier."""
        if self.recorded is None:
            return "reorganised" if self.reorganised else "outage"
        return "step" if dossier == self.dossier else "other_dossier"


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """
    What an insurer was told: how the dossier stood, how it stands, and by which step of which author.

    Both are the same where an error was declared that changes nothing, and that the insurer did not know at its check.
    """

    number: int
    dossier: str
    before: Standing
    after: Standing
    cause: Cause
    author: int | None
    digest: str | None
    decided: bool
    told_at: int


def follow(connection: Connection, parties: Collection[int], recorded: Recorded, now: int) -> int:
    """
    After a step was mirrored: begin to watch what one of `parties` checked by it, and tell what it changed.

    Returns how many changes were told.
    """
    row = connection.execute(select(ledger_steps.c.dossier).where(ledger_steps.c.sequence == recorded.sequence)).one()
    why = Why(recorded.place.block, recorded.place.log_index, now, recorded=recorded, dossier=row.dossier)
    checked = recorded.step.kind is Kind.VERIFIED and recorded.party in parties
    if checked:
        _watch(connection, why, recorded)
    watched = connection.execute(select(checked_dossiers.c.party).limit(1)).first()
    if watched is None or row.dossier == NO_DOSSIER:
        return 0
    told = _tell(connection, linked(connection, [row.dossier]), why)
    return told + (_tell_errors_before(connection, why, recorded) if checked else 0)


def follow_outage(connection: Connection, outage: OutageDeclared, dossiers: Collection[str], now: int) -> int:
    """After an outage was mirrored: tell what it changed in these dossiers; returns how many changes were told."""
    return _tell(connection, dossiers, Why(outage.place.block, outage.place.log_index, now))


def roll_back(connection: Connection, number: int, dossiers: Collection[str], now: int) -> int:
    """After everything behind block `number` was forgotten: tell what that changed in these dossiers."""
    checks = exists(
        select(ledger_steps.c.sequence).where(
            ledger_steps.c.dossier == checked_dossiers.c.dossier,
            ledger_steps.c.party == checked_dossiers.c.party,
            ledger_steps.c.kind == int(Kind.VERIFIED),
        )
    )
    # A check that is gone will come again, and then says again how the dossier stood.
    connection.execute(delete(checked_dossiers).where(checked_dossiers.c.dossier.in_(dossiers), ~checks))
    told = _tell(connection, dossiers, Why(number, _AFTER_ALL_LOGS, now, reorganised=True))
    later = update(checked_dossiers).where(checked_dossiers.c.block > number)
    connection.execute(later.values(block=number, log_index=_AFTER_ALL_LOGS))
    return told


def changes_of(connection: Connection, party: int, dossier: str | None, after: int, limit: int) -> list[VerdictChange]:
    """What a party was told after the change of this number, of all dossiers or of one, oldest first."""
    rows = select(verdict_changes).where(verdict_changes.c.party == party, verdict_changes.c.number > after)
    if dossier is not None:
        rows = rows.where(verdict_changes.c.dossier == dossier)
    return [_change(row) for row in connection.execute(rows.order_by(verdict_changes.c.number).limit(limit))]


def count(connection: Connection) -> int:
    """How many changes were told in all."""
    return int(connection.execute(select(func.count()).select_from(verdict_changes)).scalar_one())


def _watch(connection: Connection, why: Why, recorded: Recorded) -> None:
    known = known_by(recorded.step, _standing(connection, why.dossier, recorded.party))
    row: dict[str, object] = {"party": recorded.party, "dossier": why.dossier, "block": why.block, "log_index": -1}
    values = row | {"verdict": int(known.verdict), "cases": known.mask}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(checked_dossiers).values(**values)
    # A log that was judged already is being read again.
    later = _before(why)
    rest = {name: values[name] for name in ("verdict", "cases", "block", "log_index")}
    connection.execute(statement.on_conflict_do_update(index_elements=["party", "dossier"], set_=rest, where=later))


def _before(why: Why) -> ColumnElement[bool]:
    """Whether a dossier was last judged before the place of a log."""
    table = checked_dossiers.c
    return or_(table.block < why.block, and_(table.block == why.block, table.log_index < why.log_index))


def _tell(connection: Connection, dossiers: Collection[str], why: Why) -> int:
    rows = select(checked_dossiers).order_by(checked_dossiers.c.dossier, checked_dossiers.c.party)
    if not why.reorganised:
        rows = rows.where(_before(why))
    parts = (rows.where(checked_dossiers.c.dossier.in_(part)) for part in in_parts(dossiers))
    told, found = 0, [row for part in parts for row in connection.execute(part)]
    for row in found:
        before = Standing(Verdict(row.verdict), row.cases)
        after = _standing(connection, row.dossier, row.party)
        if before != after or _is_news(connection, row, why):
            _add(connection, row, after, why)
            told += 1
        place = {"verdict": int(after.verdict), "cases": after.mask, "block": why.block, "log_index": why.log_index}
        mine = and_(checked_dossiers.c.party == row.party, checked_dossiers.c.dossier == row.dossier)
        connection.execute(update(checked_dossiers).where(mine).values(**place))
    return told


def _tell_errors_before(connection: Connection, why: Why, check: Recorded) -> int:
    """
    Tell the errors that came on the ledger before a check, but of which the insurer could not know when it checked.

    They were declared after the moment of the check, or reached the ledger after it; returns how many were told.
    """
    mine = (checked_dossiers.c.party == check.party, checked_dossiers.c.dossier == why.dossier)
    row = connection.execute(select(checked_dossiers).where(*mine)).one()
    told, moment = 0, check.step.claimed_at
    for each in steps_of_dossiers(connection, [why.dossier], check.sequence - 1):
        error = replace(why, recorded=each)
        if max(each.step.claimed_at, each.block_time) > moment and _is_news(connection, row, error):
            _add(connection, row, Standing(Verdict(row.verdict), row.cases), error)
            told += 1
    return told


def _is_news(connection: Connection, row: Row[tuple[object, ...]], why: Why) -> bool:
    """
    Whether a step that changes nothing is told all the same: an error that the insurer did not know when it checked
    may explain nothing any more, but the insurer decides in its knowledge. Told once, though a reorganisation may bring
    the step again.
    """
    if why.recorded is None or why.recorded.step.kind is not Kind.ERROR_DECLARED or why.dossier != row.dossier:
        return False
    there = select(verdict_changes.c.number).where(
        verdict_changes.c.party == row.party,
        verdict_changes.c.dossier == row.dossier,
        verdict_changes.c.author == why.recorded.party,
        verdict_changes.c.digest == why.recorded.step.digest.hex(),
    )
    return connection.execute(there.limit(1)).first() is None


def _standing(connection: Connection, dossier: str, insurer: int) -> Standing:
    facts, name, steps = StoredFacts(connection), bytes.fromhex(dossier), steps_of_dossiers(connection, [dossier])
    now = max((step.block_time for step in steps), default=0)
    ledger = standing_of(facts, name, Reading(now, steps, outages(connection)))
    return seen_by(facts, name, insurer, ledger)


def _add(connection: Connection, row: Row[tuple[object, ...]], after: Standing, why: Why) -> None:
    decided = select(ledger_steps.c.sequence).where(
        ledger_steps.c.dossier == row.dossier,
        ledger_steps.c.party == row.party,
        ledger_steps.c.kind == int(Kind.DECIDED),
    )
    values: dict[str, object] = {
        "party": row.party,
        "dossier": row.dossier,
        "verdict_before": row.verdict,
        "cases_before": row.cases,
        "verdict": int(after.verdict),
        "cases": after.mask,
        "cause": why.cause(row.dossier),
        "author": why.recorded.party if why.recorded else None,
        "digest": why.recorded.step.digest.hex() if why.recorded else None,
        "decided": connection.execute(decided.limit(1)).first() is not None,
        "told_at": why.now,
    }
    connection.execute(insert(verdict_changes).values(**values))


def _change(row: Row[tuple[object, ...]]) -> VerdictChange:
    return VerdictChange(
        row.number,
        row.dossier,
        Standing(Verdict(row.verdict_before), row.cases_before),
        Standing(Verdict(row.verdict), row.cases),
        row.cause,
        row.author,
        row.digest,
        row.decided,
        row.told_at,
    )
