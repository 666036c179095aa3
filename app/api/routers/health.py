"""For whoever runs the gateway: is it up, is it ready, what does it count. No key, and no identifiers."""

import hmac
import ipaddress
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Depends, Request, Response

from app.api import errors as edge
from app.api import gateway_examples
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


@router.get("/healthz", responses={200: answer_shown(gateway_examples.HEALTH), **problems()})
async def get_health() -> Health:
    """Answers as long as the process serves; asks nothing else."""
    return Health("serving")


@router.get(
    "/readyz",
    responses={
        200: answer_shown(gateway_examples.READY),
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
        200: {"content": {"text/plain": {"schema": {"type": "string"}, "examples": gateway_examples.METRICS}}},
        **problems(edge.Unauthorized),
    },
)
def get_metrics(request: Request) -> Response:
    """
    Counts for a monitor, in the Prometheus text format.

    They are those of all parties here together, and so for whoever runs the gateway: with the monitor's token as the
    bearer, or asked from the same machine where there is no token.
    """
    _check_monitor(request)
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(), media_type=CONTENT_TYPE)


def _check_monitor(request: Request) -> None:
    """
    Raise Unauthorized unless the request shows the token; where there is none, unless it comes from this machine.

    What a proxy forwards comes from this machine too, but says in a header that it was forwarded.
    """
    token: str | None = request.app.state.metrics_token
    if token is None:
        forwarded = any(name == "forwarded" or name.startswith("x-forwarded-") for name in request.headers)
        allowed = not forwarded and request.client is not None and _is_local(request.client.host)
    else:
        shown = request.headers.getlist("authorization")
        allowed = len(shown) == 1 and hmac.compare_digest(shown[0].encode(), f"Bearer {token}".encode())
    if not allowed:
        raise edge.Unauthorized(
            "the counts are for whoever runs this gateway", "header authorization", "Show the monitor's token."
        )


def _is_local(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
