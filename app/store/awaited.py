"""
Steps of packages that came in before the ledger showed them: by whom, about what, and until when they may come.

The ledger records a step once for each subject, kind, author and occurrence, so another one in its place contradicts
the package; and after the deadline of its list no block takes it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.steps import Step
from app.store.ledger_tables import ledger_blocks, ledger_steps
from app.store.tables import awaited_steps

SETTLED = 64
"""Blocks after which a step that was recorded is no longer waited for: no reorganisation goes back so far."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """One step of `sender` that `party` has a package of."""

    party: int
    sender: int
    digest: str
    dossier: str


def expect(connection: Connection, party: int, sender: int, dossier: str, steps: Iterable[tuple[Step, int]]) -> None:
    """Wait for steps of a package, each until the deadline of its list; once more for those that were given up."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    for step, deadline in steps:
        row = {
            "party": party,
            "sender": sender,
            "digest": step.digest.hex(),
            "dossier": dossier,
            "subject": step.subject.hex(),
            "kind": int(step.kind),
            "occurrence": step.occurrence,
            "deadline": deadline,
            "contradicted_at": None,
        }
        again = {"deadline": deadline, "contradicted_at": None}
        same = [awaited_steps.c.party, awaited_steps.c.sender, awaited_steps.c.digest]
        rows = dialect.insert(awaited_steps).values(**row)
        connection.execute(rows.on_conflict_do_update(index_elements=same, set_=again))


def given_up(connection: Connection, party: int, sender: int, digests: Sequence[str]) -> Mapping[str, int]:
    """Those of these steps that the ledger contradicts, with the deadline of the list that they came in."""
    its = (awaited_steps.c.party == party, awaited_steps.c.sender == sender, awaited_steps.c.digest.in_(digests))
    rows = select(awaited_steps.c.digest, awaited_steps.c.deadline)
    rows = rows.where(*its, awaited_steps.c.contradicted_at.is_not(None), ~_recorded())
    return {row.digest: row.deadline for row in connection.execute(rows)}


def contradicted(connection: Connection, parties: Iterable[int], until: int | None) -> list[Awaited]:
    """
    Steps that the ledger contradicts and that are not given up yet.

    `until` is the moment up to which all of the ledger was read, None if some of it was not.
    """
    step = awaited_steps.c
    other = exists(
        select(ledger_steps.c.sequence).where(
            ledger_steps.c.subject == step.subject,
            ledger_steps.c.kind == step.kind,
            ledger_steps.c.party == step.sender,
            ledger_steps.c.occurrence == step.occurrence,
            ledger_steps.c.digest != step.digest,
        )
    )
    never = [] if until is None else [and_(step.deadline < until, ~_recorded())]
    rows = select(step.party, step.sender, step.digest, step.dossier)
    rows = rows.where(step.party.in_(sorted(parties)), step.contradicted_at.is_(None), or_(other, *never))
    return [Awaited(*row) for row in connection.execute(rows.order_by(step.party, step.sender, step.digest))]


def give_up(connection: Connection, each: Awaited, now: int) -> None:
    """Note that the ledger contradicts a step."""
    connection.execute(update(awaited_steps).where(*_is(each)).values(contradicted_at=now))


def is_due(connection: Connection, each: Awaited) -> bool:
    """Whether the step is still waited for, and the ledger does not show it by anybody: a digest holds no author."""
    waits = exists(select(awaited_steps.c.digest).where(*_is(each), awaited_steps.c.contradicted_at.is_(None)))
    shown = exists(select(ledger_steps.c.sequence).where(ledger_steps.c.digest == each.digest))
    return bool(connection.execute(select(and_(waits, ~shown))).scalar_one())


def drop_recorded(connection: Connection) -> None:
    """Wait no longer for what the ledger has for good."""
    last = select(func.max(ledger_blocks.c.number)).scalar_subquery()
    connection.execute(delete(awaited_steps).where(_recorded(ledger_steps.c.block <= last - SETTLED)))


def _recorded(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    its = (ledger_steps.c.party == awaited_steps.c.sender, ledger_steps.c.digest == awaited_steps.c.digest)
    return exists(select(ledger_steps.c.sequence).where(*its, *more))


def _is(each: Awaited) -> tuple[ColumnElement[bool], ...]:
    return (
        awaited_steps.c.party == each.party,
        awaited_steps.c.sender == each.sender,
        awaited_steps.c.digest == each.digest,
    )
