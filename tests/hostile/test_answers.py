"""Whoever answers this process, a node, a key service or a gateway, cannot fill its memory or hold it for ever."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from requests import RequestException

from app.answers import AnswerRefused, bounded
from app.chain import rpc
from app.chain.client import NodeChain
from app.custody import service as custody
from app.custody.service import KeyService
from app.errors import ChainUnavailable, StoreUnavailable
from tests.support.grounds import NETWORK

ROOT = Path(__file__).resolve().parents[2]
Writes = Callable[[Any], None]


def long(out: Any) -> None:
    for _ in range(64):
        out.write(b" " * (1 << 20))


def dripping(out: Any) -> None:
    for _ in range(600):
        out.write(b" ")
        out.flush()
        time.sleep(0.05)


def deep(out: Any) -> None:
    out.write(b"[" * 100_000)


def dripping_status(out: Any) -> None:
    out.write(b"HTTP/1.1 2")
    dripping(out)


def dripping_field(out: Any) -> None:
    out.write(b"HTTP/1.1 200 OK\r\nX-Long:")
    dripping(out)


def never_the_last_head(out: Any) -> None:
    for _ in range(600):
        out.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        out.flush()
        time.sleep(0.05)


HEADS = (dripping_status, dripping_field, never_the_last_head)


@contextmanager
def server(writes: Writes, head: Writes | None = None) -> Iterator[str]:
    """A server whose every answer is 200, or what `head` writes, with what `writes` writes, until it closes."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0" if head is None else "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            try:
                if head is None:
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.end_headers()
                else:
                    head(self.wfile)
                writes(self.wfile)
            except OSError:
                return

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.daemon_threads = True
    thread = threading.Thread(target=found.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{found.server_address[1]}"
    finally:
        found.shutdown()
        found.server_close()


@pytest.mark.parametrize("writes", [long, dripping, deep])
def test_what_is_long_or_slow_or_deep_is_refused(writes: Writes) -> None:
    with server(writes) as url, bounded(1 << 20, 0.5) as session, pytest.raises(AnswerRefused):
        session.get(url, timeout=5)


def test_what_fits_is_read_whole() -> None:
    with server(lambda out: out.write(b'{"a": 1}')) as url, bounded(8, 5) as session:
        assert session.get(url, timeout=5).json() == {"a": 1}


@pytest.mark.parametrize("writes", [long, dripping, deep])
def test_such_a_node_does_not_answer(writes: Writes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "MOST_BYTES", 1 << 20)
    with server(writes) as url:
        monkeypatch.setattr("app.chain.client.connect", partial(rpc.connect, answer_seconds=0.5))
        chain = NodeChain(url, NETWORK, bytes(31) + b"\1")
        with pytest.raises(ChainUnavailable):
            chain.chain_id()
        chain.close()


@pytest.mark.parametrize("writes", [long, dripping, deep])
def test_such_a_key_service_does_not_answer(writes: Writes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(custody, "_SECONDS", 0.5)
    with server(writes) as url, pytest.raises(StoreUnavailable):
        _ = KeyService(url).newest


@pytest.mark.parametrize("head", HEADS)
def test_a_head_that_drips_is_given_up_though_each_piece_comes_in_time(head: Writes) -> None:
    with server(deep, head) as url, bounded(1 << 20, 0.5) as session:
        begin = time.monotonic()
        with pytest.raises(RequestException):
            session.get(url, timeout=5)
        assert time.monotonic() - begin < 3


@pytest.mark.parametrize("head", HEADS)
def test_a_node_and_a_key_service_whose_heads_drip_do_not_answer(head: Writes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(custody, "_SECONDS", 0.5)
    monkeypatch.setattr("app.chain.client.connect", partial(rpc.connect, answer_seconds=0.5))
    with server(deep, head) as url:
        chain, begin = NodeChain(url, NETWORK, bytes(31) + b"\1"), time.monotonic()
        with pytest.raises(ChainUnavailable):
            chain.chain_id()
        chain.close()
        with pytest.raises(StoreUnavailable):
            _ = KeyService(url).newest
        assert time.monotonic() - begin < 6


def test_what_came_in_time_is_not_touched_when_its_time_is_over() -> None:
    # Each answer leaves its connection open, and the next one is asked for over it.
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    with server(lambda out: out.write(b"{}"), lambda out: out.write(head)) as url, bounded(8, 0.3) as session:
        for _ in range(3):
            assert session.get(url, timeout=5).json() == {}
            time.sleep(0.4)


def given_up_after(url: str, seconds: float) -> float:
    """How long a head that drips was waited for."""
    begin = time.monotonic()
    with bounded(8, seconds) as session, pytest.raises(RequestException):
        session.get(url, timeout=20)
    return time.monotonic() - begin


def test_each_of_many_that_drip_is_given_up_in_its_own_time() -> None:
    seconds = (8.0, 0.5, 3.0, 0.5)
    with server(deep, dripping_field) as url, ThreadPoolExecutor(len(seconds)) as pool:
        took = list(pool.map(partial(given_up_after, url), seconds))
    assert [each for each in zip(took, seconds, strict=True) if not each[1] <= each[0] < each[1] + 2.5] == []


FORKED = """
import os, sys, time
from app.answers import bounded
from requests import RequestException

def given_up():
    try:
        with bounded(8, 0.5) as session:
            session.get(sys.argv[1], timeout=5)
    except RequestException:
        return True

assert given_up()
begin = time.monotonic()
child = os.fork()
if child == 0:
    os._exit(0 if given_up() and time.monotonic() - begin < 3 else 1)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_process_that_was_forked_gives_up_too() -> None:
    with server(deep, dripping_field) as url:
        done = subprocess.run([sys.executable, "-c", FORKED, url], cwd=ROOT, check=False, timeout=60)
    assert done.returncode == 0
