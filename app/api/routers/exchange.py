"""What comes in from partners and goes out to them: packages that clients carry, and those that gateways exchange."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from app import errors as core
from app.api import errors as edge
from app.api import examples
from app.api.deps import (
    LARGE_BODY,
    SEALED_BODY,
    CurrentCaller,
    CurrentGateway,
    PostedPackage,
    PostedSealed,
    announced_within,
    no_query,
    once_each,
    open_to_all,
)
from app.api.limits import Gate
from app.api.openapi import JOSE, body_of, sealed_body
from app.api.problems import problems
from app.api.schemas.queries import Page
from app.queries import views
from app.queries.exchange_views import IncomingPage, OutgoingPage

router = APIRouter(prefix="/v1")


@router.post(
    "/packages",
    tags=["packages"],
    status_code=201,
    dependencies=[Depends(announced_within(LARGE_BODY)), Depends(no_query)],
    openapi_extra=body_of("package", examples.PACKAGES),
    responses=problems(
        *edge.BODY_ERRORS,
        core.PackageRefused,
        core.ProofRejected,
        core.RecordErased,
        core.StoreUnavailable,
        core.VaultUnreadable,
    ),
)
def post_package(caller: CurrentCaller, package: PostedPackage, gateway: CurrentGateway) -> views.PackageReceipt:
    """
    Take in what a partner handed over, also before the ledger shows its steps.

    Signatures and openings are checked; what does not lead to the signed steps is refused whole, with the
    reason.
    """
    return gateway.take_package(caller, package)


@router.get(
    "/inbox",
    tags=["packages"],
    dependencies=[Depends(once_each)],
    responses=problems(edge.Unauthorized, edge.InvalidRequest, core.BadCursor, core.StoreUnavailable),
)
def list_inbox(page: Annotated[Page, Query()], caller: CurrentCaller, gateway: CurrentGateway) -> views.InboxPage:
    """
    Packages taken in, other parties' steps that name this one, and units of its lots that others erased; oldest first.
    """
    return gateway.inbox(caller, page.to_filter())


_LIST = problems(edge.Unauthorized, edge.InvalidRequest, core.BadCursor, core.StoreUnavailable)


@router.post(
    "/exchange",
    tags=["packages"],
    dependencies=[Depends(open_to_all), Depends(announced_within(SEALED_BODY))],
    openapi_extra=sealed_body(examples.SEALED),
    response_class=Response,
    responses={
        200: {"description": "The receipt, signed", "content": {JOSE: {"schema": {"type": "string"}}}},
        204: {"description": "A receipt was taken in"},
        **problems(
            core.NotSealed,
            core.AlgorithmRefused,
            core.ExchangeKeyUnknown,
            core.SealBroken,
            core.WrongRecipient,
            core.PackageAltered,
            core.SignerUnknown,
            core.NotFound,
            core.QueueFull,
            core.StoreUnavailable,
            core.VaultUnreadable,
            edge.TooLarge,
            edge.UnsupportedMedia,
            edge.SlowRequest,
            edge.Crowded,
        ),
    },
)
async def post_exchange(request: Request, sealed: PostedSealed, gateway: CurrentGateway) -> Response:
    """
    Take in what another gateway sent: a sealed package, or a receipt for one of this gateway's own.

    No key of the API is asked for: the signature inside says who wrote it. A package that could be opened is answered
    with a signed receipt, accepted or refused; the same package gets the same receipt, however often it comes. More
    from one sender to one party than is taken in gets 429.
    """
    gate: Gate = request.app.state.gate
    receipt = await run_in_threadpool(gateway.receive, sealed, gate.let_in_letter)
    return Response(status_code=204) if receipt is None else Response(receipt, media_type=JOSE)


@router.get("/exchange/outbox", tags=["packages"], dependencies=[Depends(once_each)], responses=_LIST)
def list_outgoing(page: Annotated[Page, Query()], caller: CurrentCaller, gateway: CurrentGateway) -> OutgoingPage:
    """Packages that go to partners by themselves, oldest first: their receipts, and what the others wait for."""
    return gateway.outgoing(caller, page.to_filter())


@router.get("/exchange/inbox", tags=["packages"], dependencies=[Depends(once_each)], responses=_LIST)
def list_incoming(page: Annotated[Page, Query()], caller: CurrentCaller, gateway: CurrentGateway) -> IncomingPage:
    """Sealed packages that came in, oldest first: unconfirmed until the ledger shows or contradicts their steps."""
    return gateway.incoming(caller, page.to_filter())
