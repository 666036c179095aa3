"""A node that lies: passes JSON-RPC on to a real one, and lets a test change what comes back."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

Lie = Callable[[str, list[Any], dict[str, Any]], "dict[str, Any] | bytes"]
"""Takes method, parameters and the true answer; gives the answer to send, or bytes to send as they are."""


class LyingNode:
    """The node at `behind`, as seen through this one; `lie` is what it does to answers, None for nothing."""

    def __init__(self, behind: str) -> None:
        self.behind = behind
        self.url = ""
        self.lie: Lie | None = None
        self.asked: list[str] = []

    def answer(self, body: bytes, client: httpx.Client) -> bytes:
        """What is sent back for one request."""
        question = json.loads(body)
        self.asked.append(question["method"])
        answer = client.post(self.behind, content=body, headers={"Content-Type": "application/json"}).content
        if self.lie is None:
            return answer
        changed = self.lie(question["method"], question.get("params", []), json.loads(answer))
        return changed if isinstance(changed, bytes) else json.dumps(changed).encode()

    def tell(self, method: str, change: Callable[[list[Any], Any], Any]) -> None:
        """Change the result of one method; `change` takes the parameters and the true result."""

        def lie(asked: str, parameters: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
            if asked != method or "result" not in answer:
                return answer
            return answer | {"result": change(parameters, answer["result"])}

        self.lie = lie


@contextmanager
def lying_node(behind: str) -> Iterator[LyingNode]:
    """Start such a node on a port of its own."""
    node = LyingNode(behind)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet: the second of two small ones would wait for the first one's receipt.
        wbufsize = 1 << 16

        def do_POST(self) -> None:
            answer = node.answer(self.rfile.read(int(self.headers["Content-Length"])), client)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
            self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's own name
            """Say nothing."""

    with httpx.Client(trust_env=False, timeout=30) as client:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        node.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield node
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
