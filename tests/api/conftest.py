"""The API in front of a gateway in memory, served on a real socket."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from app.api.app import create_app
from tests.api.fake import OPTICIAN, FakeGateway
from tests.api.serving import served
from tests.support.quiet import quiet as quiet

SOON = 10
"""Seconds."""


@dataclass(frozen=True)
class Api:
    """A served API: its client, and the gateway behind it."""

    client: httpx.Client
    gateway: FakeGateway

    @classmethod
    def serve(cls) -> Iterator["Api"]:
        """Serve a fresh gateway until the iterator is taken up again."""
        gateway = FakeGateway()
        with served(create_app(gateway, production=False)) as client:
            yield cls(client, gateway)

    def send(self, method: str, path: str, key: str | None = OPTICIAN, **more: Any) -> httpx.Response:
        """Send a request with the API key of one party, or without any."""
        headers = dict(more.pop("headers", {}))
        if key is not None:
            headers.setdefault("Authorization", f"Bearer {key}")
        return self.client.request(method, path, headers=headers, **more)

    def settled(self, true: Callable[[], bool]) -> bool:
        """Whether `true` becomes true soon: a request is noted once its answer has left."""
        end = time.monotonic() + SOON
        while not true() and time.monotonic() < end:
            time.sleep(0.005)
        return true()

    def post(self, path: str, body: bytes, key: str | None = OPTICIAN) -> httpx.Response:
        """Post bytes as JSON."""
        return self.send("POST", path, key, content=body, headers={"Content-Type": "application/json"})


@pytest.fixture(scope="session")
def serving() -> Iterator[Api]:
    """One served API for all tests; its gateway forgets between them."""
    yield from Api.serve()


@pytest.fixture
def api(serving: Api) -> Api:
    """The API, with a gateway that has seen nothing yet."""
    serving.gateway.forget()
    return serving


@pytest.fixture
def uncounted() -> Iterator[Api]:
    """An API of its own, whose counts begin at zero."""
    yield from Api.serve()
