"""Whether a sale comes too soon after what an insurer reimbursed before, and what on the ledger says why it may."""

from datetime import UTC, date, datetime

from app.domain.canonical import CivilDate
from app.domain.conformity import Case, dossier_findings
from app.domain.delays import is_false_renewal
from app.domain.kinds import Kind
from app.domain.shelf import Facts, known_dossier
from app.errors import InvalidRecord, NotPermitted
from app.services.drafts import VerificationDraft
from app.store.read_model import RecordedStep
from app.store.registry import Role

_WHERE = "/last_reimbursed_on"


def renewed_too_soon(draft: VerificationDraft, role: Role, invoice: RecordedStep | None, now: int) -> bool:
    """
    Whether the dossier renews what the insurer reimbursed less than the delay ago.

    The sale is of the day (UTC) claimed for the invoice, of today while the ledger shows none. Raises NotPermitted for
    anybody but an insurer, InvalidRecord for a day that is none.
    """
    if draft.last_reimbursed_on is None:
        return False
    if role is not Role.INSURER:
        raise NotPermitted("only an insurer knows what it reimbursed", _WHERE, "Leave it out.")
    if not CivilDate().is_canonical(draft.last_reimbursed_on):
        raise InvalidRecord(_WHERE, "there is no such day", "Write a day of the calendar as YYYY-MM-DD.")
    sold = now if invoice is None else invoice.step.claimed_at
    last, day = date.fromisoformat(draft.last_reimbursed_on), datetime.fromtimestamp(sold, UTC).date()
    return is_false_renewal(last, day, stated=False, under_16=draft.under_16)


def renewal_explained(shelf: Facts, dossier: str, insurer: int) -> tuple[Kind, ...]:
    """The kinds of step that explain an early renewal: a statement, or a breakage that was replaced as it may be."""
    name = bytes.fromhex(dossier)
    by = (Kind.RENEWAL_STATED,) if known_dossier(shelf, name).has(Kind.RENEWAL_STATED) else ()
    replaced = bool(list(shelf.steps_on(name, (Kind.BREAKAGE_REPLACED,))))
    wrongly = any(finding.case is Case.FALSE_BREAKAGE for finding in dossier_findings(shelf, name))
    rightly = replaced and not wrongly and not replaces_unknown(shelf, dossier, insurer)
    return (*by, Kind.BREAKAGE_REPLACED) if rightly else by


def replaces_unknown(shelf: Facts, dossier: str, insurer: int) -> bool:
    """Whether the dossier replaces the broken equipment of one that no invoice brought to this insurer."""
    steps = shelf.steps_on(bytes.fromhex(dossier), (Kind.BREAKAGE_REPLACED,))
    return any(insurer not in known_dossier(shelf, step.named).insurers for _, step in steps)
