"""Cases as answers show them, each with the steps that show it and those that justify it."""

from collections.abc import Iterable, Sequence

from app.domain.comparisons import COMPARISONS, Comparison
from app.domain.conformity import Case, Finding, Judgement
from app.domain.kinds import Kind
from app.domain.life import REFUSALS
from app.domain.reading import Reading
from app.queries.case_views import CaseView, JustifyingStep
from app.services.check_dossier import Checked
from app.services.claim_findings import ClaimFinding
from app.store.read_model import RecordedStep


def steps_about(item: str, steps: Sequence[RecordedStep]) -> list[RecordedStep]:
    """Those of these steps that are about an item, with the invoices of it and the checks of these."""
    about = {seen.step.digest for seen in Reading(0, steps).about(bytes.fromhex(item))}
    return [step for step in steps if step.step.digest in about]


def item_cases(item: str, judged: Judgement, steps: Sequence[RecordedStep]) -> list[CaseView]:
    """The ledger's cases of an item, each with the steps that show or justify it."""
    return [finding_case(finding, item, steps) for finding in judged.findings]


def verdict_justified_by(
    judged: Judgement, replaced: str, own: Sequence[RecordedStep], steps: Iterable[RecordedStep]
) -> list[JustifyingStep]:
    """
    The steps that justify an item's verdict beside its cases, of those about it (`own`).

    That one was refused or broke is said of the item that it replaces (`replaced`), so it is looked for among `steps`.
    """
    of_replaced = [step for step in steps if step.item == replaced and step.step.kind in REFUSALS]
    return _justifying(judged.by, [*of_replaced, *own])


def finding_case(finding: Finding, item: str | None, steps: Sequence[RecordedStep]) -> CaseView:
    """A case of the ledger, of an item or of the dossier as a whole."""
    by = _justifying(finding.by, steps, finding.comparison)
    return CaseView(
        code=finding.case.name,
        comparison=finding.comparison.name if finding.comparison else None,
        group=finding.comparison.group if finding.comparison else None,
        item=item,
        justified=finding.justified,
        found_by="ledger",
        events=_events(by, (step for step in steps if step.step.kind in finding.shown_by)),
        justified_by=by,
    )


def claim_cases(checked: Checked, steps: Sequence[RecordedStep]) -> list[CaseView]:
    """The cases that opening showed, each with the steps whose roots it opened, or that the claim is held against."""
    return [_claim_case(finding, checked.invoice, steps) for finding in checked.findings]


def _claim_case(finding: ClaimFinding, invoice: RecordedStep | None, steps: Sequence[RecordedStep]) -> CaseView:
    about = steps_about(finding.item, steps) if finding.item else steps
    by = _justifying(finding.by, about, finding.comparison)
    return CaseView(
        code=finding.case.name,
        comparison=f"claim = {finding.against.label}" if finding.against else None,
        group=finding.group,
        item=finding.item,
        justified=bool(finding.by),
        found_by="claim",
        events=_events(by, (step for step in about if _shows(step, finding, invoice))),
        justified_by=by,
    )


def _shows(step: RecordedStep, finding: ClaimFinding, invoice: RecordedStep | None) -> bool:
    """Whether a step shows a case of a claim: what was opened, each quote where one is left out, or the invoice."""
    if finding.item is not None:
        return step.step.kind is finding.against
    quoted = finding.case is Case.HIDDEN_ITEM and step.step.kind is Kind.QUOTED
    return quoted or (invoice is not None and step.digest == invoice.digest)


def ledger_cases(checked: Checked, steps: Sequence[RecordedStep]) -> list[CaseView]:
    """The cases of the ledger verdict of a whole dossier."""
    found: list[CaseView] = []
    for name, judged in checked.judged.items():
        found += item_cases(name, judged, steps_about(name, steps))
    return found + [finding_case(finding, None, steps) for finding in checked.dossier_findings]


def _justifying(
    kinds: Sequence[Kind], steps: Iterable[RecordedStep], comparison: Comparison | None = None
) -> list[JustifyingStep]:
    """The steps of these kinds; of declared errors those of the comparison, if one is meant."""
    number = None if comparison is None else COMPARISONS.index(comparison)
    return [
        JustifyingStep(step.sequence, step.step.kind.label, step.party)
        for step in steps
        if step.step.kind in kinds
        and (step.step.kind is not Kind.ERROR_DECLARED or number in (None, step.step.occurrence))
    ]


def _events(by: Iterable[JustifyingStep], shown_by: Iterable[RecordedStep]) -> list[int]:
    return sorted({step.sequence for step in by} | {step.sequence for step in shown_by})
