"""Lists, page by page: each page begins after the last row of the one before, whatever was added meanwhile."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    Subquery,
    Table,
    and_,
    case,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)

from app.domain.conformity import Verdict
from app.domain.details import party_detail
from app.domain.steps import Kind
from app.store.ledger_tables import ledger_concerns, ledger_dossiers, ledger_items, ledger_steps
from app.store.read_model import RecordedStep, recorded_step
from app.store.tables import dossiers, items


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Conditions on a list; None leaves one out. `after` is the key of the last row of the page before."""

    party: int
    everything: bool
    limit: int
    after: tuple[Any, ...] | None = None
    reference: str | None = None
    kind: Kind | None = None
    verdict: int | None = None
    since: int | None = None
    until: int | None = None
    author: int | None = None
    item: str | None = None
    dossier: str | None = None
    from_sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list of items or dossiers; what the ledger does not have yet is None."""

    name: str
    dossier: str
    reference: str | None
    at: int
    verdict: int | None
    last_kind: int | None
    updated_at: int | None
    items: int = 0
    invoiced: int = 0


def _concerned(narrowed: Narrowed, name: Any) -> Any:
    if narrowed.everything:
        return literal(True)
    row = select(ledger_concerns.c.party).where(
        ledger_concerns.c.party == narrowed.party, ledger_concerns.c.subject == name
    )
    return exists(row)


def _both(narrowed: Narrowed, own: Any, name: str, ledger: Any) -> Subquery:
    """The party's own rows, and those it knows from the ledger alone."""
    own_name, ledger_name = own.c[name], ledger.c[name]
    # Whichever came first, so that a line keeps its place when it becomes known the other way too.
    at = case((ledger.c.opened_at < own.c.created_at, ledger.c.opened_at), else_=own.c.created_at)
    mine = select(own_name.label("name"), own.c.dossier.label("dossier"), own.c.reference, at.label("at"))
    mine = mine.outerjoin(ledger, ledger_name == own_name).where(own.c.party == narrowed.party)
    known = exists(select(own_name).where(own.c.party == narrowed.party, own_name == ledger_name))
    theirs = select(ledger_name, ledger.c.dossier, null().label("reference"), ledger.c.opened_at)
    theirs = theirs.where(_concerned(narrowed, ledger_name), ~known)
    return union_all(mine, theirs).subquery()


def _paged(query: Select[Any], both: Subquery, ledger: Any, narrowed: Narrowed) -> Select[Any]:
    conditions = []
    if narrowed.reference is not None:
        conditions.append(both.c.reference == narrowed.reference)
    if narrowed.verdict is not None:
        # What the ledger does not show yet is shown as incomplete, and found as such.
        conditions.append(func.coalesce(ledger.c.verdict, int(Verdict.INCOMPLETE)) == narrowed.verdict)
    if narrowed.since is not None:
        conditions.append(func.coalesce(ledger.c.updated_at, both.c.at) >= narrowed.since)
    if narrowed.until is not None:
        conditions.append(func.coalesce(ledger.c.updated_at, both.c.at) < narrowed.until)
    if narrowed.after is not None:
        conditions.append(tuple_(both.c.at, both.c.name) < tuple_(*narrowed.after))
    return query.where(and_(True, *conditions)).order_by(both.c.at.desc(), both.c.name.desc()).limit(narrowed.limit)


def item_lines(connection: Connection, narrowed: Narrowed) -> list[Line]:
    """Items that concern the party, newest first."""
    both = _both(narrowed, items, "item", ledger_items)
    columns = (ledger_items.c.verdict, ledger_items.c.last_kind, ledger_items.c.updated_at)
    query = select(both, *columns).outerjoin(ledger_items, ledger_items.c.item == both.c.name)
    if narrowed.kind is not None:
        query = query.where(ledger_items.c.last_kind == int(narrowed.kind))
    rows = connection.execute(_paged(query, both, ledger_items, narrowed))
    return [Line(r.name, r.dossier, r.reference, r.at, r.verdict, r.last_kind, r.updated_at) for r in rows]


def dossier_lines(connection: Connection, narrowed: Narrowed) -> list[Line]:
    """Dossiers that concern the party, newest first."""
    both = _both(narrowed, dossiers, "dossier", ledger_dossiers)
    known = ledger_dossiers.c
    query = select(both, known.verdict, known.quoted, known.invoiced, known.updated_at)
    query = query.outerjoin(ledger_dossiers, known.dossier == both.c.name)
    if narrowed.kind is not None:
        query = query.where(known.recorded.op("/")(1 << narrowed.kind).op("%")(2) == 1)
    rows = connection.execute(_paged(query, both, ledger_dossiers, narrowed))
    return [
        Line(
            r.name,
            r.dossier,
            r.reference,
            r.at,
            r.verdict,
            None,
            r.updated_at,
            r.quoted or 0,
            r.invoiced or 0,
        )
        for r in rows
    ]


