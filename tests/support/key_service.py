"""A service that keeps key-encryption keys, as docs/operations.md describes it: a real HTTP server in a thread."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from app.custody.ring import KeyRing
from app.errors import VaultUnreadable


class Service(ThreadingHTTPServer):
    """Wraps and unwraps with `ring`; keeps what was asked, and answers `answer` instead if that is set."""

    daemon_threads = True

    def __init__(self, ring: KeyRing) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.ring = ring
        self.asked: list[str] = []
        self.tokens: list[str | None] = []
        self.answer: tuple[int, dict[str, str], bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        self._note()
        self._send(200, {"newest": self.server.ring.newest})

    def do_POST(self) -> None:
        self._note()
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        _, _, key_id, act = self.path.split("/")
        entries = [(base64.b64decode(each["context"]), base64.b64decode(each["key"])) for each in body["entries"]]
        try:
            found = (self.server.ring.wrap if act == "wrap" else self.server.ring.unwrap)(key_id, entries)
        except VaultUnreadable as error:
            self._send(404 if error.where else 422, {})
            return
        self._send(200, {"keys": [base64.b64encode(each).decode() for each in found]})

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _note(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        self.server.tokens.append(self.headers["Authorization"])

    def _send(self, status: int, content: object) -> None:
        status, headers, body = self.server.answer or (status, {}, json.dumps(content).encode())
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def key_service(ring: KeyRing) -> Iterator[Service]:
    """A service that runs until the block is left."""
    with Service(ring) as service:
        thread = threading.Thread(target=service.serve_forever)
        thread.start()
        try:
            yield service
        finally:
            service.shutdown()
            thread.join()
