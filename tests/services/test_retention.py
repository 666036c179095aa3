"""Forgetting values whose time is over: group by group, so that nothing of a group can be searched either."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.domain.kinds import ERASABLE
from app.domain.retention import DAY, DEFAULT_DAYS, retention_of
from app.domain.schemas import SCHEMAS
from app.errors import RecordErased
from app.services import retention
from app.store import access_log, data_keys, erasures, vault
from app.store.vault_tables import vault_values
from tests.gateway.sales import CLAIM, RIGHT, billed_lens, invoiced, ordered, quoted_frame, quoted_lens
from tests.support.worlds import INSURER, MAKER, SHOP, World

SHORT = retention_of({"correction": 30, "claim": 60, "price": 90})


def sale(world: World) -> tuple[str, str]:
    """A lens that was quoted, ordered and invoiced, with its glassmaker's and its insurer's copies."""
    (quote,) = world.record(SHOP, quoted_lens("R", glassmaker=MAKER))
    world.record(SHOP, ordered(str(quote.item), RIGHT))
    world.take(MAKER, world.give(SHOP, MAKER, dossier=quote.dossier))
    world.record(SHOP, invoiced(quote.dossier, billed_lens(str(quote.item)), claim=CLAIM, insurers=[INSURER]))
    world.take(INSURER, world.give(SHOP, INSURER, dossier=quote.dossier))
    return str(quote.item), quote.dossier


def pass_days(world: World, days: int, kept: Mapping[str, int] = SHORT) -> int:
    world.clock.time += days * DAY
    return retention.forget_old(replace(world.ground, retention=kept))


def groups(world: World, party: int, subject: str) -> tuple[set[str], set[str]]:
    """The groups of which a party holds a key, and those of which it holds values."""
    with world.database.reading() as connection:
        names = {group for schema in SCHEMAS.values() for group in schema.groups}
        keys = {name for name in names if vault.group_key(connection, party, subject, name) is not None}
        its = (vault_values.c.party == party, vault_values.c.subject == subject)
        return keys, set(connection.execute(select(vault_values.c.group_name).where(*its)).scalars())


def test_every_group_of_every_schema_has_a_time_and_a_number_in_the_step_that_says_it_is_gone() -> None:
    assert DEFAULT_DAYS.keys() == {group for schema in SCHEMAS.values() for group in schema.groups}
    assert ERASABLE.keys() == DEFAULT_DAYS.keys()
    assert sorted(ERASABLE.values()) == list(range(1, len(ERASABLE) + 1))


@pytest.mark.parametrize("wrong", [{"colour": 5}, {"price": 0}, {"price": -1}])
def test_a_time_that_is_none_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="group"):
        retention_of(wrong)


def test_nothing_is_forgotten_before_its_time(world: World) -> None:
    item, dossier = sale(world)
    before = groups(world, SHOP, item), groups(world, SHOP, dossier), groups(world, MAKER, item)
    assert pass_days(world, 29) == 0
    assert (groups(world, SHOP, item), groups(world, SHOP, dossier), groups(world, MAKER, item)) == before


def test_of_a_forgotten_group_neither_values_nor_keys_remain_and_the_others_still_open(world: World) -> None:
    item, dossier = sale(world)
    keys, values = groups(world, SHOP, item)
    assert "correction" in keys & values
    assert pass_days(world, 30) == 2
    assert groups(world, SHOP, item) == (
        set(SCHEMAS["optics.lens/1"].groups) - {"correction"},
        values - {"correction"},
    )
    assert "correction" not in set.union(*groups(world, MAKER, item))
    with world.database.reading() as connection:
        assert vault.secret(connection, SHOP, item) is None
    package = world.give(SHOP, INSURER, dossier=dossier)
    assert {opening["group"] for step in package["steps"] for opening in step["openings"]} == {
        "coding",
        "price",
        "claim",
    }
    world.take(INSURER, package)


def test_what_remains_is_sealed_with_another_key(world: World) -> None:
    item, _ = sale(world)

    def data_key() -> bytes:
        with world.database.reading() as connection:
            return data_keys.held(connection, SHOP, [item])[item]

    before = data_key()
    pass_days(world, 30)
    assert data_key() != before
    with world.database.reading() as connection:
        assert erasures.asked_scrub(connection) is not None


def test_a_dossier_loses_its_claim_in_its_own_time(world: World) -> None:
    _, dossier = sale(world)
    pass_days(world, 60)
    assert groups(world, SHOP, dossier) == ({"renewal", "statement", "cover", "grant"}, {"renewal"})
    assert groups(world, INSURER, dossier) == (set(), set())


def test_an_item_of_which_no_group_stays_is_erased(world: World) -> None:
    item, dossier = sale(world)
    pass_days(world, 3652, DEFAULT_DAYS)
    with world.database.reading() as connection:
        assert erasures.erased(connection, SHOP, [item, dossier]).keys() == {item, dossier}
    with pytest.raises(RecordErased):
        world.give(SHOP, MAKER, item=item)
    assert pass_days(world, 1, DEFAULT_DAYS) == 0


def test_a_frame_is_narrowed_once_and_not_again(world: World) -> None:
    world.record(SHOP, quoted_frame("M"))
    pass_days(world, 90)
    assert pass_days(world, 1) == 0


def test_forgetting_is_told_in_the_access_log(world: World) -> None:
    item, _ = sale(world)
    pass_days(world, 30)
    with world.database.reading() as connection:
        rows = [kept.row for kept in access_log.whole_log(connection, SHOP)]
    (told,) = [row for row in rows if row.deed.act == "groups_forgotten"]
    assert (told.deed.subject, told.deed.fields, told.actor.label) == (item, ("correction",), "worker")
