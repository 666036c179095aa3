"""Items and dossiers: what is known of one, and lists of one's own."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import JSONResponse, Response

from app import errors as core
from app.api import dossier_examples, examples
from app.api import errors as edge
from app.api.deps import CurrentCaller, CurrentGateway, no_query, once_each
from app.api.openapi import JOSE, answer_shown, package_answer
from app.api.problems import problems
from app.api.schemas.queries import Mine, Recipient
from app.queries import views
from app.queries.erasure_views import ErasureView
from app.queries.opening_views import OpeningList

router = APIRouter(prefix="/v1")

_PATTERN = "^[0-9a-f]{32}$"
ItemId = Annotated[str, Path(pattern=_PATTERN, examples=[examples.ITEM])]
DossierId = Annotated[str, Path(pattern=_PATTERN, examples=[examples.DOSSIER])]

_ONE = problems(edge.Unauthorized, edge.InvalidRequest, core.NotFound, core.StoreUnavailable)
_LIST = problems(edge.Unauthorized, edge.InvalidRequest, core.BadCursor, core.StoreUnavailable)
_PACKAGE: dict[int | str, dict[str, Any]] = {
    200: package_answer(examples.PACKAGES),
    **problems(
        edge.Unauthorized,
        edge.InvalidRequest,
        core.InvalidRecord,
        core.NotFound,
        core.NotPermitted,
        core.OutOfSequence,
        core.RecordErased,
        core.ExchangeKeyUnknown,
        core.StoreUnavailable,
        core.VaultUnreadable,
    ),
}


@router.get("/items", tags=["items"], dependencies=[Depends(once_each)], responses=_LIST)
def list_items(narrowed: Annotated[Mine, Query()], caller: CurrentCaller, gateway: CurrentGateway) -> views.ItemPage:
    """Items that concern the party, newest first, narrowed by any of the conditions together."""
    return gateway.items(caller, narrowed.to_filter())


@router.get("/items/{item}", tags=["items"], dependencies=[Depends(no_query)], responses=_ONE)
def get_item(item: ItemId, caller: CurrentCaller, gateway: CurrentGateway) -> views.ItemView:
    """One item: its steps, verdict, cases and assurance, and the party's own events on their way."""
    return gateway.item(caller, item)


@router.delete(
    "/items/{item}/record",
    tags=["items"],
    status_code=202,
    dependencies=[Depends(no_query)],
    responses=problems(
        edge.Unauthorized,
        edge.InvalidRequest,
        core.NotFound,
        core.NotPermitted,
        core.QueueFull,
        core.StoreUnavailable,
        core.VaultUnreadable,
    ),
)
def delete_record(item: ItemId, caller: CurrentCaller, gateway: CurrentGateway) -> ErasureView:
    """
    Erase the party's own record of an item: its secret, keys and values, for good. Its steps stay on the ledger.

    Nothing of it can be read once this answers; ask again to see when the database's files were written anew, and when
    the ledger had the step that says so. With a dossier's last item its claim and its renewal go too, and of a lens
    from stock its unit: a glassmaker erases that by the item which the ledger shows drawn from its lot. The record of
    another party is for that party to erase: `may_still_open` names those that were given one, or held the lot.
    """
    return gateway.erase(caller, item)


@router.get(
    "/items/{item}/package",
    tags=["packages"],
    dependencies=[Depends(once_each)],
    response_class=JSONResponse,
    responses=_PACKAGE,
)
def get_item_package(
    item: ItemId, recipient: Annotated[Recipient, Query()], caller: CurrentCaller, gateway: CurrentGateway
) -> Response:
    """What one partner may hold of one item: keys, values and signed steps. Hand it over as it is."""
    if recipient.form == "sealed":
        return Response(gateway.sealed_package(caller, recipient.for_, item=item), media_type=JOSE)
    return JSONResponse(dict(gateway.item_package(caller, item, recipient.for_)))


@router.get("/dossiers", tags=["dossiers"], dependencies=[Depends(once_each)], responses=_LIST)
def list_dossiers(
    narrowed: Annotated[Mine, Query()], caller: CurrentCaller, gateway: CurrentGateway
) -> views.DossierPage:
    """Dossiers that concern the party, newest first, narrowed by any of the conditions together."""
    return gateway.dossiers(caller, narrowed.to_filter())


@router.get("/dossiers/{dossier}", tags=["dossiers"], dependencies=[Depends(no_query)], responses=_ONE)
def get_dossier(dossier: DossierId, caller: CurrentCaller, gateway: CurrentGateway) -> views.DossierView:
    """One dossier: its items, its own steps, and the worst verdict among them."""
    return gateway.dossier(caller, dossier)


@router.get(
    "/dossiers/{dossier}/openings",
    tags=["dossiers"],
    dependencies=[Depends(no_query)],
    responses={
        200: answer_shown(dossier_examples.OPENINGS),
        **problems(edge.Unauthorized, edge.InvalidRequest, core.NotFound, core.StoreUnavailable, core.VaultUnreadable),
    },
)
def get_openings(dossier: DossierId, caller: CurrentCaller, gateway: CurrentGateway) -> OpeningList:
    """
    The values that the party holds of a dossier: its own, and those that were opened to it.

    An insurer finds here what it is asked to cover, an optician what was granted. The access log notes the groups.
    """
    return gateway.openings(caller, dossier)


@router.get(
    "/dossiers/{dossier}/package",
    tags=["packages"],
    dependencies=[Depends(once_each)],
    response_class=JSONResponse,
    responses=_PACKAGE,
)
def get_dossier_package(
    dossier: DossierId,
    recipient: Annotated[Recipient, Query()],
    caller: CurrentCaller,
    gateway: CurrentGateway,
) -> Response:
    """What one partner may hold of a whole dossier: keys, values and signed steps. Hand it over as it is."""
    if recipient.form == "sealed":
        return Response(gateway.sealed_package(caller, recipient.for_, dossier=dossier), media_type=JOSE)
    return JSONResponse(dict(gateway.dossier_package(caller, dossier, recipient.for_)))
