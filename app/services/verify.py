"""
A check on behalf of a party, and its record if a named insurer wants one.

Check and queued `verified` event are one transaction: what is recorded is what was answered.
"""

from app.domain.access import Act, Actor, Deed
from app.domain.conformity import Verdict
from app.errors import InvalidRecord, NotPermitted, OutOfSequence
from app.services.access_log import note
from app.services.check_dossier import Checked, check_dossier
from app.services.drafts import EventDraft, VerificationDraft
from app.services.ground import Ground
from app.services.record_events import record_within
from app.store.database import Connection


def verify(ground: Ground, actor: Actor, draft: VerificationDraft) -> tuple[Checked, str | None]:
    """The answer, and the id of the queued event if the check is to be recorded; then the access log has it too."""
    party = actor.party
    if not draft.record:
        with ground.database.reading() as connection:
            return check_dossier(ground, connection, party, draft), None
    with ground.database.writing(party) as connection:
        checked = check_dossier(ground, connection, party, draft)
        event = _record(ground, connection, actor, draft, checked)
        note(ground, connection, actor, check_deed(draft, checked, event))
        return checked, event


def check_deed(draft: VerificationDraft, checked: Checked, event: str | None = None) -> Deed:
    """The check as the access log has it: of what dossier, and which groups it opened."""
    opened = {check.group for check in checked.checks if check.opening != "none"}
    fields = tuple(sorted(opened | ({"claim"} if draft.claim is not None else set())))
    act = Act.CHECKED if event is None else Act.CHECK_RECORDED
    return Deed(act, draft.dossier, draft.dossier, fields=fields, detail=event)


def _record(ground: Ground, connection: Connection, actor: Actor, draft: VerificationDraft, checked: Checked) -> str:
    if actor.party not in checked.dossier.insurers:
        raise NotPermitted(
            "only an insurer that the invoice names records a check", "/record", "Check without recording."
        )
    _check_recordable(checked, draft)
    verdict: Verdict = checked.ledger if checked.claim is None else checked.claim
    event = EventDraft(
        kind="verified",
        dossier=draft.dossier,
        verdict=verdict.label,
        cases=tuple(case_names(checked)),
        invoice=draft.invoice,
    )
    return record_within(ground, connection, actor, [event])[0]


def _check_recordable(checked: Checked, draft: VerificationDraft) -> None:
    """Refuse to record a check of an invoice that the ledger does not show, or that lists none of the items."""
    if checked.invoice is None:
        raise OutOfSequence(
            "the ledger does not show this invoice yet", "/invoice", "Wait until it is recorded, or check another one."
        )
    billed = [item.hex() for item in checked.invoice.step.items]
    if draft.items and not any(line.item in billed for line in draft.items):
        raise InvalidRecord("/items", "the invoice lists none of these items", "Check the invoice that lists them.")


def case_names(checked: Checked) -> list[str]:
    """The codes of all cases that the check found, each once."""
    found = {finding.case for judgement in checked.judged.values() for finding in judgement.findings}
    found |= {finding.case for finding in checked.dossier_findings}
    found |= {finding.case for finding in checked.findings}
    return [case.name for case in sorted(found)]
