"""Everything that a gateway answers and writes, as bytes that can be searched."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from app.logs import log_as_json

CLIENTS_OWN = ("httpx", "httpcore")


def told(answer: httpx.Response) -> bytes:
    """Everything of an answer but its length, which may be any number, a correction in hundredths too."""
    *head, content = parts_of(answer)
    return b"\n".join([*head, b"", content])


def parts_of(answer: httpx.Response) -> list[bytes]:
    """Each header of an answer but its length, and last the body."""
    head = [name + b": " + value for name, value in answer.headers.raw if name.lower() != b"content-length"]
    return [*head, answer.content]


class Heard:
    """Before an application: notes the address of each request, as whoever asked wrote it."""

    def __init__(self, app: ASGIApp, urls: set[bytes]) -> None:
        self._app = app
        self._urls = urls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does."""
        if scope["type"] == "http":
            self._urls.add(scope["raw_path"] + b"?" + scope["query_string"])
        await self._app(scope, receive, send)


@contextmanager
def debugging(*but: str) -> Iterator[io.StringIO]:
    """Log as a gateway does that is set to `debug`, and everything that the libraries say besides `but` these."""
    written, before, root = io.StringIO(), structlog.get_config(), logging.getLogger()
    handler, level = logging.StreamHandler(written), root.level
    for name in (*CLIENTS_OWN, *but):
        logging.getLogger(name).setLevel(logging.WARNING)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", written)
        log_as_json("debug")
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            yield written
        finally:
            root.setLevel(level)
            root.removeHandler(handler)
            structlog.configure(**before)
