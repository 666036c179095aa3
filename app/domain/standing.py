"""
How a dossier stands on the ledger, and whether that is still what its insurer's check says.

Once a dossier was checked, no case depends on the present moment any more: only a step, or an outage window that is
anchored afterwards, changes how it stands.
"""

from dataclasses import dataclass

from app.domain.conformity import Case, Verdict, dossier_findings, dossier_verdict, judged_item
from app.domain.kinds import Kind
from app.domain.reading import Reading
from app.domain.renewals import renewal_explained
from app.domain.shelf import Facts
from app.domain.steps import Step

_ALL_CASES = sum(1 << case for case in Case)


@dataclass(frozen=True, slots=True)
class Standing:
    """The ledger verdict of a dossier, with one bit for each case of it or its items, justified ones too."""

    verdict: Verdict
    mask: int

    @property
    def cases(self) -> tuple[Case, ...]:
        """The cases, in the order of their bits."""
        return tuple(case for case in Case if self.mask >> case & 1)


def standing_of(shelf: Facts, dossier: bytes, reading: Reading) -> Standing:
    """How a dossier stands."""
    items = [judged_item(shelf, name, reading) for name in shelf.items_of(dossier)]
    whole = dossier_findings(shelf, dossier)
    found = {finding.case for findings in (whole, *(each.findings for each in items)) for finding in findings}
    return Standing(dossier_verdict(whole, (each.verdict for each in items)), sum(1 << case for case in found))


def seen_by(shelf: Facts, dossier: bytes, insurer: int, now: Standing) -> Standing:
    """
    How a dossier stands for an insurer whose last recorded check found an early renewal; for others as it stands.

    Only the insurer knows what it reimbursed before, so the ledger never has that case; but a step that comes after the
    check may explain it.
    """
    checks = [step for author, step in shelf.steps_on(dossier, (Kind.VERIFIED,)) if author == insurer]
    if not checks or not checks[-1].cases_mask >> Case.FALSE_RENEWAL & 1:
        return now
    explained = bool(renewal_explained(shelf, dossier, insurer))
    worst = max(now.verdict, Verdict.JUSTIFIED if explained else Verdict.NON_CONFORM)
    return Standing(worst, now.mask | 1 << Case.FALSE_RENEWAL)


def known_by(check: Step, now: Standing) -> Standing:
    """
    How a dossier stood for the insurer that recorded `check`; `now` is how it stands for it after that step.

    A better verdict than non-conform is the ledger's own. One of non-conform may be what opening showed, which is not
    on the ledger, so only as much of it is taken as the ledger bears out, or `seen_by` adds.
    """
    verdict, mask = Verdict(check.verdict_code), check.cases_mask & _ALL_CASES
    if verdict is not Verdict.NON_CONFORM:
        return Standing(verdict, mask)
    return Standing(min(verdict, now.verdict), mask & now.mask)
