"""What is too large is refused before anything is spent on it: packed bodies, heads, and lengths that cannot be."""

import gzip
import resource
import socket
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from app.api.app import create_app
from app.api.connections import LONGEST_HEAD
from app.api.deps import LARGE_BODY, SEALED_BODY
from app.api.limits import Room
from tests.api.fake import OPTICIAN, FakeGateway
from tests.api.serving import served

MEBIBYTE = 1024 * 1024
PATHS = ("/v1/events", "/v1/packages", "/v1/verifications", "/v1/keys")
EXCHANGE = "/v1/exchange"
MEDIA = dict.fromkeys(PATHS, "application/json") | {EXCHANGE: "application/jose"}
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
    return not (gateway.recorded or gateway.taken or gateway.checked or gateway.received)


@pytest.mark.parametrize("path", MEDIA)
def test_a_packed_body_is_refused_without_being_unpacked(
    client: httpx.Client, gateway: FakeGateway, bomb: bytes, path: str
) -> None:
    before = most_memory()
    headers = {"Authorization": f"Bearer {OPTICIAN}", "Content-Type": MEDIA[path], "Content-Encoding": "gzip"}

    assert client.post(path, content=bomb, headers=headers).status_code == 415
    assert most_memory() - before < LARGE_BODY + 10 * MEBIBYTE
    assert untouched(gateway)


@pytest.mark.parametrize("path", MEDIA)
def test_a_body_packed_on_the_way_is_refused(client: httpx.Client, gateway: FakeGateway, path: str) -> None:
    packed = gzip.compress(b"[]")
    sent = head(f"POST {path} HTTP/1.1", f"Content-Type: {MEDIA[path]}", "Transfer-Encoding: gzip, chunked")

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
@pytest.mark.parametrize("path", ["/v1/events", EXCHANGE])
def test_a_length_that_cannot_be_is_refused_before_the_key_is_looked_at(
    client: httpx.Client, gateway: FakeGateway, path: str, lengths: list[str]
) -> None:
    back = raw(client, head(f"POST {path} HTTP/1.1", f"Content-Type: {MEDIA[path]}", *lengths) + b"[{}]x")

    assert back.split()[1] in (b"400", b"413", b"501")
    assert gateway.looked_up == []
    assert untouched(gateway)


def chunks(total: int) -> Iterator[bytes]:
    """A body whose length is not said, of pieces of one mebibyte."""
    for begin in range(0, total, MEBIBYTE):
        yield b"e" * min(MEBIBYTE, total - begin)


def test_a_sealed_body_announced_as_too_long_is_refused_before_any_of_it_comes(
    client: httpx.Client, gateway: FakeGateway
) -> None:
    length = f"Content-Length: {SEALED_BODY + 1}"

    assert raw(client, head(f"POST {EXCHANGE} HTTP/1.1", "Content-Type: application/jose", length)).split()[1] == b"413"
    assert untouched(gateway)


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 413), (64 * MEBIBYTE, 413)])
def test_a_sealed_body_that_does_not_say_its_length_is_read_up_to_the_longest_and_no_further(
    client: httpx.Client, gateway: FakeGateway, more: int, status: int
) -> None:
    before = most_memory()
    try:
        answer = client.post(EXCHANGE, content=chunks(SEALED_BODY + more), headers={"Content-Type": "application/jose"})
        assert answer.status_code == status
    except httpx.WriteError:
        # The gateway closed the connection while much was still to come.
        assert more > MEBIBYTE
    assert [len(each) for each in gateway.received] == ([SEALED_BODY] if status == 200 else [])
    assert most_memory() - before < 3 * SEALED_BODY + 10 * MEBIBYTE


def test_sealed_bodies_that_do_not_end_take_up_no_more_than_their_room_and_give_it_back(gateway: FakeGateway) -> None:
    app = create_app(gateway, production=False)
    app.state.room = Room(2 * MEBIBYTE)
    begun = head(f"POST {EXCHANGE} HTTP/1.1", "Content-Type: application/jose", f"Content-Length: {2 * MEBIBYTE}")
    with served(app) as client, ExitStack() as stack:

        def posted(size: int) -> httpx.Response:
            return client.post(EXCHANGE, content=bytes(size), headers={"Content-Type": "application/jose"})

        # One that meets a whole body is itself the one for which there is no room: then the next one stays.
        url, answer = client.base_url, posted(MEBIBYTE)
        while answer.status_code == 200:
            slow = stack.enter_context(socket.create_connection((url.host, url.port or 80), 10))
            slow.sendall(begun + bytes(MEBIBYTE + 1))
            time.sleep(0.05)
            answer = posted(MEBIBYTE)
        assert (answer.status_code, answer.json()["code"]) == (503, "crowded")
        assert posted(MEBIBYTE // 2).status_code == 200
        stack.close()
        end = time.monotonic() + 10
        while posted(2 * MEBIBYTE).status_code != 200:
            assert time.monotonic() < end
