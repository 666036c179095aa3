"""What a party erased, as it is told."""

from app.domain.packages import moment
from app.queries.views import ErasureView
from app.store import access_log, erasures
from app.store.database import Connection
from app.store.erasures import Erasure


def erasure_view(connection: Connection, erasure: Erasure) -> ErasureView:
    """An erasure of an item, with the parties that were given a package of it."""
    status = "erased" if erasure.done else "erasing"
    given_to = access_log.recipients(connection, erasure.party, (erasure.subject, erasure.dossier))
    return ErasureView(erasure.subject, erasure.party, status, moment(erasure.erased_at), given_to)  # type: ignore[arg-type]


def erasure_of(connection: Connection, party: int, item: str) -> ErasureView | None:
    """The party's erasure of an item; None if it erased nothing of it."""
    found = erasures.erased(connection, party, [item]).get(item)
    return None if found is None else erasure_view(connection, found)
