"""The lists that accepted events are signed into."""

from app.domain.steps import Kind
from app.store import outbox
from tests.gateway.sales import (
    quoted_lens,
)
from tests.support.worlds import MAKER, SHOP, World


def test_lists_are_cut_so_that_each_fits_one_transaction(world: World) -> None:
    events = world.record(SHOP, *[quoted_lens(f"A{number}") for number in range(120)])
    with world.database.reading() as connection:
        lists = outbox.queued_lists(connection, world.clock.now(), 100)
    assert len(lists) > 1
    assert [event.id for one in lists for event in one.events] == [event.id for event in events]
    assert [event.position for event in lists[1].events][:3] == [0, 1, 2]
    assert all(
        world.signer.recovered(world.signing_hash(one), one.signed.signature) == world.signer.address(SHOP)
        for one in lists
    )


def test_the_digest_of_an_event_is_the_one_that_is_signed(world: World) -> None:
    (quote,) = world.record(SHOP, quoted_lens("A"))
    assert quote.digest == quote.step.digest.hex()
    assert quote.step.kind is Kind.QUOTED
    assert quote.step.glassmaker == MAKER
    assert quote.step.dossier.hex() == quote.dossier
    assert {str(quote.item)[:8], quote.dossier[:8]} == {f"{SHOP:08x}"}
