"""Carrying packages: until there is a receipt, however long that takes, and never to where nobody may call."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.errors import LeaseLost, OptiTraceError
from app.exchange.addresses import Directory
from app.exchange.post import Post
from app.pipeline.courier import LONGEST_PAUSE, Courier, pause_after
from app.services.receive import receive
from app.store import exchange_inbox, exchange_outbox
from app.store.database import Database
from app.store.exchange_inbox import Sealed
from app.store.exchange_outbox import Due
from tests.gateway.sales import RIGHT, billed_lens, invoiced, ordered, quoted_lens
from tests.support.worlds import INSURER, MAKER, OTHER_MAKER, SHOP, World

DAY = 86400


class Peer:
    """The gateway of another world behind HTTP; `answers` are given, one each, before it does its own work."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.came: list[str] = []
        self.answers: list[tuple[int, bytes]] = []
        self.loses_answers = 0

    def answer(self, body: bytes) -> tuple[int, bytes] | None:
        """Status and body; None to hang up after the work is done."""
        self.came.append(body.decode())
        if self.answers:
            return self.answers.pop(0)
        try:
            receipt = receive(self.world.ground, body)
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


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def other(migrated: Path, tmp_path: Path, world: World) -> Iterator[World]:
    """The gateway of the others, with the same parties and keys on a database of its own."""
    file = tmp_path / "other.db"
    file.write_bytes(migrated.read_bytes())
    database = Database(f"sqlite:///{file}")
    yield World(database, keys=world.keys)
    database.close()


def courier(world: World, *ports: int) -> Courier:
    allowed = {f"127.0.0.1:{port}" for port in ports}
    return Courier(world.ground, Directory(allowed, plain=True), Post(seconds=5))


def order(world: World, name: str = "A") -> str:
    """A lens, quoted and ordered; gives its dossier."""
    (quote,) = world.record(SHOP, quoted_lens(name, f"D-{name}"))
    world.record(SHOP, ordered(str(quote.item), RIGHT))
    return quote.dossier


def out(world: World) -> list[Due]:
    with world.database.reading() as connection:
        return exchange_outbox.page(connection, SHOP, 0, 1000)


def came(world: World, party: int = MAKER) -> list[Sealed]:
    with world.database.reading() as connection:
        return exchange_inbox.page(connection, party, 0, 1000)


def test_steps_make_their_packages_due_to_whom_they_concern_and_others_none(world: World) -> None:
    quotes = world.record(SHOP, *[quoted_lens(f"A{number}") for number in range(18)])
    items = [str(quote.item) for quote in quotes]
    assert out(world) == []
    world.record(SHOP, *[ordered(item, RIGHT) for item in items])
    assert [(each.recipient, list(each.items)) for each in out(world)] == [(MAKER, items[:16]), (MAKER, items[16:])]
    world.record(SHOP, invoiced(quotes[0].dossier, billed_lens(items[0]), partial=True, insurers=[]))
    assert len(out(world)) == 2
    world.record(SHOP, invoiced(quotes[0].dossier, billed_lens(items[1]), partial=True))
    assert [(each.recipient, list(each.items)) for each in out(world)[2:]] == [(INSURER, [items[1]])]


def test_events_that_are_not_accepted_make_nothing_due(world: World) -> None:
    (quote,) = world.record(SHOP, quoted_lens("A"))
    with pytest.raises(OptiTraceError):
        world.record(SHOP, ordered(str(quote.item), RIGHT), ordered(str(quote.item), RIGHT))
    assert out(world) == []


def test_a_recipient_that_is_away_for_two_weeks_gets_everything_once(world: World, other: World) -> None:
    port = free_port()
    world.set_gateway(MAKER, f"http://127.0.0.1:{port}", 1)
    carrying = courier(world, port)
    dossiers = [order(world, f"A{number}") for number in range(5)]
    attempts, end = 0, world.clock.time + 14 * DAY
    while world.clock.time < end:
        attempts += carrying.turn()
        world.clock.time = min(end, min(each.due_at for each in out(world)))
    assert {(each.status, each.reason) for each in out(world)} == {("waiting", "unreachable")}
    assert 14 * 24 <= attempts <= 14 * 24 * 2 + 12

    world.clock.time += LONGEST_PAUSE
    other.clock.time = world.clock.time
    peer = Peer(other)
    with listening(peer, port):
        while carrying.turn():
            pass
    assert {(each.status, each.reason) for each in out(world)} == {("accepted", None)}
    assert [each.dossier for each in came(other)] == dossiers
    assert len(peer.came) == 5


def test_a_receipt_that_got_lost_is_asked_for_again_and_nothing_is_taken_in_twice(world: World, other: World) -> None:
    peer = Peer(other)
    peer.loses_answers = 1
    with listening(peer) as port:
        world.set_gateway(MAKER, f"http://127.0.0.1:{port}", 1)
        order(world)
        carrying = courier(world, port)
        carrying.turn()
        (waits,) = out(world)
        assert (waits.status, waits.reason) == ("waiting", "unreachable")
        assert len(came(other)) == 1
        world.clock.time = waits.due_at
        carrying.turn()
    assert [each.status for each in out(world)] == ["accepted"]
    assert (len(peer.came), len(came(other))) == (2, 1)


