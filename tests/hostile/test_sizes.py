"""What is too large is refused before anything is spent on it: packed bodies, heads, and lengths that cannot be."""

import gzip
import resource
import socket
import zlib
from collections.abc import Iterator

import httpx
import pytest

from app.api.app import create_app
from app.api.connections import LONGEST_HEAD
from app.api.deps import LARGE_BODY
from tests.api.fake import OPTICIAN, FakeGateway
from tests.api.serving import served

MEBIBYTE = 1024 * 1024
PATHS = ("/v1/events", "/v1/packages", "/v1/verifications", "/v1/keys")
HEAD = 64 * 1024


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
def client(gateway: FakeGateway) -> Iterator[httpx.Client]:
    with served(create_app(gateway, production=False)) as found:
        yield found


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """128 MiB of zeros, packed; never all of them in memory."""
    packing = zlib.compressobj(wbits=31)
    pieces = [packing.compress(bytes(MEBIBYTE)) for _ in range(128)]
    return b"".join([*pieces, packing.flush()])


def most_memory() -> int:
    """The most bytes that this process, and the server in it, ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def raw(client: httpx.Client, sent: bytes) -> bytes:
    """All that comes back on a connection for these bytes."""
    url = client.base_url
    with socket.create_connection((url.host, url.port or 80), 10) as connection:
        connection.sendall(sent)
        back = b""
        while piece := connection.recv(4096):
            back += piece
        return back


def head(*lines: str) -> bytes:
    key = f"Authorization: Bearer {OPTICIAN}"
    return "\r\n".join([lines[0], "Host: gateway", "Connection: close", key, *lines[1:], "", ""]).encode()


def untouched(gateway: FakeGateway) -> bool:
    return not (gateway.recorded or gateway.taken or gateway.checked)


@pytest.mark.parametrize("path", PATHS)
def test_a_packed_body_is_refused_without_being_unpacked(
    client: httpx.Client, gateway: FakeGateway, bomb: bytes, path: str
) -> None:
    before = most_memory()
    headers = {"Authorization": f"Bearer {OPTICIAN}", "Content-Type": "application/json", "Content-Encoding": "gzip"}

    assert client.post(path, content=bomb, headers=headers).status_code == 415
    assert most_memory() - before < LARGE_BODY + 10 * MEBIBYTE
    assert untouched(gateway)


def test_a_body_packed_on_the_way_is_refused(client: httpx.Client, gateway: FakeGateway) -> None:
    packed = gzip.compress(b"[]")
    sent = head("POST /v1/events HTTP/1.1", "Content-Type: application/json", "Transfer-Encoding: gzip, chunked")

    back = raw(client, sent + b"%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed))

    assert back.split()[1] in (b"400", b"501")
    assert untouched(gateway)


@pytest.mark.parametrize(
    "sent",
    [
        head("GET /v1/status HTTP/1.1", f"X-Long: {'x' * HEAD}"),
        head("GET /v1/status HTTP/1.1", f"X-Long: {'x' * LONGEST_HEAD}"),
        head("GET /v1/status HTTP/1.1", *(f"X-{number}: {'x' * 50}" for number in range(HEAD // 50))),
        head(f"GET /v1/status?{'x' * HEAD} HTTP/1.1"),
        b"x" * HEAD,
    ],
    ids=["one header", "a little", "many headers", "a target", "no end of a line"],
)
def test_a_head_that_is_too_long_is_refused_before_the_key_is_looked_at(
    client: httpx.Client, gateway: FakeGateway, sent: bytes
) -> None:
    assert raw(client, sent).split()[1] in (b"400", b"431")
    assert gateway.looked_up == []
    assert raw(client, head("GET /v1/status HTTP/1.1", f"X-Long: {'x' * (LONGEST_HEAD - 400)}")).split()[1] == b"200"


@pytest.mark.parametrize(
    "lengths",
    [
        ["Content-Length: -1"],
        ["Content-Length: +5"],
        ["Content-Length: 5", "Content-Length: 6"],
        [f"Content-Length: {'9' * 19}"],
        [f"Content-Length: {'9' * 21}"],
        ["Content-Length: 0x5"],
        ["Content-Length: 5", "Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
    ],
    ids=lambda lengths: " ".join(lengths),
)
def test_a_length_that_cannot_be_is_refused_before_the_key_is_looked_at(
    client: httpx.Client, gateway: FakeGateway, lengths: list[str]
) -> None:
    back = raw(client, head("POST /v1/events HTTP/1.1", "Content-Type: application/json", *lengths) + b"[{}]x")

    assert back.split()[1] in (b"400", b"413", b"501")
    assert gateway.looked_up == []
    assert untouched(gateway)
