"""A real server for a test: the API on a port of its own, in a thread."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from app.api.connections import SERVER

START_SECONDS = 10


@contextmanager
def served(app: FastAPI, **changed: Any) -> Iterator[httpx.Client]:
    """Serve `app` as the gateway does, but for what is `changed` of its options, and give a client of it."""
    # With its protocol named, as the server's own: else Nagle's delay of 40 ms is added to every answer.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, **{**SERVER, "lifespan": "off", **changed})
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            transport = httpx.HTTPTransport(retries=START_SECONDS)
            port = listener.getsockname()[1]
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=60) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(START_SECONDS)