def test_what_a_recipient_does_not_believe_is_refused_with_its_reason(world: World, other: World) -> None:
    peer = Peer(other)
    with listening(peer) as port:
        world.set_gateway(MAKER, f"http://127.0.0.1:{port}", 1)
        dossier = order(world)
        file = world.give(SHOP, MAKER, dossier=dossier)
        file["items"][0]["groups"]["product"]["key"] = "11" * 32
        file["steps"][0]["openings"] = []
        other.take(MAKER, file)
        courier(world, port).turn()
    (refused,) = out(world)
    assert (refused.status, refused.reason) == ("refused", "package_refused")
    assert [each.reason for each in came(other)] == ["package_refused"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((422, b'{"code": "exchange_key_unknown"}'), "exchange_key_unknown"),
        ((422, b'{"code": "Sphere -2.50"}'), "status_422"),
        ((422, b"[" * 60_000), "status_422"),
        ((503, b""), "status_503"),
        ((302, b""), "status_302"),
        ((204, b""), "status_204"),
        ((200, b""), "no_receipt"),
        ((200, b"a.b.c"), "no_receipt"),
        ((200, b"\xff" * 100), "no_receipt"),
    ],
)
def test_an_answer_without_a_receipt_settles_nothing(
    world: World, other: World, answer: tuple[int, bytes], reason: str
) -> None:
    peer = Peer(other)
    peer.answers = [answer]
    with listening(peer) as port:
        world.set_gateway(MAKER, f"http://127.0.0.1:{port}", 1)
        order(world)
        courier(world, port).turn()
    (waits,) = out(world)
    assert (waits.status, waits.reason, waits.attempts) == ("waiting", reason, 1)
    assert came(other) == []


def test_the_receipt_for_another_package_settles_nothing(world: World, other: World) -> None:
    peer = Peer(other)
    with listening(peer) as port:
        world.set_gateway(MAKER, f"http://127.0.0.1:{port}", 1)
        order(world, "A")
        carrying = courier(world, port)
        carrying.turn()
        receipt = receive(other.ground, peer.came[0].encode())
        order(world, "B")
        peer.answers = [(200, str(receipt).encode())]
        carrying.turn()
    assert [(each.status, each.reason) for each in out(world)] == [("accepted", None), ("waiting", "no_receipt")]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "no_gateway"),
        ("https://127.0.0.1:{port}", "address_not_public"),
        ("https://[::ffff:127.0.0.1]:{port}", "address_not_public"),
        ("https://169.254.169.254", "address_not_public"),
        ("http://127.0.0.1:{port}", "address_not_https"),
        ("http://localhost:{port}", "address_not_https"),
        ("file:///etc/passwd", "address_malformed"),
    ],
)
def test_an_address_of_the_registry_that_leads_inside_is_never_called(
    world: World, other: World, url: str, reason: str
) -> None:
    peer = Peer(other)
    with listening(peer) as port:
        world.set_gateway(MAKER, url.format(port=port), 1)
        order(world)
        courier(world).turn()
    assert [(each.status, each.reason, each.package) for each in out(world)] == [("waiting", reason, None)]
    assert peer.came == []


def test_what_waits_for_a_key_or_an_address_goes_when_the_registry_shows_it(world: World, other: World) -> None:
    world.set_exchange(MAKER, None, 1)
    order(world)
    peer = Peer(other)
    with listening(peer) as port:
        carrying = courier(world, port)
        carrying.turn()
        assert out(world)[0].reason == "no_exchange_key"
        world.set_exchange(MAKER, MAKER.to_bytes(32), 2)
        world.set_gateway(MAKER, f"http://127.0.0.1:{port}", 3)
        assert not carrying.turn()
        with world.database.writing() as connection:
            exchange_outbox.wake(connection, [MAKER], world.clock.now())
        carrying.turn()
    assert [each.status for each in out(world)] == ["accepted"]


def test_one_recipient_that_is_away_does_not_hold_up_another(world: World, other: World) -> None:
    peer = Peer(other)
    with listening(peer) as port:
        away = free_port()
        world.set_gateway(OTHER_MAKER, f"http://127.0.0.1:{away}", 1)
        world.set_gateway(MAKER, f"http://127.0.0.1:{port}", 2)
        (quote,) = world.record(SHOP, quoted_lens("Z", "D-Z", glassmaker=OTHER_MAKER))
        world.record(SHOP, ordered(str(quote.item), RIGHT))
        order(world)
        courier(world, port, away).turn()
    assert [(each.recipient, each.status) for each in out(world)] == [(OTHER_MAKER, "waiting"), (MAKER, "accepted")]


def test_a_step_that_the_ledger_refused_leaves_nothing_to_give(world: World) -> None:
    world.set_gateway(MAKER, "http://127.0.0.1:9", 1)
    (quote,) = world.record(SHOP, quoted_lens("A"))
    (event,) = world.record(SHOP, ordered(str(quote.item), RIGHT))
    world.refuse(event)
    courier(world, 9).turn()
    assert [(each.status, each.reason) for each in out(world)] == [("refused", "out_of_sequence")]


def test_a_package_given_is_in_the_access_log_once_however_often_it_is_sent(world: World) -> None:
    port = free_port()
    world.set_gateway(MAKER, f"http://127.0.0.1:{port}", 1)
    order(world)
    carrying = courier(world, port)
    for _ in range(5):
        world.clock.time += LONGEST_PAUSE
        carrying.turn()
    assert out(world)[0].attempts == 5
    assert world.acts(SHOP).count("package_given") == 1


def test_one_process_carries_at_a_time(world: World) -> None:
    courier(world).turn()
    with pytest.raises(LeaseLost):
        courier(world).turn()
    world.clock.time += 60
    courier(world).turn()


def test_pauses_grow_to_an_hour_and_differ_by_chance() -> None:
    assert [pause_after(attempts, 0) for attempts in range(13)] == [
        2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, LONGEST_PAUSE, LONGEST_PAUSE,
    ]  # fmt: skip
    assert pause_after(10**6, 1) == LONGEST_PAUSE // 2
    assert {pause_after(9, chance / 10) for chance in range(11)} >= {512, 1024}
