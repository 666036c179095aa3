"""Posting events and following them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from app import errors as core
from app.api import errors as edge
from app.api import examples
from app.api.deps import (
    LARGE_BODY,
    CurrentCaller,
    CurrentGateway,
    CurrentIdempotency,
    LargePosted,
    PostedEvents,
    announced_within,
    no_query,
    once_each,
)
from app.api.openapi import body_of
from app.api.problems import problems
from app.api.schemas.queries import Wait
from app.api.waiting import Waiting, settled
from app.queries import views

router = APIRouter(prefix="/v1/events", tags=["events"])

EventId = Annotated[
    str,
    Path(pattern="^[A-Za-z0-9_-]{1,64}$", examples=[examples.EVENT]),
]


@dataclass(frozen=True, slots=True)
class Events:
    """The events of one request, in the order they were sent."""

    events: list[views.EventView]


@router.post(
    "",
    status_code=202,
    dependencies=[Depends(announced_within(LARGE_BODY)), Depends(once_each)],
    openapi_extra=body_of("events", examples.EVENTS),
    responses={
        200: {"model": Events, "description": "With `wait`: all are anchored or refused"},
        202: {"description": "Durable here and on their way to the chain"},
        **problems(
            *edge.BODY_ERRORS,
            edge.TooManyEvents,
            core.InvalidRecord,
            core.NotPermitted,
            core.PartySuspended,
            core.NotFound,
            core.OutOfSequence,
            core.AlreadyRecorded,
            core.IdempotencyConflict,
            core.PackageMissing,
            core.QueueFull,
            core.RecordErased,
            core.StoreUnavailable,
            core.VaultUnreadable,
        ),
    },
)
async def post_events(
    request: Request,
    response: Response,
    posted: LargePosted,
    wait: Annotated[Wait, Query()],
    idempotency: CurrentIdempotency,
    events: PostedEvents,
    gateway: CurrentGateway,
) -> Events:
    """
    Accept one event, or a list of 1 to 1,000: all or none.

    Each is signed at once and durable when this returns; it is on its way to the chain then, not yet on it. A
    chain that is down keeps nothing from being accepted. `GET /v1/events/{event}` tells what became of one.
    """
    accepted = await run_in_threadpool(gateway.record_events, posted.caller, events, idempotency)
    if wait.wait is None:
        return Events(accepted)
    waiting: Waiting = request.app.state.waiting
    seen = await waiting.until_settled(posted.caller, accepted, request.is_disconnected)
    response.status_code = 200 if settled(seen) else 202
    return Events(list(seen))


@router.get(
    "/{event}",
    dependencies=[Depends(no_query)],
    responses=problems(edge.Unauthorized, edge.InvalidRequest, core.NotFound, core.StoreUnavailable),
)
def get_event(event: EventId, caller: CurrentCaller, gateway: CurrentGateway) -> views.EventView:
    """
    One event of the party: accepted, submitted, anchored (block and transaction), or refused, which is final.

    An event of another party is answered as if there were none.
    """
    return gateway.event(caller, event)
