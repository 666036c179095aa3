"""The answer to a check, as a view."""

from app.domain import conformity
from app.queries.cases import claim_cases, ledger_cases
from app.queries.equipment import Sight
from app.queries.steps import events_by_id
from app.queries.views import CheckView, VerificationView
from app.services.check_dossier import Checked
from app.store import read_model
from app.store.database import Connection
from app.store.registry import Role


def verification_view(
    connection: Connection, party: int, role: Role, dossier: str, checked: Checked, event: str | None, now: int
) -> VerificationView:
    """Verdicts, cases and openings of a check, as of the last block read."""
    sight = Sight(connection, party, role, dossier, now)
    steps = [
        step
        for step in read_model.steps_of_dossiers(connection, [dossier])
        if (sight.whole if step.item is None else step.item in checked.items)
    ]
    last = read_model.last_block(connection)
    events = events_by_id(connection, party, [event]) if event else []
    return VerificationView(
        dossier=dossier,
        ledger_verdict=checked.ledger.label,
        claim_verdict=None if checked.claim is None else checked.claim.label,
        cases=ledger_cases(checked, steps) + claim_cases(checked, steps),
        assurance=sight.assurance(conformity.dossier_assurance(checked.items.values()), steps),
        checks=[CheckView(each.subject, each.group, dict(each.matches), each.opening) for each in checked.checks],
        as_of_sequence=read_model.step_count(connection),
        as_of_block=last[0] if last else 0,
        event=events[0] if events else None,
        erasures=sight.erasures,
    )
