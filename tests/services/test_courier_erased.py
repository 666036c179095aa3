"""Packages and erased records: what was erased is neither sent nor taken in, and a vault that is shut makes it wait."""

from sqlalchemy import select, update

from app.services.erase import erase_item
from app.services.incoming_orders import incoming_orders
from app.store.tables import items
from app.store.vault_tables import vault_keys
from tests.gateway.sales import RIGHT, ordered, quoted_lens
from tests.support.peers import Peer, came, courier, listening, order, out
from tests.support.worlds import MAKER, SHOP, World, actor_of


def items_of(world: World, dossier: str) -> list[str]:
    with world.database.reading() as connection:
        rows = select(items.c.item).where(items.c.party == SHOP, items.c.dossier == dossier)
        return sorted(connection.execute(rows).scalars())


def test_the_package_of_an_erased_item_is_not_sent_any_more(world: World, other: World) -> None:
    peer = Peer(other)
    with listening(peer) as port:
        world.set_gateway(MAKER, f"http://127.0.0.1:{port}", 1)
        (item,) = items_of(world, order(world))
        erase_item(world.ground, actor_of(SHOP), item)
        courier(world, port).turn()
    assert [(each.status, each.reason, each.package) for each in out(world)] == [("refused", "record_erased", None)]
    assert peer.came == []


def test_of_items_that_go_together_those_that_were_not_erased_are_sent(world: World, other: World) -> None:
    peer = Peer(other)
    with listening(peer) as port:
        world.set_gateway(MAKER, f"http://127.0.0.1:{port}", 1)
        quotes = world.record(SHOP, quoted_lens("A", "D1-A"), quoted_lens("B", "D1-A"))
        gone, kept = (str(quote.item) for quote in quotes)
        world.record(SHOP, ordered(gone, RIGHT), ordered(kept, RIGHT))
        erase_item(world.ground, actor_of(SHOP), gone)
        courier(world, port).turn()
    assert [(each.items, each.status) for each in out(world)] == [((gone, kept), "accepted")]
    assert [each.item for each in incoming_orders(other.ground, actor_of(MAKER), 0)] == [kept]


def test_a_package_of_what_its_recipient_erased_is_refused_by_receipt_and_brings_nothing_back(
    world: World, other: World
) -> None:
    peer = Peer(other)
    with listening(peer) as port:
        world.set_gateway(MAKER, f"http://127.0.0.1:{port}", 1)
        dossier = order(world)
        (item,) = items_of(world, dossier)
        other.take(MAKER, world.give(SHOP, MAKER, dossier=dossier))
        erase_item(other.ground, actor_of(MAKER), item)
        courier(world, port).turn()
    assert [(each.status, each.reason) for each in out(world)] == [("refused", "record_erased")]
    assert [(each.arrival, each.reason) for each in came(other)] == [(None, "record_erased")]
    assert list(incoming_orders(other.ground, actor_of(MAKER), 0)) == []


def test_a_vault_that_cannot_be_read_makes_a_package_wait(world: World, other: World) -> None:
    peer = Peer(other)
    with listening(peer) as port:
        world.set_gateway(MAKER, f"http://127.0.0.1:{port}", 1)
        order(world)
        with world.database.writing() as connection:
            whole = {row.subject: row.wrapped for row in connection.execute(select(vault_keys))}
            connection.execute(update(vault_keys).values(wrapped=bytes(60)))
        carrying = courier(world, port)
        carrying.turn()
        assert [(each.status, each.reason) for each in out(world)] == [("waiting", "vault_unreadable")]
        with world.database.writing() as connection:
            for subject, wrapped in whole.items():
                connection.execute(update(vault_keys).where(vault_keys.c.subject == subject).values(wrapped=wrapped))
        world.clock.time = other.clock.time = world.clock.time + 3600
        carrying.turn()
    assert [(each.status, each.reason) for each in out(world)] == [("accepted", None)]
