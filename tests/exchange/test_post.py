"""One request to another gateway: to the address that was checked, once, within bounds."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from app.exchange.addresses import Directory, Target
from app.exchange.post import MAX_ANSWER, Answer, Post, Unreachable

NAME = "gateway.example"
Serve = Callable[[socket.socket], None]


def _request(connection: socket.socket) -> bytes:
    """What comes, to the end of a body of one byte or more: closing before would take back the answer."""
    found = b""
    while not found.partition(b"\r\n\r\n")[2]:
        more = connection.recv(65536)
        if not more:
            break
        found += more
    return found


@contextmanager
def peer(serve: Serve, host: str = "127.0.0.1") -> Iterator[tuple[int, list[bytes]]]:
    """A peer on a port of its own that does as it likes with every connection; and what it was sent."""
    heard: list[bytes] = []
    with socket.create_server((host, 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    try:
                        heard.append(_request(connection))
                        serve(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listener.getsockname()[1], heard
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def at(port: int, *addresses: str) -> Target:
    return Target(False, NAME, port, "/optitrace", addresses or ("127.0.0.1",))


def saying(status: str, body: bytes, *headers: str) -> Serve:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]).encode()
    return lambda connection: connection.sendall(head + body)


def test_a_package_is_posted_under_the_name_to_the_address_that_was_checked() -> None:
    with peer(saying("200 OK", b"receipt")) as (port, heard):
        assert Post().send(at(port), "a.b.c.d.e") == Answer(200, b"receipt")
    (request,) = heard
    assert request.startswith(b"POST /optitrace/v1/exchange HTTP/1.1\r\n")
    assert f"Host: {NAME}:{port}".encode() in request
    assert b"Content-Type: application/jose" in request


def test_a_redirect_is_an_answer_and_nobody_follows_it() -> None:
    with peer(saying("200 OK", b"inside")) as (inside, reached):
        location = f"Location: http://127.0.0.1:{inside}/v1/exchange"
        for status in ("301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"):
            with peer(saying(status, b"", location)) as (port, _):
                assert Post().send(at(port), "x").status == int(status[:3])
        assert reached == []


def test_a_proxy_that_the_environment_names_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with peer(saying("200 OK", b"proxy")) as (proxy, asked), peer(saying("200 OK", b"gateway")) as (port, _):
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        assert Post().send(at(port), "x").body == b"gateway"
        assert asked == []


def test_a_name_that_leads_elsewhere_after_the_check_is_not_asked_again() -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"]])
    with peer(saying("200 OK", b"checked")) as (port, _), socket.create_server(("127.0.0.2", port)) as inside:
        directory = Directory({f"{NAME}:{port}"}, True, lambda _host, _port: next(answers))
        assert Post().send(directory.target(f"http://{NAME}:{port}"), "x").body == b"checked"
        inside.settimeout(0)
        with pytest.raises(BlockingIOError):
            inside.accept()
    assert next(answers) == ["127.0.0.2"]


def test_the_next_address_of_a_name_is_tried_where_the_first_does_not_answer() -> None:
    with peer(saying("200 OK", b"second")) as (port, _):
        assert Post().send(at(port, "127.0.0.3", "127.0.0.1"), "x").body == b"second"


def _dripping(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        connection.sendall(b"x")
        threading.Event().wait(0.05)


def _header_without_end(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: y\r\n")


def _silent(_connection: socket.socket) -> None:
    threading.Event().wait(2)


@pytest.mark.parametrize(
    "serve",
    [
        saying("200 OK", b"x" * (MAX_ANSWER + 1)),
        _dripping,
        _header_without_end,
        lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"),
        lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx"),
        lambda _connection: None,
    ],
    ids=["too long", "drop by drop", "a head without end", "no HTTP", "no chunk", "half a body", "nothing"],
)
def test_an_answer_out_of_bounds_is_none(serve: Serve) -> None:
    with peer(serve) as (port, _), pytest.raises(Unreachable):
        Post(seconds=0.5).send(at(port), "x")


def test_nobody_there_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable):
        Post().send(at(port), "x")


# -- TLS --


def certified(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side with a certificate for `name`, and a client's side that believes it."""
    key, now = generate_private_key(SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, SHA256())
    )
    file = folder / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=made.public_bytes(Encoding.PEM).decode())


@contextmanager
def secure_peer(context: ssl.SSLContext) -> Iterator[int]:
    """A peer that speaks TLS and answers one request."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            try:
                connection, _ = listener.accept()
                with context.wrap_socket(connection, server_side=True) as secured:
                    _request(secured)
                    saying("200 OK", b"secured")(secured)
            except OSError:
                return

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            thread.join()


def test_tls_proves_the_name_and_not_the_address(tmp_path: Path) -> None:
    server, client = certified(tmp_path, NAME)
    with secure_peer(server) as port:
        target = Target(True, NAME, port, "", ("127.0.0.1",))
        assert Post(tls=client).send(target, "x") == Answer(200, b"secured")


def test_a_certificate_for_another_name_or_by_nobody_known_ends_it(tmp_path: Path) -> None:
    server, client = certified(tmp_path, "other.example")
    with secure_peer(server) as port, pytest.raises(Unreachable):
        Post(tls=client).send(Target(True, NAME, port, "", ("127.0.0.1",)), "x")
    with secure_peer(certified(tmp_path, NAME)[0]) as port, pytest.raises(Unreachable):
        Post().send(Target(True, NAME, port, "", ("127.0.0.1",)), "x")


def test_a_handshake_that_never_ends_is_ended() -> None:
    with peer(_silent) as (port, _), pytest.raises(Unreachable):
        Post(seconds=0.5).send(Target(True, NAME, port, "", ("127.0.0.1",)), "x")
