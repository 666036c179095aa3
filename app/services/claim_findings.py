"""
What a claim shows beyond the ledger, and what of it the ledger's exceptions explain.

A difference that an exception justifies on the ledger is the same difference when it is opened: it is explained there
too, if the claim is what the standing invoices say. What the claim says otherwise than the invoices nothing explains.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.domain import conformity, life
from app.domain.comparisons import Comparison
from app.domain.conformity import Case, Judgement, Verdict
from app.domain.facts import ItemState
from app.domain.justification import exchange_is_credible
from app.domain.kinds import Kind
from app.domain.shelf import Facts
from app.services.drafts import VerificationDraft


@dataclass(frozen=True, slots=True)
class Check:
    """What opening one group of one subject showed, by the kind of step that committed to it."""

    subject: str
    group: str
    matches: Mapping[str, bool]
    opening: Literal["given", "received", "none"]


@dataclass(frozen=True, slots=True)
class ClaimFinding:
    """
    A case that opening shows, or what the insurer knows; `by` are the kinds of step that justify it, if any do.

    `comparison` is the ledger's comparison that shows the same difference, where what justifies it there does so here.
    """

    case: Case
    item: str | None
    group: str | None
    against: Kind | None
    by: tuple[Kind, ...] = ()
    comparison: Comparison | None = None


def claim_findings(
    shelf: Facts,
    checks: Sequence[Check],
    items: Mapping[str, ItemState],
    judged: Mapping[str, Judgement],
    draft: VerificationDraft,
) -> tuple[ClaimFinding, ...]:
    """The cases of a claim: what does not open to what it says, and items that it leaves out without saying partial."""
    found = [
        _unequal(check, Kind[label.upper()], judged.get(check.subject))
        for check in checks
        if check.group in conformity.CASE_OF_GROUP
        for label, equal in check.matches.items()
        if not equal
    ]
    # Who made it is on the ledger by number: a claim that names another maker is for what that one did not make.
    found += [
        ClaimFinding(Case.FICTITIOUS_EQUIPMENT, line.item, None, None)
        for line in draft.items
        if line.glassmaker not in (None, items[line.item].glassmaker)
    ]
    if draft.items and not draft.partial and _left_out(shelf, items, {line.item for line in draft.items}):
        found.append(ClaimFinding(Case.HIDDEN_ITEM, None, None, None))
    return tuple(found)


def claim_verdict(ledger: Verdict, findings: Iterable[ClaimFinding]) -> Verdict:
    """The ledger verdict, or a worse one: nothing explains what is left, or something does."""
    worst = [Verdict.JUSTIFIED if finding.by else Verdict.NON_CONFORM for finding in findings]
    return max([ledger, *worst])


def _unequal(check: Check, kind: Kind, judgement: Judgement | None) -> ClaimFinding:
    """The case of a group that does not open to the root in the step of a kind, with what justifies it, if anything."""
    case = conformity.CASE_OF_GROUP[check.group]
    if judgement is not None and check.matches.get(Kind.INVOICED.label, False):
        for finding in judgement.findings:
            of = finding.comparison
            if of is not None and of.group == check.group and kind in of.first and Kind.INVOICED in of.second:
                return ClaimFinding(case, check.subject, check.group, kind, finding.by, of)
    return ClaimFinding(case, check.subject, check.group, kind)


def _left_out(shelf: Facts, items: Mapping[str, ItemState], claimed: set[str]) -> bool:
    """Whether a live item is not claimed, nor given under warranty for one that is."""
    open_ones = (item for name, item in items.items() if life.is_live(item) and name not in claimed)
    return any(not (item.first.hex() in claimed and exchange_is_credible(shelf, item)) for item in open_ones)
