"""
Nothing links two items, though the same wearer bought the same lenses: no word, identifier, key or salt is there twice.

Every lens here is the same one, at the same price, from the same maker, so whatever depends on values alone would be
equal. Within an item the roots of a group agree on purpose, and nowhere else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from app.domain.commitment import field_salt, group_key
from app.domain.schemas import schema_of
from app.store import data_keys, vault
from app.store.database import Database
from app.store.outbox import EventRow
from app.store.vault_tables import vault_keys
from tests.gateway.sales import RIGHT, ordered, quoted_lens
from tests.support.keys import KEYS
from tests.support.worlds import MAKER, SHOP, World

AT_ONCE = 40
LENS = schema_of("optics.lens/1")


@dataclass(frozen=True)
class Sold:
    """So many lenses, quoted and ordered, two to a dossier, and the steps of each."""

    world: World
    steps: dict[str, list[EventRow]]
    dossiers: set[str]


@pytest.fixture(scope="module")
def sold(new_database: Callable[[], str], draws: int) -> Iterator[Sold]:
    database = Database(new_database(), KEYS)
    yield _sold(World(database), draws // 10)
    database.close()


def _sold(world: World, lenses_to_sell: int) -> Sold:
    steps: dict[str, list[EventRow]] = defaultdict(list)
    dossiers: set[str] = set()
    for first in range(0, lenses_to_sell, AT_ONCE):
        lenses = [
            quoted_lens(f"I-{number}", f"D-{number // 2}", glassmaker=MAKER) for number in range(first, first + AT_ONCE)
        ]
        quoted = world.record(SHOP, *lenses)
        orders = world.record(SHOP, *(ordered(str(each.item), RIGHT) for each in quoted))
        dossiers |= {str(each.dossier) for each in quoted}
        for each in (*quoted, *orders):
            steps[str(each.item)].append(each)
    return Sold(world, steps, dossiers)


def repeated(found: Iterator[bytes]) -> list[bytes]:
    """What is there more than once."""
    return [each for each, count in Counter(found).items() if count > 1]


def test_no_word_of_an_item_is_on_another_and_the_length_tells_the_kind_alone(sold: Sold, draws: int) -> None:
    assert len(sold.steps) == draws // 10
    of_items = [{word for each in events for word in each.step.words} for events in sold.steps.values()]
    # The dossier, and the roots of product, supplements, coding, price and correction.
    assert {len(words) for words in of_items} == {6}
    named = {bytes.fromhex(each).ljust(32, b"\0") for each in sold.dossiers}
    assert set(repeated(word for words in of_items for word in words)) == named
    lengths = {(each.step.kind, len(each.step.words)) for events in sold.steps.values() for each in events}
    assert len(lengths) == 2


def test_no_identifier_is_the_beginning_or_the_end_of_another(sold: Sold) -> None:
    names = [bytes.fromhex(each) for each in (*sold.steps, *sold.dossiers)]
    # All begin with the party's number, which is public; eight of the random bytes are far more than chance repeats.
    assert repeated(each[4:12] for each in names) == []
    assert repeated(each[-8:] for each in names) == []


def test_no_secret_key_or_salt_is_there_twice(sold: Sold) -> None:
    found: list[bytes] = []
    with sold.world.database.reading() as connection:
        for name in (*sold.steps, *sold.dossiers):
            secret = vault.secret(connection, SHOP, name)
            assert secret is not None
            found.append(secret)
        rows = connection.execute(select(vault_keys)).all()
        found += data_keys.unwrapped(connection, rows).values()
        found += [row.wrapped for row in rows]
    keys = [group_key(secret, group) for secret in found[: len(sold.steps)] for group in LENS.groups]
    names = [("schema", *(each.name for each in group.fields)) for group in LENS.groups.values()]
    salts = [field_salt(key, path) for at, key in enumerate(keys) for path in names[at % len(names)]]
    assert len(salts) == sum(map(len, names)) * len(sold.steps)
    assert repeated(iter([*found, *keys, *salts])) == []
