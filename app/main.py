"""Serve one gateway: the API, and its worker beside it unless that runs in a process of its own."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import uvicorn
from fastapi import FastAPI

from app import failpoints
from app.api.app import create_app
from app.api.connections import SERVER
from app.api.limits import Gate, Rate
from app.logs import log_as_json
from app.settings import Settings
from app.starting import CANNOT_START, build, metrics_token, reason
from app.wiring import HostedGateway


def main() -> None:
    """Read the settings, start, and serve until a signal ends it."""
    try:
        settings = Settings.from_environment()
        log_as_json(settings.log_level)
        token = metrics_token(settings)
        gateway = build(settings)
    except CANNOT_START as error:
        sys.exit(f"optitrace: {reason(error)}")
    if settings.failpoint is not None and gateway.ground.network.development:
        failpoints.arm(settings.failpoint)
    gate = Gate(Rate(settings.rate_per_second, settings.burst))
    production = not gateway.ground.network.development
    app = create_app(gateway, production=production, gate=gate, metrics_token=token)
    app.router.lifespan_context = _lifespan(gateway)
    uvicorn.run(app, host=settings.host, port=settings.port, **SERVER)


def _lifespan(gateway: HostedGateway) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        gateway.start()
        yield
        gateway.stop()

    return lifespan


if __name__ == "__main__":
    main()
