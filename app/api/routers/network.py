"""The network as a whole: all steps for auditors, the parties, and what works."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app import errors as core
from app.api import errors as edge
from app.api import gateway_examples
from app.api.deps import CurrentCaller, CurrentGateway, no_query, once_each
from app.api.openapi import answer_shown
from app.api.problems import problems
from app.api.schemas.queries import Audited, Page
from app.queries import views
from app.queries.mapping_tables import MappingTableList

router = APIRouter(prefix="/v1")

_LIST = (edge.Unauthorized, edge.InvalidRequest, core.BadCursor, core.StoreUnavailable)


@router.get(
    "/audit/events",
    tags=["audit"],
    dependencies=[Depends(once_each)],
    responses=problems(*_LIST, core.NotPermitted),
)
def list_audit_events(
    narrowed: Annotated[Audited, Query()], caller: CurrentCaller, gateway: CurrentGateway
) -> views.StepPage:
    """All recorded steps in the order of the ledger, whoever signed them; auditors only."""
    return gateway.audit_events(caller, narrowed.to_filter())


@router.get("/parties", tags=["network"], dependencies=[Depends(once_each)], responses=problems(*_LIST))
def list_parties(page: Annotated[Page, Query()], caller: CurrentCaller, gateway: CurrentGateway) -> views.PartyPage:
    """The parties that the registry knows, by number."""
    return gateway.parties(caller, page.to_filter())


@router.get(
    "/mapping-tables",
    tags=["network"],
    dependencies=[Depends(no_query)],
    responses={
        200: answer_shown(gateway_examples.MAPPING_TABLES),
        **problems(edge.Unauthorized, edge.InvalidRequest, core.StoreUnavailable),
    },
)
def list_mapping_tables(caller: CurrentCaller, gateway: CurrentGateway) -> MappingTableList:
    """The tables by which this gateway derives grouped codes: root of each, and whether the council published it."""
    return gateway.mapping_tables(caller)


@router.get(
    "/status",
    tags=["network"],
    dependencies=[Depends(no_query)],
    responses={
        200: answer_shown(gateway_examples.STATUS),
        **problems(edge.Unauthorized, edge.InvalidRequest, core.StoreUnavailable),
    },
)
def get_status(caller: CurrentCaller, gateway: CurrentGateway) -> views.StatusView:
    """What works, in plain words: chain, index, how many of the party's events wait, and the oldest."""
    return gateway.status(caller)
