"""Carrying packages: until there is a receipt, however long that takes, and each once."""

import pytest

from app.api.limits import Gate, Rate
from app.errors import LeaseLost, OptiTraceError
from app.pipeline.courier import LONGEST_PAUSE, pause_after
from app.store import exchange_outbox
from tests.gateway.sales import RIGHT, billed_lens, invoiced, ordered, quoted_lens
from tests.support.peers import Peer, came, courier, listening, order, out
from tests.support.ports import free_port
from tests.support.worlds import INSURER, MAKER, OTHER_MAKER, SHOP, World

DAY = 86400


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
        (quote,) = world.record(SHOP, quoted_lens("Z", "D1-Z", glassmaker=OTHER_MAKER))
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


def test_what_is_too_much_at_once_comes_when_the_recipient_says_and_nothing_is_lost(world: World, other: World) -> None:
    peer = Peer(other)
    # Three at once, and one in two seconds after that.
    peer.gate = Gate(Rate(20.0, 6), lambda: float(world.clock.time))
    dossiers = [order(world, f"A{number}") for number in range(8)]
    with listening(peer) as port:
        world.set_gateway(MAKER, f"http://127.0.0.1:{port}", 1)
        carrying = courier(world, port)
        carrying.turn()
        assert [each.status for each in out(world)] == ["accepted"] * 3 + ["waiting"] * 5
        waits = out(world)[3:]
        assert {(each.reason, each.due_at - world.clock.time) for each in waits} == {("too_many_requests", 2)}
        started = world.clock.time
        while any(each.status == "waiting" for each in out(world)):
            world.clock.time = min(each.due_at for each in out(world) if each.status == "waiting")
            carrying.turn()
    assert [each.dossier for each in came(other)] == dossiers
    assert world.clock.time - started == 10


def test_a_recipient_does_not_say_to_wait_for_longer_than_the_longest_pause(world: World, other: World) -> None:
    peer = Peer(other)
    order(world)
    with listening(peer) as port:
        world.set_gateway(MAKER, f"http://127.0.0.1:{port}", 1)
        peer.gate = Gate(Rate(40 / 900_000, 1), lambda: 0.0)
        peer.gate.let_in_letter(MAKER, SHOP)
        courier(world, port).turn()
    assert out(world)[0].due_at == world.clock.time + LONGEST_PAUSE
