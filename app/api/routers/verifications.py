"""Checking a dossier."""

from fastapi import APIRouter, Depends

from app import errors as core
from app.api import errors as edge
from app.api import examples
from app.api.deps import (
    SMALL_BODY,
    CurrentCaller,
    CurrentGateway,
    PostedVerification,
    announced_within,
    no_query,
)
from app.api.openapi import body_of
from app.api.problems import problems
from app.queries import views

router = APIRouter(prefix="/v1/verifications", tags=["verifications"])


@router.post(
    "",
    dependencies=[Depends(announced_within(SMALL_BODY)), Depends(no_query)],
    openapi_extra=body_of("verification", examples.VERIFICATIONS),
    responses=problems(
        *edge.BODY_ERRORS,
        core.InvalidRecord,
        core.NotFound,
        core.NotPermitted,
        core.PartySuspended,
        core.OutOfSequence,
        core.AlreadyRecorded,
        core.PackageMissing,
        core.QueueFull,
        core.RecordErased,
        core.StoreUnavailable,
        core.VaultUnreadable,
    ),
)
def post_verification(
    caller: CurrentCaller, check: PostedVerification, gateway: CurrentGateway
) -> views.VerificationView:
    """
    Check a dossier from the index, without waiting for the chain.

    The ledger verdict follows from public steps; the claim verdict from opening what the caller gives, or has
    been given. With `record` (the named insurer only) a `verified` event with the answer is queued together
    with it.
    """
    return gateway.verify(caller, check)
