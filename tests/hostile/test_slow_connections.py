"""Connections that send next to nothing keep nobody waiting, and are given up."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from app.api.app import create_app
from app.api.connections import MOST_CONNECTIONS, TimedConnection
from tests.api.fake import OPTICIAN, FakeGateway
from tests.api.serving import served

SLOW = 50
PATIENCE = 10
"""Seconds."""


class Impatient(TimedConnection):
    """The same connection, whose time is up while a test watches."""

    header_seconds = 0.5


def head(line: str, *headers: str) -> bytes:
    return "\r\n".join([line, "Host: gateway", *headers, "", ""]).encode()


BODY = ("Content-Type: application/json", "Content-Length: 1000")
NOTHING = b""
HALF_A_HEAD = b"GET /v1/status HTTP/1.1\r\nHost: gate"
A_BODY_TO_COME = head("POST /v1/events HTTP/1.1", f"Authorization: Bearer {OPTICIAN}", *BODY)
A_BODY_FROM_NOBODY = head("POST /v1/events HTTP/1.1", *BODY)
A_SEALED_BODY = head("POST /v1/exchange HTTP/1.1", "Content-Type: application/jose", "Content-Length: 1000")
A_SEALED_BODY_IN_PARTS = head(
    "POST /v1/exchange HTTP/1.1", "Content-Type: application/jose", "Transfer-Encoding: chunked"
)
A_SECOND_HEAD = head("GET /healthz HTTP/1.1") + HALF_A_HEAD


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    app = create_app(FakeGateway(), production=False, body_seconds=0.5)
    with served(app, http=Impatient) as found:
        yield found


def connect(stack: ExitStack, client: httpx.Client) -> socket.socket:
    url = client.base_url
    return stack.enter_context(socket.create_connection((url.host, url.port or 80), PATIENCE))


def answered(client: httpx.Client) -> None:
    """Somebody else is served, and well within the time that the slow ones take up."""
    with httpx.Client(base_url=client.base_url, timeout=PATIENCE) as other:
        headers = {"Authorization": f"Bearer {OPTICIAN}"}
        assert other.get("/v1/status", headers=headers).status_code == 200


def is_given_up(connection: socket.socket, drip: bytes) -> bytes:
    """All that comes back until the other side closes, while a byte is sent now and then."""
    back, end = b"", time.monotonic() + PATIENCE
    connection.settimeout(0.05)
    while time.monotonic() < end:
        try:
            connection.sendall(drip)
            piece = connection.recv(4096)
        except TimeoutError:
            continue
        except (BrokenPipeError, ConnectionResetError):
            return back
        if not piece:
            return back
        back += piece
    raise AssertionError("the connection is still open")


@pytest.mark.parametrize(
    "sent",
    [NOTHING, HALF_A_HEAD, A_BODY_TO_COME, A_BODY_FROM_NOBODY, A_SEALED_BODY, A_SEALED_BODY_IN_PARTS, A_SECOND_HEAD],
    ids=[
        "nothing",
        "half a head",
        "a body to come",
        "a body from nobody",
        "a sealed body",
        "a sealed body in parts",
        "a second head",
    ],
)
def test_many_slow_connections_keep_nobody_waiting_and_are_given_up(client: httpx.Client, sent: bytes) -> None:
    with ExitStack() as stack:
        slow = [connect(stack, client) for _ in range(SLOW)]
        for connection in slow:
            connection.sendall(sent)
        answered(client)
        drip = b"1\r\ne\r\n" if sent is A_SEALED_BODY_IN_PARTS else b"x" if sent else b""
        back = is_given_up(slow[0], drip)

        if sent in (A_BODY_TO_COME, A_SEALED_BODY, A_SEALED_BODY_IN_PARTS):
            assert back.startswith(b"HTTP/1.1 408")
        elif sent is A_BODY_FROM_NOBODY:
            assert back.startswith(b"HTTP/1.1 401")
        answered(client)


def test_a_connection_that_is_at_work_is_not_given_up(client: httpx.Client) -> None:
    with httpx.Client(base_url=client.base_url, timeout=PATIENCE) as one:
        ports = set()
        for _ in range(4):
            answer = one.get("/healthz")
            ports.add(answer.extensions["network_stream"].get_extra_info("client_addr"))
            time.sleep(0.2)

    assert len(ports) == 1


def test_more_connections_than_are_served_are_told_so_and_the_next_is_served_again() -> None:
    with served(create_app(FakeGateway(), production=False), limit_concurrency=4) as client, ExitStack() as stack:
        crowd = [connect(stack, client) for _ in range(8)]
        assert client.get("/healthz").status_code == 503
        for connection in crowd:
            connection.close()
        end = time.monotonic() + PATIENCE
        while client.get("/healthz").status_code != 200:
            assert time.monotonic() < end


def test_the_gateway_serves_fewer_connections_than_it_may_open_files() -> None:
    assert SLOW < MOST_CONNECTIONS < 1024
