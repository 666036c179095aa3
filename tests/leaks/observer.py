"""
What somebody learns who reads the chain and nothing else, told by party.

It reads as a gateway that serves nobody reads: every log of the ledger, from the first block on. The names of what it
tells are those of the list in docs/privacy.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from app.queries.gateway import Filter
from app.queries.views import DossierView, StepView
from tests.support.benches import Pipeline
from tests.support.worlds import AUDITOR

Report = Mapping[int, Mapping[str, object]]
_LINKING: Final = ("exchanged", "breakage_replaced", "drawn", "lot_transferred")


def report(reader: Pipeline) -> Report:
    """By party number: what the chain tells of it, read with a gateway that knows nothing else."""
    reader.worker.turn()
    auditor = reader.caller(AUDITOR)
    page = reader.desk.dossiers(auditor, Filter(limit=200))
    assert page.next is None
    dossiers = [reader.desk.dossier(auditor, each.dossier) for each in page.dossiers]
    steps = {step.sequence: step for each in dossiers for step in _steps(each)}
    return {
        party: {name: tell(party, dossiers, list(steps.values())) for name, tell in TOLD.items()}
        for party in sorted({step.party for step in steps.values()})
    }


def _steps(dossier: DossierView) -> list[StepView]:
    return [*dossier.steps, *(step for item in dossier.items for step in item.steps)]


def _volumes(party: int, _dossiers: list[DossierView], steps: list[StepView]) -> object:
    return Counter(step.kind for step in steps if step.party == party)


def _hours(party: int, _dossiers: list[DossierView], steps: list[StepView]) -> object:
    return Counter(
        datetime.fromisoformat(step.claimed_at).astimezone(UTC).hour for step in steps if step.party == party
    )


def _partners(party: int, dossiers: list[DossierView], _steps_of_all: list[StepView]) -> object:
    found: Counter[int] = Counter()
    for each in dossiers:
        makers = {item.glassmaker for item in each.items if item.glassmaker is not None}
        parties = {each.optician, *each.insurers, *makers}
        found.update(parties - {party} if party in parties else ())
    return found


def _verdicts(party: int, dossiers: list[DossierView], _steps_of_all: list[StepView]) -> object:
    found: dict[str, int] = defaultdict(int)
    for item in (item for each in dossiers for item in each.items if party in (each.optician, item.glassmaker)):
        found[item.verdict] += 1
        for case in item.cases:
            found[f"{case.code}, {case.comparison}, {'justified' if case.justified else 'open'}"] += 1
    return dict(found)


def _sales(party: int, dossiers: list[DossierView], _steps_of_all: list[StepView]) -> object:
    return sorted(len(each.items) for each in dossiers if each.optician == party)


def _links(party: int, _dossiers: list[DossierView], steps: list[StepView]) -> object:
    return Counter(step.kind for step in steps if step.party == party and step.kind in _LINKING)


TOLD: Final[Mapping[str, Callable[[int, list[DossierView], list[StepView]], object]]] = {
    "volumes": _volumes,
    "hours": _hours,
    "partners": _partners,
    "verdicts": _verdicts,
    "sizes of sales": _sales,
    "links": _links,
}
"""What is told of each party."""
