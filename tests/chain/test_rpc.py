"""The connection to a node hides nothing and repeats nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from web3.types import RPCEndpoint

from tests.support.chain import connected

_EXTRA_DATA = "0x" + "ab" * 200


class _Node(ThreadingHTTPServer):
    """A node that answers `eth_getBlockByNumber` as a proof-of-authority chain does, and breaks otherwise."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.methods: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: _Node

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.methods.append(question["method"])
        if question["method"] == "net_version":
            self.send_response(307)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif question["method"] == "eth_getBlockByNumber":
            block = {"number": "0x1", "extraData": _EXTRA_DATA}
            self._answer({"jsonrpc": "2.0", "id": question["id"], "result": block})
        else:
            self.connection.close()

    def _answer(self, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""


@contextmanager
def _broken_node() -> Iterator[tuple[_Node, str]]:
    with _Node() as node:
        node.handle_error = lambda *_: None  # type: ignore[method-assign]
        thread = threading.Thread(target=node.serve_forever)
        thread.start()
        try:
            yield node, f"http://127.0.0.1:{node.server_port}"
        finally:
            node.shutdown()
            thread.join()


@pytest.mark.parametrize("method", ["eth_sendRawTransaction", "eth_blockNumber"])
def test_a_request_that_fails_is_not_sent_again(method: str) -> None:
    with _broken_node() as (node, url), connected(url) as chain:
        with pytest.raises(requests.ConnectionError):
            chain.provider.make_request(RPCEndpoint(method), [])
        assert node.methods == [method]


def test_a_redirect_is_not_followed() -> None:
    with _broken_node() as (node, url), connected(url) as chain:
        with pytest.raises(json.JSONDecodeError):
            chain.provider.make_request(RPCEndpoint("net_version"), [])
        assert node.methods == ["net_version"]


def test_a_proxy_named_by_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    with _broken_node() as (_, url), connected(url) as chain:
        assert chain.eth.get_block(1)["number"] == 1


def test_a_block_of_a_proof_of_authority_chain_is_read() -> None:
    with _broken_node() as (_, url), connected(url) as chain:
        assert chain.eth.get_block(1)["proofOfAuthorityData"].to_0x_hex() == _EXTRA_DATA
