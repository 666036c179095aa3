"""Who looked at what, when and why."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app import errors as core
from app.api import errors as edge
from app.api.deps import CurrentCaller, CurrentGateway, once_each
from app.api.problems import problems
from app.api.schemas.queries import Looked
from app.queries.access_views import AccessPage

router = APIRouter(prefix="/v1/access", tags=["access"])


@router.get(
    "",
    dependencies=[Depends(once_each)],
    responses=problems(edge.Unauthorized, edge.InvalidRequest, core.BadCursor, core.StoreUnavailable),
)
def list_access(narrowed: Annotated[Looked, Query()], caller: CurrentCaller, gateway: CurrentGateway) -> AccessPage:
    """
    What was done in the party's name, and who else on this gateway looked at its dossiers; newest first.

    Another party's looks show its number, the moment, the act, the purpose it stated and the groups of values. What
    happens on other gateways is in their logs.
    """
    return gateway.access(caller, narrowed.to_filter())