def recorded_steps(connection: Connection, narrowed: Narrowed) -> list[RecordedStep]:
    """All recorded steps, in the order of the ledger."""
    query = select(ledger_steps)
    wanted = {
        ledger_steps.c.party: narrowed.author,
        ledger_steps.c.kind: None if narrowed.kind is None else int(narrowed.kind),
        ledger_steps.c.dossier: narrowed.dossier,
        ledger_steps.c.item: narrowed.item,
    }
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    start = max(narrowed.from_sequence or 0, narrowed.after[0] + 1 if narrowed.after else 0)
    query = query.where(ledger_steps.c.sequence >= start).order_by(ledger_steps.c.sequence)
    return [recorded_step(row) for row in connection.execute(query.limit(narrowed.limit))]


def _shown_to(party: int) -> ColumnElement[bool]:
    """
    Which of the steps that concern a party are shown to it, as the view of a dossier shows them.

    Steps of a dossier as a whole are its optician's and the named insurers'; to others go those that name them: a lot,
    a request for cover, what takes it back, and to whoever was asked for cover that the optician erased the dossier.
    """
    step, asked = ledger_steps.c, ledger_steps.alias("asked")
    of_lot = step.kind.in_([int(each) for each in (Kind.LOT_SHIPPED, Kind.LOT_TRANSFERRED)])
    mine = select(asked.c.sequence).where(
        asked.c.kind == int(Kind.COVER_REQUESTED),
        asked.c.subject == step.subject,
        _detail(asked.c.head) == party_detail(party),
    )
    erased = and_(_opticians_erasure(ledger_dossiers, ledger_dossiers.c.dossier == step.subject), exists(mine))
    requested = and_(step.kind == int(Kind.COVER_REQUESTED), _detail(step.head) == party_detail(party))
    taken_back = and_(
        step.kind == int(Kind.COVER_CANCELLED),
        exists(mine.where(func.substr(asked.c.head, 2, 1) == func.substr(step.head, _DETAIL, 1))),
    )
    insured = exists(
        select(ledger_dossiers.c.dossier).where(
            ledger_dossiers.c.dossier == step.subject,
            (literal(",") + ledger_dossiers.c.insurers + ",").contains(f",{party},"),
        )
    )
    own = step.subject.startswith(f"{party:08x}")
    return or_(step.item.is_not(None), of_lot, own, requested, taken_back, erased, insured)


def _opticians_erasure(table: Table, of_it: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether by a step its optician erased an item or a dossier; the optician is in the `table` that has it."""
    by_it = select(table.c.optician).where(of_it, table.c.optician == ledger_steps.c.party)
    return and_(ledger_steps.c.kind == int(Kind.ERASED), exists(by_it))


def _erased_of(party: int) -> ColumnElement[bool]:
    """Which steps tell a party that the optician erased an item of which it came to hold values."""
    held = select(items.c.item).where(items.c.party == party, items.c.item == ledger_steps.c.item)
    return and_(_opticians_erasure(ledger_items, ledger_items.c.item == ledger_steps.c.item), exists(held))


def _detail(head: ColumnElement[bytes]) -> ColumnElement[bytes]:
    return func.substr(head, _DETAIL, type_=LargeBinary)


_DETAIL = 24
"""Where in a head its detail begins, counted from 1."""


def shown_in_inbox(party: int) -> ColumnElement[bool]:
    """Which steps of others are shown to a party: about items and dossiers that concern it, or that it holds."""
    about = exists(
        select(ledger_concerns.c.party).where(
            ledger_concerns.c.party == party,
            or_(
                ledger_concerns.c.subject == ledger_steps.c.item,
                and_(ledger_steps.c.item.is_(None), ledger_concerns.c.subject == ledger_steps.c.subject),
            ),
        )
    )
    return or_(and_(about, _shown_to(party)), _erased_of(party))


def steps_naming(connection: Connection, party: int, after: int, limit: int) -> list[RecordedStep]:
    """Other parties' steps about items and dossiers that concern the party or that it holds, after this sequence."""
    query = select(ledger_steps).where(ledger_steps.c.party != party, ledger_steps.c.sequence > after)
    query = query.where(shown_in_inbox(party)).order_by(ledger_steps.c.sequence).limit(limit)
    return [recorded_step(row) for row in connection.execute(query)]
