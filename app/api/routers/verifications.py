"""Checking a dossier, and what changed after a check."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

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
    once_each,
)
from app.api.openapi import body_of
from app.api.problems import problems
from app.api.schemas.queries import Told
from app.queries import views
from app.queries.verdict_views import VerdictChangePage

router = APIRouter(prefix="/v1", tags=["verifications"])


@router.post(
    "/verifications",
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


@router.get(
    "/verdict-changes",
    dependencies=[Depends(once_each)],
    responses=problems(edge.Unauthorized, edge.InvalidRequest, core.BadCursor, core.StoreUnavailable),
)
def list_verdict_changes(
    narrowed: Annotated[Told, Query()], caller: CurrentCaller, gateway: CurrentGateway
) -> VerdictChangePage:
    """
    What changed in dossiers after the party's own recorded checks of them, oldest first.

    Each time the ledger verdict or the set of cases is another than the party was told, by its check or by the change
    before, there is one entry, with the step that changed it; and one for each error that it could not know when it
    checked, though it changes nothing. What the party alone saw by opening stays its own.
    """
    return gateway.verdict_changes(caller, narrowed.to_filter())
