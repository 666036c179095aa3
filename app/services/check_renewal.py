"""Whether a sale comes too soon after what an insurer reimbursed before."""

from datetime import UTC, date, datetime

from app.domain.canonical import CivilDate
from app.domain.delays import is_false_renewal
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
