"""Serve one gateway: the API, and its worker beside it."""

import logging
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import structlog
import uvicorn
from fastapi import FastAPI

from app import failpoints
from app.api.app import create_app
from app.chain.signer import UnsafeKeyFile
from app.settings import Settings
from app.wiring import HostedGateway, build


def main() -> None:
    """Read the settings, start, and serve until a signal ends it."""
    settings = Settings.from_environment()
    _log_as_json(settings.log_level)
    try:
        gateway = build(settings)
    except UnsafeKeyFile as error:
        sys.exit(f"optitrace: {error}")
    if settings.failpoint is not None and gateway.ground.network.development:
        failpoints.arm(settings.failpoint)
    app = create_app(gateway, production=not gateway.ground.network.development)
    app.router.lifespan_context = _lifespan(gateway, worker=settings.worker)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=10,
        h11_max_incomplete_event_size=32 * 1024,
    )


def _lifespan(gateway: HostedGateway, *, worker: bool) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if worker:
            gateway.start()
        yield
        gateway.stop()

    return lifespan


def _log_as_json(level: str) -> None:
    """One JSON object a line on standard error; nothing of a request but its route, status and party."""
    number = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    main()
