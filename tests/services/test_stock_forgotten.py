"""Units of stock are forgotten in the time of their groups, and what cannot be forgotten now stops nothing else."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from app.domain.retention import DAY, DEFAULT_DAYS, retention_of
from app.domain.stock import UNIT_GROUPS, unit_name
from app.errors import PackageMissing, RecordErased
from app.services.erase import erase_item
from app.services.retention import AT_ONCE, forget_old
from app.store import access_log, data_keys, erasures, stock, vault
from app.store.tables import stock_units
from app.store.vault_tables import vault_group_keys, vault_secrets, vault_values
from tests.gateway.sales import quoted_lens
from tests.services.test_compose_stock import drawing, refusal, shipped
from tests.support.worlds import MAKER, SHOP, World, actor_of

SHORT = retention_of({"correction": 30, "device": 60})


@pytest.fixture
def lot(world: World) -> str:
    """A lot of three lenses that the shop has the package of."""
    found = shipped(world).dossier
    world.take(SHOP, world.give(MAKER, SHOP, dossier=found))
    return found


def name_of(lot: str, number: int) -> str:
    return unit_name(bytes.fromhex(lot), number).hex()


def pass_days(world: World, days: int, kept: Mapping[str, int] = SHORT) -> int:
    world.clock.time += days * DAY
    return forget_old(replace(world.ground, retention=kept))


def groups(world: World, party: int, unit: str) -> set[str]:
    """The groups of which a party holds a key or values."""
    with world.database.reading() as connection:
        if vault.secret(connection, party, unit) is not None:
            return set(UNIT_GROUPS)
        return {
            name
            for each in (vault_group_keys, vault_values)
            for name in connection.execute(
                select(each.c.group_name).where(each.c.party == party, each.c.subject == unit)
            ).scalars()
        }


def test_a_group_of_a_unit_nobody_drew_is_forgotten_in_its_time_by_maker_and_buyer(world: World, lot: str) -> None:
    assert pass_days(world, 29) == 0
    assert pass_days(world, 1) == 6
    for party in (MAKER, SHOP):
        for number in (1, 2, 3):
            left = groups(world, party, name_of(lot, number))
            assert "correction" not in left
            assert {"product", "device"} <= left
    (other,) = world.record(SHOP, quoted_lens("B", "D-2"))
    assert refusal(world, SHOP, drawing(other.item, lot)) == (PackageMissing, "/0/lot")
    assert pass_days(world, 1) == 0


def test_of_a_unit_whose_time_is_over_the_data_key_is_destroyed_and_no_package_brings_it_back(
    world: World, lot: str
) -> None:
    package = world.give(MAKER, SHOP, dossier=lot)
    units = [name_of(lot, number) for number in (1, 2, 3)]
    pass_days(world, 3652, DEFAULT_DAYS)
    with world.database.reading() as connection:
        for party in (MAKER, SHOP):
            assert data_keys.held(connection, party, units) == {}
            assert erasures.erased(connection, party, units).keys() == set(units)
            acts = [(kept.row.deed.act, kept.row.deed.subject) for kept in access_log.whole_log(connection, party)]
            assert {("record_erased", unit) for unit in units} <= set(acts)
        assert erasures.asked_scrub(connection) is not None
        assert connection.execute(select(stock_units.c.unit)).all() == []
    with pytest.raises(RecordErased):
        world.take(SHOP, package)
    with pytest.raises(RecordErased):
        world.give(MAKER, SHOP, dossier=lot)
    assert pass_days(world, 1, DEFAULT_DAYS) == 0


def test_a_unit_that_was_drawn_goes_when_its_item_goes(world: World, lot: str) -> None:
    world.clock.time += 20 * DAY
    (quote,) = world.record(SHOP, quoted_lens("A"))
    world.record(SHOP, drawing(quote.item, lot))
    pass_days(world, 15)
    drawn, other = name_of(lot, 1), name_of(lot, 2)
    assert "correction" in groups(world, SHOP, drawn)
    assert "correction" not in groups(world, SHOP, other)
    pass_days(world, 15)
    assert "correction" not in groups(world, SHOP, drawn)


def test_a_unit_whose_item_was_erased_is_not_looked_for_any_more(world: World, lot: str) -> None:
    (quote,) = world.record(SHOP, quoted_lens("A"))
    world.record(SHOP, drawing(quote.item, lot))
    erase_item(world.ground, actor_of(SHOP), str(quote.item))
    with world.database.reading() as connection:
        kept = connection.execute(select(stock_units.c.unit).where(stock_units.c.party == SHOP)).scalars().all()
    assert set(kept) == {name_of(lot, 2), name_of(lot, 3)}


def spoil(world: World, party: int, subject: str) -> None:
    """Let the database hold something else than what was written of a subject."""
    with world.database.writing() as connection:
        for table, column in ((vault_secrets, "secret"), (vault_values, "content")):
            its = (table.c.party == party, table.c.subject == subject)
            connection.execute(update(table).where(*its).values({column: b"\1" + bytes(40)}))


def test_a_subject_that_cannot_be_read_does_not_keep_the_others_from_being_forgotten(world: World) -> None:
    broken = [str(world.record(SHOP, quoted_lens(f"X{at}", "D-1"))[0].item) for at in range(2)]
    world.clock.time += 1
    (whole,) = world.record(SHOP, quoted_lens("A", "D-2"))
    kept = retention_of({"price": 30})
    for each in broken:
        spoil(world, SHOP, each)
    assert pass_days(world, 31, kept) == 1
    with world.database.reading() as connection:
        assert vault.group_key(connection, SHOP, str(whole.item), "price") is None
    assert pass_days(world, 1, kept) == 0


def test_many_subjects_that_cannot_be_read_do_not_starve_what_comes_after_them(world: World) -> None:
    lot = shipped(world).dossier
    units = [name_of(lot, number) for number in (1, 2, 3)]
    earlier = world.clock.time - 1
    with world.database.writing() as connection:
        for at in range(AT_ONCE + 1):
            stock.keep(connection, MAKER, "00" * 16, {f"{at:032x}": "optics.lens/1"}, None, earlier)
            given = [vault.GivenKey(f"{at:032x}", group, 1, bytes(32)) for group in ("correction", "device")]
            vault.add_group_keys(connection, MAKER, given)
        connection.execute(update(vault_group_keys).values(secret=b"\1" + bytes(40)))
    pass_days(world, 30)
    for unit in units:
        assert "correction" not in groups(world, MAKER, unit)
