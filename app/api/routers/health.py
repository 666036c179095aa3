"""For whoever runs the gateway: is it up, is it ready, what does it count. No key, and no identifiers."""

from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Depends, Request, Response

from app.api import examples
from app.api.deps import CurrentGateway, open_to_all
from app.api.metrics import CONTENT_TYPE, Metrics
from app.api.openapi import answer_shown
from app.api.problems import problems

router = APIRouter(tags=["operation"], dependencies=[Depends(open_to_all)])


@dataclass(frozen=True, slots=True)
class Health:
    """The process answers."""

    status: Literal["serving"]


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the gateway does all its work, and what it lacks otherwise."""

    ready: bool
    detail: str


@router.get("/healthz", responses={200: answer_shown(examples.HEALTH), **problems()})
async def get_health() -> Health:
    """Answers as long as the process serves; asks nothing else."""
    return Health("serving")


@router.get(
    "/readyz",
    responses={
        200: answer_shown(examples.READY),
        503: {"model": Readiness, "description": "Not all of its work; `detail` says what it lacks"},
        **problems(),
    },
)
def get_readiness(gateway: CurrentGateway, response: Response) -> Readiness:
    """Whether the chain answers, is the one pinned, and is read up to within a few blocks."""
    ready, detail = gateway.readiness()
    response.status_code = 200 if ready else 503
    return Readiness(ready, detail)


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}, "examples": examples.METRICS}}},
        **problems(),
    },
)
def get_metrics(request: Request) -> Response:
    """Counts for a monitor, in the Prometheus text format."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(), media_type=CONTENT_TYPE)
