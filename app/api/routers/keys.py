"""The API keys of the caller's own party."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from app import errors as core
from app.api import errors as edge
from app.api import examples
from app.api.deps import (
    SMALL_BODY,
    CurrentCaller,
    CurrentGateway,
    PostedKeyTerms,
    PostedRenewal,
    announced_within,
    no_query,
    once_each,
)
from app.api.openapi import body_of
from app.api.problems import problems
from app.api.schemas.queries import Page
from app.queries.access_views import KeyPage, KeyView, NewKeyView

router = APIRouter(prefix="/v1/keys", tags=["keys"])

KeyId = Annotated[str, Path(pattern="^[0-9a-f]{8}$", examples=[examples.KEY])]


@router.get(
    "",
    dependencies=[Depends(once_each)],
    responses=problems(
        edge.Unauthorized, edge.InvalidRequest, core.BadCursor, core.NotPermitted, core.StoreUnavailable
    ),
)
def list_keys(page: Annotated[Page, Query()], caller: CurrentCaller, gateway: CurrentGateway) -> KeyPage:
    """The party's API keys, newest first, those that ended included: who holds each, and when it was last used."""
    return gateway.keys(caller, page.to_filter())


@router.post(
    "",
    status_code=201,
    dependencies=[Depends(announced_within(SMALL_BODY)), Depends(no_query)],
    openapi_extra=body_of("key", examples.KEYS),
    responses=problems(
        *edge.BODY_ERRORS,
        core.InvalidRecord,
        core.NotPermitted,
        core.KeyRefused,
        core.QueueFull,
        core.StoreUnavailable,
    ),
)
def post_key(caller: CurrentCaller, terms: PostedKeyTerms, gateway: CurrentGateway) -> NewKeyView:
    """Make an API key for the party. The answer is the only time that it is shown."""
    return gateway.create_key(caller, terms)


_CHANGE = (core.NotPermitted, core.NotFound, core.KeyRefused, core.QueueFull, core.StoreUnavailable)


@router.post(
    "/{key}/rotate",
    dependencies=[Depends(announced_within(SMALL_BODY)), Depends(no_query)],
    openapi_extra=body_of("rotation", examples.ROTATIONS),
    responses=problems(*edge.BODY_ERRORS, core.InvalidRecord, *_CHANGE),
)
def rotate_key(key: KeyId, caller: CurrentCaller, renewal: PostedRenewal, gateway: CurrentGateway) -> NewKeyView:
    """
    Give a key a new secret, shown this once; its id, label and scope stay.

    The secret it had is no good any more at once, or after `overlap_seconds`.
    """
    return gateway.rotate_key(caller, key, renewal)


@router.delete(
    "/{key}",
    dependencies=[Depends(no_query)],
    responses=problems(edge.Unauthorized, edge.InvalidRequest, *_CHANGE),
)
def delete_key(key: KeyId, caller: CurrentCaller, gateway: CurrentGateway) -> KeyView:
    """
    End a key, at once and for good; it stays in the list.

    The last active key of scope `all` cannot be ended here, or nobody could make another: the gateway's operator can.
    """
    return gateway.revoke_key(caller, key)
