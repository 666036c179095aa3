"""The application: routers, what surrounds them, and how failures are answered."""

from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from app.api.docs import docs_router
from app.api.errors import InvalidRequest, MethodNotAllowed, NoSuchRoute
from app.api.faults import MAX_FAULTS, parameter_faults
from app.api.limits import Gate, Rate, Room
from app.api.metrics import Metrics
from app.api.middleware import Surroundings
from app.api.openapi import DESCRIPTION, describe
from app.api.problems import code_of, response_of
from app.api.routers import access, events, exchange, health, keys, network, subjects, verifications
from app.api.waiting import Waiting
from app.errors import OptiTraceError
from app.queries.gateway import Gateway

BODY_SECONDS: Final = 30


def create_app(
    gateway: Gateway,
    *,
    production: bool,
    body_seconds: float = BODY_SECONDS,
    gate: Gate | None = None,
    metrics_token: str | None = None,
) -> FastAPI:
    """
    The API of `gateway`; a body that takes longer than `body_seconds` to come is refused, and so is what `gate` does
    not let in. The counts are for whoever shows `metrics_token`; without one, for whoever asks from this machine.

    In `production` there is TLS in front and no documentation page: it is for those who try things out.
    """
    app = FastAPI(
        title="OptiTrace gateway",
        version="1",
        description=DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.gateway = gateway
    app.state.body_seconds = body_seconds
    app.state.gate = gate or Gate(Rate())
    app.state.room = Room()
    app.state.metrics_token = metrics_token
    app.state.waiting = Waiting(gateway)
    app.state.metrics = Metrics(gateway.measures)
    for router in (events, subjects, verifications, exchange, network, keys, access, health):
        app.include_router(router.router)
    if not production:
        _add_documentation(app)
    _answer_failures(app)
    app.add_middleware(Surroundings, metrics=app.state.metrics, production=production)
    return app


def _add_documentation(app: FastAPI) -> None:
    app.include_router(docs_router())

    @app.get("/openapi.json", include_in_schema=False)
    def get_openapi_document() -> JSONResponse:
        """The OpenAPI document."""
        return JSONResponse(describe(app))


def _answer_failures(app: FastAPI) -> None:
    """Answer every failure that we understand as problem details, those of the framework included."""

    def answer(request: Request, error: OptiTraceError) -> Response:
        request.state.code = code_of(error)
        return response_of(error, request.state.request_id)

    @app.exception_handler(OptiTraceError)
    async def answer_ours(request: Request, error: OptiTraceError) -> Response:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def answer_invalid(request: Request, error: RequestValidationError) -> Response:
        return answer(request, InvalidRequest(parameter_faults(error.errors())[:MAX_FAULTS]))

    @app.exception_handler(HTTPException)
    async def answer_unrouted(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return answer(request, NoSuchRoute("no operation lives at this path"))
        if error.status_code == 405:
            response = answer(request, MethodNotAllowed("the path has no operation of this method"))
            response.headers["Allow"] = ", ".join(sorted(_methods_at(app, request.scope["route"].path)))
            return response
        raise error


def _methods_at(app: FastAPI, path: str) -> set[str]:
    """The methods of all operations at a path; the router itself names only those of the first."""
    return {method for route in iter_route_contexts(app.routes) if route.path == path for method in route.methods or ()}
