"""What comes in from partners: packages taken in, and the inbox."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app import errors as core
from app.api import errors as edge
from app.api import examples
from app.api.deps import (
    LARGE_BODY,
    CurrentCaller,
    CurrentGateway,
    PostedPackage,
    announced_within,
    no_query,
    once_each,
)
from app.api.openapi import body_of
from app.api.problems import problems
from app.api.schemas.queries import Page
from app.queries import views

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
    """Packages taken in and other parties' steps that name this one, oldest first."""
    return gateway.inbox(caller, page.to_filter())
