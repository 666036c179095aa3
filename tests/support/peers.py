"""Another gateway for tests of carrying: a world of its own behind HTTP, which can be told to misbehave."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from app.api.errors import TooManyRequests
from app.api.limits import Gate, Rate
from app.errors import OptiTraceError
from app.exchange.addresses import Directory
from app.exchange.post import Post
from app.pipeline.courier import Courier
from app.services.receive import receive
from app.store import exchange_inbox, exchange_outbox
from app.store.exchange_inbox import Sealed
from app.store.exchange_outbox import Due
from tests.gateway.sales import RIGHT, ordered, quoted_lens
from tests.support.worlds import MAKER, SHOP, World


class Peer:
    """
    The gateway of another world behind HTTP; `answers` are given, one each, before it does its own work.

    Its `gate` turns away what is too much.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.came: list[str] = []
        self.answers: list[tuple[int, bytes]] = []
        self.loses_answers = 0
        self.gate = Gate(Rate())

    def answer(self, body: bytes) -> tuple[int, bytes] | tuple[int, bytes, int] | None:
        """Status, body and perhaps the seconds of Retry-After; None to hang up after the work is done."""
        self.came.append(body.decode())
        if self.answers:
            return self.answers.pop(0)
        try:
            receipt = receive(self.world.ground, body, lets_in=self.gate.let_in_letter)
        except TooManyRequests as error:
            return 429, json.dumps({"code": error.code}).encode(), error.seconds
        except OptiTraceError as error:
            return 422, json.dumps({"code": error.code}).encode()
        if self.loses_answers:
            self.loses_answers -= 1
            return None
        return 200, str(receipt).encode()


@contextmanager
def listening(peer: Peer, port: int = 0) -> Iterator[int]:
    """The peer on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found = peer.answer(self.rfile.read(int(self.headers["Content-Length"])))
            if found is None:
                return
            self.send_response(found[0])
            self.send_header("Content-Length", str(len(found[1])))
            for seconds in found[2:]:
                self.send_header("Retry-After", str(seconds))
            self.end_headers()
            self.wfile.write(found[1])

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def courier(world: World, *ports: int) -> Courier:
    allowed = {f"127.0.0.1:{port}" for port in ports}
    return Courier(world.ground, Directory(allowed, plain=True), Post(seconds=5))


def order(world: World, name: str = "A") -> str:
    """A lens, quoted and ordered; gives its dossier."""
    (quote,) = world.record(SHOP, quoted_lens(name, f"D1-{name}"))
    world.record(SHOP, ordered(str(quote.item), RIGHT))
    return quote.dossier


def out(world: World) -> list[Due]:
    with world.database.reading() as connection:
        return exchange_outbox.page(connection, SHOP, 0, 1000)


def came(world: World, party: int = MAKER) -> list[Sealed]:
    with world.database.reading() as connection:
        return exchange_inbox.page(connection, party, 0, 1000)
