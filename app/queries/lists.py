"""
Lists with an opaque cursor.

A cursor is the key of the last row shown. It holds nothing that the page did not show, and one that is not of the
right form is refused.
"""

import base64
import binascii
import heapq
import json
import re
from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from app.domain.conformity import Verdict
from app.domain.packages import moment
from app.domain.steps import Kind
from app.domain.stock import unit_name
from app.errors import BadCursor, InvalidRecord, NotPermitted
from app.nesting import too_deep
from app.queries.gateway import Caller, Filter
from app.queries.steps import step_view
from app.queries.views import (
    DossierPage,
    DossierSummary,
    InboxEntry,
    InboxPage,
    ItemPage,
    ItemSummary,
    PartyPage,
    PartyView,
    StepPage,
)
from app.store import arrivals, awaited, own, pages, read_model, vault
from app.store.arrivals import Arrival
from app.store.database import Connection
from app.store.erased_units import ErasedUnit, erased_units
from app.store.holdings import holds_any, holds_any_in
from app.store.notices import Outages, outages
from app.store.pages import Narrowed
from app.store.read_model import RecordedStep
from app.store.registry import KEY_ACTIVE, Role, registered_parties

_Came = Arrival | RecordedStep | ErasedUnit
"""What an inbox has entries of."""


def cursor_of(key: Sequence[object]) -> str:
    """The cursor for the row with this key."""
    return base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode().rstrip("=")


def key_of(cursor: str | None, *types: type) -> tuple[Any, ...] | None:
    """The key in a cursor; None for no cursor. Raises BadCursor unless its parts are of `types`."""
    if cursor is None:
        return None
    try:
        octets = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        key: Any = None if too_deep(octets) else json.loads(octets)
    except (binascii.Error, ValueError):
        key = None
    fits = isinstance(key, list) and len(key) == len(types)
    if not fits or not all(type(part) is kind and _harmless(part) for part, kind in zip(key, types, strict=True)):
        raise BadCursor("the cursor was not given out for this list", "/cursor", "Begin without a cursor.")
    return tuple(key)


def _harmless(part: object) -> bool:
    """Whether a part of a cursor may go into a query: a moment, a number or an identifier."""
    if isinstance(part, str):
        return re.fullmatch("[0-9a-f]{0,32}", part) is not None
    return isinstance(part, int) and 0 <= part < 1 << 62


def _narrowed(caller: Caller, wanted: Filter, after: tuple[Any, ...] | None) -> Narrowed:
    return Narrowed(
        party=caller.party,
        everything=caller.role == Role.AUDITOR.label,
        limit=wanted.limit + 1,
        after=after,
        reference=wanted.reference,
        kind=_named(Kind, wanted.state or wanted.kind, "state" if wanted.state else "kind"),
        verdict=_named(Verdict, wanted.verdict, "verdict"),
        since=wanted.since,
        until=wanted.until,
        author=wanted.party,
        item=wanted.item,
        dossier=wanted.dossier,
        from_sequence=wanted.from_sequence,
    )


def _named(enumeration: Any, label: str | None, where: str) -> Any:
    if label is None:
        return None
    known = {each.label: each for each in enumeration}
    if label not in known:
        raise InvalidRecord(f"/{where}", f"{where} is one of {', '.join(known)}", "Correct the parameter.")
    return known[label]


def item_page(connection: Connection, caller: Caller, wanted: Filter) -> ItemPage:
    """Items that concern the caller, newest first."""
    lines = pages.item_lines(connection, _narrowed(caller, wanted, key_of(wanted.cursor, int, str)))
    shown = lines[: wanted.limit]
    names = own.references(connection, caller.party, [line.dossier for line in shown])
    items = [
        ItemSummary(
            line.name, line.dossier, Verdict(line.verdict or Verdict.INCOMPLETE).label,
            Kind(line.last_kind).label if line.last_kind else None,
            moment(line.updated_at) if line.updated_at else None, line.reference, names.get(line.dossier),
        )
        for line in shown
    ]  # fmt: skip
    return ItemPage(items, _next(lines, wanted.limit, lambda line: (line.at, line.name)))


def dossier_page(connection: Connection, caller: Caller, wanted: Filter) -> DossierPage:
    """Dossiers that concern the caller, newest first."""
    lines = pages.dossier_lines(connection, _narrowed(caller, wanted, key_of(wanted.cursor, int, str)))
    found = [
        DossierSummary(
            line.name, Verdict(line.verdict or Verdict.INCOMPLETE).label, line.items,
            bool(line.items) and line.invoiced >= line.items,
            moment(line.updated_at) if line.updated_at else None, line.reference,
        )
        for line in lines[: wanted.limit]
    ]  # fmt: skip
    return DossierPage(found, _next(lines, wanted.limit, lambda line: (line.at, line.name)))


