"""Carrying packages: what settles nothing, and where a package never goes."""

import pytest

from app.services.receive import receive
from tests.support.peers import Peer, came, courier, listening, order, out
from tests.support.worlds import MAKER, SHOP, World


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
