"""What an insurer is told after its checks, as it may see it."""

from app.domain.packages import moment
from app.domain.standing import Standing
from app.queries.gateway import Filter
from app.queries.lists import cursor_of, key_of
from app.queries.steps import step_view
from app.queries.verdict_views import StandingView, VerdictChangePage, VerdictChangeView
from app.store import read_model, verdict_changes
from app.store.database import Connection
from app.store.notices import outages
from app.store.verdict_changes import VerdictChange


def change_page(connection: Connection, party: int, wanted: Filter) -> VerdictChangePage:
    """What the party was told of all dossiers or of one, oldest first; raises BadCursor."""
    after = key_of(wanted.cursor, int) or (0,)
    found = verdict_changes.changes_of(connection, party, wanted.dossier, after[0], wanted.limit + 1)
    following = cursor_of((found[wanted.limit - 1].number,)) if len(found) > wanted.limit else None
    return VerdictChangePage([_view(connection, each) for each in found[: wanted.limit]], following)


def _view(connection: Connection, change: VerdictChange) -> VerdictChangeView:
    step = None
    # What another dossier holds may not concern the party.
    if change.cause == "step" and change.author is not None and change.digest is not None:
        step = read_model.steps_by_digest(connection, change.author, [change.digest]).get(change.digest)
    return VerdictChangeView(
        dossier=change.dossier,
        told_at=moment(change.told_at),
        before=_standing(change.before),
        after=_standing(change.after),
        cause=change.cause,
        decided=change.decided,
        step=None if step is None else step_view(step, outages(connection)),
    )


def _standing(standing: Standing) -> StandingView:
    return StandingView(standing.verdict.label, [case.name for case in standing.cases])