def step_page(connection: Connection, caller: Caller, wanted: Filter) -> StepPage:
    """All recorded steps, in the order of the ledger; for auditors only."""
    if caller.role != Role.AUDITOR.label:
        raise NotPermitted("only an auditor reads the whole ledger", mend="Read your own items and dossiers.")
    steps = pages.recorded_steps(connection, _narrowed(caller, wanted, key_of(wanted.cursor, int)))
    known = outages(connection)
    shown = [step_view(step, known) for step in steps[: wanted.limit]]
    return StepPage(shown, _next(steps, wanted.limit, lambda step: (step.sequence,)))


def inbox_page(connection: Connection, caller: Caller, wanted: Filter) -> InboxPage:
    """Packages taken in, other parties' steps that concern the caller, and units that they erased, oldest first."""
    key = key_of(wanted.cursor, int, int, int, str, int, int) or (0, 0, 0, "", 0, 0)
    last_package, last_step, last_unit = key[0], key[1], ErasedUnit(*key[2:])
    party, most = caller.party, wanted.limit + 1
    came = arrivals.packages_after(connection, party, last_package, most)
    named = pages.steps_naming(connection, party, last_step, most)
    units = erased_units(connection, party, last_unit, most)
    # Each stream goes on from its own key, so what comes in late is neither left out nor shown twice. A unit's is what
    # is shown of it: a sequence would point at the sale.
    streams: tuple[list[_Came], ...] = ([*came], [*named], [*units])
    entries = list(heapq.merge(*streams, key=_at))
    shown = entries[: wanted.limit]
    ends = (
        max((each.number for each in shown if isinstance(each, Arrival)), default=last_package),
        max((each.sequence for each in shown if isinstance(each, RecordedStep)), default=last_step),
        *astuple(max((each for each in shown if isinstance(each, ErasedUnit)), default=last_unit)),
    )
    following = cursor_of(ends) if len(entries) > wanted.limit else None
    known = outages(connection)
    return InboxPage([_entry(connection, party, each, known) for each in shown], following)


def _at(entry: _Came) -> int:
    return entry.received_at if isinstance(entry, Arrival) else entry.block_time


def _entry(connection: Connection, party: int, each: _Came, known: Outages) -> InboxEntry:
    if isinstance(each, Arrival):
        shown = read_model.steps_by_digest(connection, each.sender, each.digests)
        gone = awaited.given_up(connection, party, each.sender, each.digests)
        return InboxEntry(
            "package", moment(each.received_at), each.dossier, each.sender, each.id,
            confirmed=len(shown) == len(each.digests), contradicted=bool(gone),
        )  # fmt: skip
    if isinstance(each, ErasedUnit):
        held = vault.holds(connection, party, unit_name(bytes.fromhex(each.lot), each.number).hex())
        return InboxEntry("unit", moment(each.block_time), each.lot, each.party, still_held=held, unit=each.number)
    erased = each.step.kind is Kind.ERASED
    kept = _still_held(connection, party, each) if erased else None
    view = step_view(each, known)
    return InboxEntry("step", moment(each.block_time), view.dossier, each.party, step=view, still_held=kept)


def _still_held(connection: Connection, party: int, erasure: RecordedStep) -> bool:
    """Whether the party holds anything of what another erased: of its subject, or of the groups that are gone."""
    subject, groups = erasure.step.subject.hex(), erasure.step.erased_groups
    if not groups:
        return vault.holds(connection, party, subject)
    if erasure.item is not None:
        return holds_any(connection, party, [subject], groups)
    return holds_any_in(connection, party, subject, groups)


def party_page(connection: Connection, wanted: Filter) -> PartyPage:
    """The parties of the registry, in the order of their numbers."""
    after = key_of(wanted.cursor, int)
    found = [each for number, each in registered_parties(connection).items() if after is None or number > after[0]]
    shown = [
        PartyView(
            each.party, each.role.label, each.state.label,
            sum(1 for state, _ in each.keys.values() if state == KEY_ACTIVE),
            any(custodian for _, custodian in each.keys.values()),
        )
        for each in found[: wanted.limit]
    ]  # fmt: skip
    return PartyPage(shown, _next(found, wanted.limit, lambda each: (each.party,)))


def _next(rows: Sequence[Any], limit: int, key: Any) -> str | None:
    return cursor_of(key(rows[limit - 1])) if len(rows) > limit else None
