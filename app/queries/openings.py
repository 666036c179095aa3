"""What a party holds of a dossier in values."""

from app.queries.equipment import Sight, concerned
from app.queries.opening_views import OpeningList, OpeningView
from app.queries.steps import step_view
from app.services.ground import not_found
from app.store import erasures, read_model, vault
from app.store.database import Connection
from app.store.registry import Role


def opening_list(connection: Connection, party: int, role: Role, dossier: str, now: int) -> OpeningList:
    """The values, as the steps come on the ledger; raises NotFound if the dossier does not concern the party."""
    if not concerned(connection, party, role, dossier):
        raise not_found()
    sight = Sight(connection, party, role, dossier, now)
    if not sight.exists():
        raise not_found()
    subjects = [dossier, *sight.own]
    # Of a step whose signed copy came in, its place on the ledger is no secret to the party.
    recorded = {step.digest: step for step in read_model.steps_of_dossiers(connection, [dossier])}
    found = []
    for each in vault.openings_about(connection, party, subjects):
        step = recorded.get(each.digest)
        view = None if step is None else step_view(step, sight.reading.windows)
        found.append(OpeningView(each.subject, each.values.group, dict(each.values.values), each.digest, view))
    found.sort(key=lambda view: (view.step is None, view.step.sequence if view.step else 0))
    return OpeningList(dossier, found, sorted(erasures.erased(connection, party, subjects)))
