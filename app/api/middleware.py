"""
What surrounds every request: an id, headers, one log line, one count, and an answer when our own code fails.

The log line names the route's template, never the path or the query, for identifiers and references stand
there.
"""

import secrets
import time
import traceback
from collections.abc import Mapping
from typing import Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.connections import LONGEST_HEAD
from app.api.errors import HeadTooLarge, Unexpected
from app.api.metrics import Metrics
from app.api.problems import code_of, response_of

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every answer that does not set them itself."""

TRANSPORT_SECURITY = "max-age=63072000; includeSubDomains"
_CLIENT_LEFT = 499

log = structlog.stdlib.get_logger("app.api")


class Surroundings:
    """The outermost layer of ours around the API. `production` says that TLS is in front of it."""

    def __init__(self, app: ASGIApp, metrics: Metrics, production: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._headers = dict(HEADERS)
        if production:
            self._headers["Strict-Transport-Security"] = TRANSPORT_SECURITY

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request_id"] = secrets.token_hex(8)
        began = time.perf_counter()
        status = await self._answer(scope, receive, send)
        self._note(scope, status, time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> int:
        """Let the request be answered, and give the status that was sent."""
        status = 0

        async def send_dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = scope["state"]["request_id"]
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            if _head_size(scope) > LONGEST_HEAD:
                refused = HeadTooLarge(f"address and headers are longer than {LONGEST_HEAD} bytes")
                scope["state"]["code"] = code_of(refused)
                await response_of(refused, scope["state"]["request_id"])(scope, receive, send_dressed)
            else:
                await self._app(scope, receive, send_dressed)
        except ClientDisconnect:
            return _CLIENT_LEFT
        except Exception as error:  # noqa: BLE001  # whatever it is, the answer holds not a word of it
            log.error("failed", request=scope["state"]["request_id"], **_place(error))
            if status == 0:
                failed = response_of(Unexpected("the gateway failed to answer"), scope["state"]["request_id"])
                await failed(scope, receive, send_dressed)
        return status

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        state, route = scope["state"], getattr(scope.get("route"), "path", "unmatched")
        self._metrics.count(scope["method"], route, status, seconds)
        log.info(
            "request",
            method=self._metrics.method(scope["method"]),
            route=route,
            status=status,
            code=state.get("code"),
            party=state.get("party"),
            key=state.get("key"),
            request=state["request_id"],
            milliseconds=round(seconds * 1000, 1),
        )


def _head_size(scope: Scope) -> int:
    """Bytes of the address and the headers of a request."""
    headers = sum(len(name) + len(value) for name, value in scope["headers"])
    return headers + len(scope["raw_path"]) + len(scope["query_string"])


def _place(error: Exception) -> dict[str, object]:
    """Where `error` was raised and of what type; its message may hold a value, so it stays out."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
    return {"error": type(error).__name__, "places": places}
