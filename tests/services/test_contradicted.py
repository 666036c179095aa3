"""What a package said and the ledger contradicts, on a database alone."""

from typing import Any

import pytest

from app.domain.access import Act
from app.domain.packages import moment, seconds_of
from app.domain.retention import DAY
from app.errors import PackageRefused
from app.queries.exchange import incoming_page
from app.queries.gateway import Filter
from app.services.contradicted import forget_contradicted
from app.services.receive import receive
from app.services.record_events import signed_list
from app.store import erasures, outbox, vault
from app.store.access_log import whole_log
from app.store.awaited import Awaited, is_due
from tests.gateway.sales import RIGHT, billed_lens, invoiced, manufactured, ordered, quoted_lens
from tests.support.worlds import INSURER, MAKER, SHOP, World


def made(world: World) -> tuple[str, str, Any]:
    """A lens that was ordered, and what its glassmaker says of it, taken in by the shop."""
    (quote,) = world.record(SHOP, quoted_lens("A"))
    item = str(quote.item)
    world.record(SHOP, ordered(item, RIGHT))
    world.take(MAKER, world.give(SHOP, MAKER, dossier=quote.dossier))
    world.record(MAKER, manufactured(item, RIGHT, "V1"))
    package = world.give(MAKER, SHOP, dossier=quote.dossier)
    world.take(SHOP, package)
    return item, quote.dossier, package


def deadline(package: Any) -> int:
    return seconds_of(package["steps"][0]["list"]["deadline"])


def test_nothing_is_given_up_before_the_deadline_or_before_all_of_the_ledger_was_read(world: World) -> None:
    _, _, package = made(world)
    assert forget_contradicted(world.ground, None) == 0
    assert forget_contradicted(world.ground, deadline(package)) == 0
    # The order that the glassmaker has, and what the shop has of it.
    assert forget_contradicted(world.ground, deadline(package) + 1) == 2
    assert forget_contradicted(world.ground, deadline(package) + 1) == 0


def test_a_list_that_could_be_waited_for_without_an_end_is_refused(world: World) -> None:
    item, _, package = made(world)
    with world.database.reading() as connection:
        (event,) = outbox.events_of(connection, MAKER, subjects=[item])
    then = world.clock.time
    for days, taken in ((1, True), (2, False)):
        world.clock.time = then + days * DAY
        signed = signed_list(world.ground, MAKER, (event.step,))
        told = {"deadline": moment(signed.deadline), "signature": "0x" + signed.signature.hex()}
        package["steps"][0]["list"] |= told
        world.clock.time = then
        if taken:
            world.take(SHOP, package)
        else:
            with pytest.raises(PackageRefused) as refused:
                world.take(SHOP, package)
            assert refused.value.where == "/steps/0/list/deadline"


def test_of_what_a_party_holds_by_itself_only_the_contradicted_values_go(world: World) -> None:
    item, dossier, package = made(world)
    with world.database.reading() as connection:
        secret = vault.secret(connection, SHOP, item)
        before = {(each.digest, each.values.group) for each in vault.openings_about(connection, SHOP, [item])}
        given = vault.group_keys(connection, MAKER, item)
    forget_contradicted(world.ground, deadline(package) + 1)
    with world.database.reading() as connection:
        assert vault.secret(connection, SHOP, item) == secret
        left = {(each.digest, each.values.group) for each in vault.openings_about(connection, SHOP, [item])}
        # What it made itself is committed to under the keys that it was given.
        assert vault.group_keys(connection, MAKER, item) == given
        deeds = [kept.row.deed for kept in whole_log(connection, SHOP)]
        assert erasures.asked_scrub(connection) is not None
    (told,) = [deed for deed in deeds if deed.act == Act.CONTRADICTED]
    assert (told.counterparty, told.dossier) == (MAKER, dossier)
    assert {group for _, group in before - left} == set(told.fields)
    assert left < before


def test_the_inbox_says_that_a_sealed_package_is_contradicted_and_why(world: World) -> None:
    (quote,) = world.record(SHOP, quoted_lens("A"))
    world.record(SHOP, invoiced(quote.dossier, billed_lens(str(quote.item)), insurers=[INSURER]))
    receive(world.ground, world.seal(SHOP, INSURER, dossier=quote.dossier).encode())

    def status() -> tuple[str, str | None]:
        with world.database.reading() as connection:
            (entry,) = incoming_page(connection, INSURER, Filter()).packages
        return entry.status, None if entry.reason is None else entry.reason.code

    assert status() == ("unconfirmed", None)
    world.clock.time += 36 * 86400
    forget_contradicted(world.ground, world.clock.time)
    assert status() == ("contradicted", "contradicted")
    with world.database.reading() as connection:
        assert not vault.holds(connection, INSURER, str(quote.item))
        assert not vault.holds(connection, INSURER, quote.dossier)
        assert not is_due(connection, Awaited(INSURER, SHOP, "00" * 32, quote.dossier))


def test_a_package_under_a_later_signature_is_waited_for_again(world: World) -> None:
    item, _, package = made(world)
    world.clock.time = deadline(package) + 1
    forget_contradicted(world.ground, world.clock.time)
    again = dict(package)
    with world.database.reading() as connection:
        (event,) = outbox.events_of(connection, MAKER, subjects=[item])
    signed = signed_list(world.ground, MAKER, (event.step,))
    again["steps"][0]["list"] |= {"deadline": moment(signed.deadline), "signature": "0x" + signed.signature.hex()}
    world.take(SHOP, again)
    assert forget_contradicted(world.ground, world.clock.time) == 0
    with world.database.reading() as connection:
        assert event.digest in {each.digest for each in vault.openings_about(connection, SHOP, [item])}
