"""Items and dossiers as a party may see them: timeline, verdict, cases, assurance."""

from collections.abc import Iterable, Sequence

from app.domain import conformity
from app.domain.kinds import DOSSIER_KINDS, Kind
from app.domain.reading import Reading
from app.domain.steps import Step
from app.queries.case_views import AssuranceView
from app.queries.cases import finding_case, item_cases, steps_about, verdict_justified_by
from app.queries.erased import erased_views, erasure_of, erasures_about, makers_of
from app.queries.steps import event_views, step_view
from app.queries.views import DossierView, ItemView, StepView
from app.services.ground import not_found
from app.store import outbox, own, read_model
from app.store.database import Connection
from app.store.notices import outages
from app.store.outbox import EventRow
from app.store.own import OwnItem
from app.store.read_model import RecordedStep
from app.store.registry import Role, registered_parties
from app.store.shelf import StoredFacts


class Sight:
    """What one party sees of one dossier: its steps, the items that concern it, and its own events about it."""

    def __init__(self, connection: Connection, party: int, role: Role, dossier: str, now: int) -> None:
        self.connection, self.party, self.dossier = connection, party, dossier
        states = read_model.items_of_dossier(connection, dossier)
        everything = role is Role.AUDITOR
        concerned = read_model.concerned_items(connection, party, dossier)
        self.items = {name: state for name, state in states.items() if everything or name in concerned}
        self.state = read_model.dossier_state(connection, dossier)
        self.whole = everything or int(dossier[:8], 16) == party or self._insures()
        recorded = read_model.steps_of_dossiers(connection, [dossier])
        requests = [each.step for each in recorded if each.step.kind is Kind.COVER_REQUESTED]
        self._asked = {each.occurrence for each in requests if each.number == party}
        self.own = {each.item: each for each in own.items_in(connection, party, dossier)}
        self.steps = [step for step in recorded if self._sees(step)]
        self.facts, self.reading = StoredFacts(connection), Reading(now, recorded, outages(connection))
        self.judged = {
            name: conformity.judged_item(self.facts, bytes.fromhex(name), self.reading) for name in self.items
        }
        self.events = outbox.events_of(connection, party, dossiers=[dossier])
        self.references = own.references(connection, party, [dossier, *self.own])
        makers = makers_of(self.facts, self.items, party, everything=everything)
        self.erasures = erased_views(self.steps, makers, recorded)
        custodial = registered_parties(connection, {step.party for step in self.steps})
        self._custodial = {
            number for number, each in custodial.items() if any(keeper for _, keeper in each.keys.values())
        }

    def _insures(self) -> bool:
        return self.state is not None and self.party in self.state.insurers

    def _sees(self, step: RecordedStep) -> bool:
        if step.item is not None:
            return step.item in self.items or (self._is_opticians_erasure(step) and step.item in self.own)
        asked = self._was_asked(step.step) or (self._is_opticians_erasure(step) and bool(self._asked))
        return self.whole or step.party == self.party or asked

    def _is_opticians_erasure(self, step: RecordedStep) -> bool:
        """Whether by it the optician erased its record: whoever was given openings is told, and erases its own."""
        return step.step.kind is Kind.ERASED and step.party == int(self.dossier[:8], 16)

    def _was_asked(self, step: Step) -> bool:
        """Whether it is a request for cover to the party, or takes one back."""
        number = step.about if step.kind is Kind.COVER_CANCELLED else step.occurrence
        return step.kind in (Kind.COVER_REQUESTED, Kind.COVER_CANCELLED) and number in self._asked

    def exists(self) -> bool:
        """Whether there is anything here that the party may see."""
        return bool(self.items or self.own or (self.whole and self.state) or self.steps or self.events)

    def steps_about(self, item: str) -> list[RecordedStep]:
        """Steps of an item, and those of the dossier that cover it."""
        return steps_about(item, self.steps)

    def assurance(self, level: conformity.Assurance, steps: Iterable[RecordedStep]) -> AssuranceView:
        """A level with what marks it; that somebody erased a record takes nothing from the steps before."""
        kept = (step for step in steps if step.step.kind is not Kind.ERASED)
        views = [(step_view(step, self.reading.windows), step.party) for step in kept]
        return AssuranceView(
            level.label,
            any(view.late for view, _ in views),
            any(party in self._custodial for _, party in views),
        )


def item_view(connection: Connection, party: int, role: Role, item: str, now: int) -> ItemView:
    """One item; raises NotFound if it does not concern the party."""
    dossier = _dossier_of(connection, party, role, item)
    if dossier is None:
        raise not_found()
    sight = Sight(connection, party, role, dossier, now)
    if item not in sight.items and item not in sight.own:
        raise not_found()
    return _item(sight, item)


def _dossier_of(connection: Connection, party: int, role: Role, item: str) -> str | None:
    """
    The dossier of an item that concerns the party, as the ledger shows it or else as the party holds it.

    Whether there is such an item or not, the same is asked: how long it takes would tell.
    """
    recorded = read_model.item_states(connection, [item]).get(item)
    concerned = read_model.concerns(connection, party, item)
    held = own.items_known(connection, party, [item]).get(item)
    if recorded is not None and (concerned or held is not None or role is Role.AUDITOR):
        return recorded.dossier.hex()
    return None if held is None else held.dossier


def concerned(connection: Connection, party: int, role: Role, dossier: str) -> bool:
    """Whether a dossier may concern the party at all; asks only for what is the party's, and always all of it."""
    found = [
        read_model.concerns(connection, party, dossier),
        bool(read_model.concerned_items(connection, party, dossier)),
        own.knows_dossier(connection, party, dossier),
        bool(outbox.events_of(connection, party, dossiers=[dossier])),
    ]
    return any(found) or role is Role.AUDITOR


def dossier_view(connection: Connection, party: int, role: Role, dossier: str, now: int) -> DossierView:
    """One dossier; raises NotFound if it does not concern the party."""
    if not concerned(connection, party, role, dossier):
        raise not_found()
    sight = Sight(connection, party, role, dossier, now)
    if not sight.exists():
        raise not_found()
    names = sorted({*sight.items, *sight.own})
    items = [_item(sight, name) for name in names]
    findings = conformity.dossier_findings(sight.facts, bytes.fromhex(dossier)) if sight.whole else ()
    cases = [case for each in items for case in each.cases]
    cases += [finding_case(finding, None, sight.steps) for finding in findings]
    verdict = conformity.dossier_verdict(findings, (each.verdict for each in sight.judged.values()))
    return DossierView(
        dossier=dossier,
        optician=int(dossier[:8], 16),
        insurers=list(sight.state.insurers) if sight.whole and sight.state else [],
        verdict=verdict.label,
        cases=cases,
        assurance=sight.assurance(conformity.dossier_assurance(sight.items.values()), sight.steps),
        items=items,
        steps=_step_views(sight, (step for step in sight.steps if _is_of_dossier(step))),
        pending=event_views(connection, party, _pending(sight.events)),
        dossier_reference=sight.references.get(dossier),
        erasures=sight.erasures,
    )


def _is_of_dossier(step: RecordedStep) -> bool:
    return step.step.kind in DOSSIER_KINDS or (step.step.kind is Kind.ERASED and step.item is None)


def _item(sight: Sight, item: str) -> ItemView:
    known: OwnItem | None = sight.own.get(item)
    state, judged = sight.items.get(item), sight.judged.get(item)
    steps = sight.steps_about(item)
    maker = state.glassmaker if state else known.glassmaker if known else 0
    pending = [event for event in _pending(sight.events) if bytes.fromhex(item) in event.step.items]
    level = conformity.item_assurance(state) if state else conformity.Assurance.OPTICIAN_ONLY
    return ItemView(
        item=item,
        dossier=sight.dossier,
        optician=int(item[:8], 16),
        glassmaker=maker or None,
        verdict=(judged.verdict if judged else conformity.Verdict.INCOMPLETE).label,
        justified_by=verdict_justified_by(judged, state.replaces.hex(), steps, sight.steps) if judged and state else [],
        cases=item_cases(item, judged, steps) if judged else [],
        assurance=sight.assurance(level, steps),
        steps=_step_views(sight, steps),
        pending=event_views(sight.connection, sight.party, pending),
        item_reference=sight.references.get(item),
        schema=known.schema or None if known else None,
        erased=erasure_of(sight.connection, sight.party, item),
        erasures=erasures_about(item, sight.erasures),
    )


def _pending(events: Sequence[EventRow]) -> list[EventRow]:
    return [event for event in events if event.status in outbox.OPEN]


def _step_views(sight: Sight, steps: Iterable[RecordedStep]) -> list[StepView]:
    return [step_view(step, sight.reading.windows) for step in steps]
