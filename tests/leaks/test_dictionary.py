"""
All corrections of a lens, tried against everything public and everything that the insurer holds: none is found.

The same attack finds a correction in seconds where it was hashed plainly, or with a salt that the insurer knows, and
under the key that only optician and glassmaker have. All 3,033,693 corrections are hashed plainly; with each salt of
the sale, and as the protocol commits under each key that the insurer was given, the 233,361 with its addition, which
the option `--addition` chooses.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from app.domain.commitment import group_key, leaf
from app.domain.keccak import keccak256
from app.domain.records import GroupValues, group_values
from app.exchange.addresses import DEVELOPMENT_CHAIN
from app.scenario.form import Scenario
from app.store import vault
from app.store.tables import metadata
from tests.leaks import dictionary, places
from tests.leaks.dictionary import ALL_LENSES, SCHEMA, Loot, Values, lenses, written
from tests.leaks.hunt import in_hex, salts_of
from tests.leaks.marking import EXAMPLES, SIRET
from tests.leaks.world import World, world
from tests.support.gateways import GLASSMAKER, INSURER, OPTICIAN

CORRECTION: Final[Mapping[str, Any]] = {
    "eye": "right",
    "sphere": "-11.75",
    "cylinder": "-3.75",
    "axis": 173,
    "diameter": "70",
}
GIVEN: Final = 3
"""Keys that the insurer was given: of coding, price and claim."""
SECONDS: Final = 60
"""Far more than it takes, for a machine that does much else."""


@dataclass(frozen=True)
class Scene:
    """One sale, and what the insurer can lay its hands on."""

    loot: Loot
    known: GroupValues
    secret: bytes
    values: Values
    ledger: str

    @property
    def space(self) -> Iterator[Values]:
        """All lenses with its addition."""
        return lenses((self.values[-1],))


@pytest.fixture(scope="module")
def addition(pytestconfig: pytest.Config) -> str | None:
    """The addition of the lenses that are hashed with each salt and under each key; None for those without."""
    text = pytestconfig.getoption("--addition")
    return None if text == "none" else str(round(100 * float(text)))


@pytest.fixture(scope="module")
def scene(
    migrated: Path, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config, addition: str | None
) -> Iterator[Scene]:
    folder, numbers = tmp_path_factory.mktemp("databases"), count()
    with world(lambda: f"sqlite:///{shutil.copy(migrated, folder / f'{next(numbers)}.db')}") as found:
        (file,) = (each for each in EXAMPLES if each.stem == "conform-one-lens")
        content = json.loads(file.read_text().replace("{run}", "X"))
        correction = {**CORRECTION, "addition": addition and pytestconfig.getoption("--addition")}
        content["items"]["OD"]["correction"] = correction
        content["dossiers"]["sale"]["siret"] = SIRET
        found.play_one(Scenario.model_validate(content))
        (item,) = found.items
        with found.net[OPTICIAN].gateway.ground.database.reading() as connection:
            secret = vault.secret(connection, OPTICIAN, item)
        assert secret is not None
        known = group_values(SCHEMA, "correction", correction, "")
        loot, values = _loot(found, content["dossiers"]["sale"]), ("-1175", "-375", "173", addition)
        yield Scene(loot, known, secret, values, found.net.ground.network.ledger)


def _loot(found: World, sale: Mapping[str, str]) -> Loot:
    """The chain, the insurer's whole database with its vault opened, all that it can read, and what of it may salt."""
    transactions, receipts, state = places.chain(found)
    told = [*places.answers(found, INSURER), *places.opened(found, INSURER)]
    storage = gzip.decompress(bytes.fromhex(json.loads(state.content)[2:]))
    rows, keys = _held(found)
    contents = [*(each.content for each in told), *in_hex(storage), *rows]
    contents += [octets for each in (transactions, receipts, *told) for octets in in_hex(each.content)]
    texts = [*sale.values(), "".join(sale.values()), "|".join(sale.values())]
    network = found.net.ground.network
    identifiers = [network.ledger, *sorted(found.items | found.dossiers)]
    numbers = (network.chain_id, OPTICIAN, GLASSMAKER, INSURER)
    return Loot.of(contents, salts_of(identifiers, numbers, texts), [*keys, bytes(32)])


def _held(found: World) -> tuple[list[bytes], list[bytes]]:
    """Every row of the insurer's database, and every key and word of 32 bytes that it has."""
    rows: list[bytes] = []
    keys: list[bytes] = []
    with found.net[INSURER].gateway.ground.database.reading() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                rows += [each if isinstance(each, bytes) else str(each).encode() for each in row]
        for subject in found.items | found.dossiers:
            keys += vault.group_keys(connection, INSURER, subject).values()
        assert len(keys) == GIVEN
        for words in connection.execute(select(metadata.tables["ledger_steps"].c.words)).scalars():
            keys += [words[at : at + 32] for at in range(0, len(words), 32)]
    return rows, keys


def test_no_correction_is_found_by_hashing_it(scene: Scene) -> None:
    assert list(dictionary.by_plain_hash(scene.loot, lenses())) == []
    assert list(dictionary.by_salted_hash(scene.loot, scene.space)) == []


def test_no_correction_is_found_as_the_protocol_commits_under_anything_that_the_insurer_has(scene: Scene) -> None:
    assert dictionary.by_leaf(scene.loot) == []
    given = scene.loot.keys[:GIVEN]
    assert list(dictionary.by_group_root(scene.loot, given, scene.known, scene.space)) == []


def test_a_plain_hash_is_found_in_seconds(scene: Scene) -> None:
    began = time.process_time()
    loot = _with(scene.loot, hashlib.sha256(written(scene.values)).digest())
    assert next(dictionary.by_plain_hash(loot, lenses())) == scene.values
    assert time.process_time() - began < SECONDS


def test_a_hash_salted_with_what_the_insurer_knows_is_found_in_seconds(scene: Scene) -> None:
    began = time.process_time()
    loot = _with(scene.loot, keccak256(scene.loot.salts[-1] + written(scene.values)))
    assert next(dictionary.by_salted_hash(loot, scene.space)) == scene.values
    assert time.process_time() - began < SECONDS


def test_who_made_it_on_which_chain_and_ledger_is_no_secret_salt_either(scene: Scene) -> None:
    numbers = (GLASSMAKER, DEVELOPMENT_CHAIN)
    written_out = [str(number).encode() for number in numbers] + [number.to_bytes(4) for number in numbers]
    for salt in (*written_out, scene.ledger.encode(), bytes.fromhex(scene.ledger)):
        loot = _with(scene.loot, hashlib.sha256(written(scene.values) + salt).digest())
        assert list(dictionary.by_salted_hash(loot, [scene.values])) == [scene.values]


def test_a_leaf_under_a_key_that_is_not_of_its_group_is_found(scene: Scene) -> None:
    loot = _with(scene.loot, leaf(scene.loot.keys[0], 2, "sphere", scene.values[0]))
    assert dictionary.by_leaf(loot) == [("sphere", scene.values[0])]


def test_under_the_key_that_only_optician_and_glassmaker_have_it_is_found(scene: Scene) -> None:
    key = bytes(group_key(scene.secret, "correction"))
    assert next(dictionary.by_group_root(scene.loot, [key], scene.known, scene.space)) == scene.values


def _with(loot: Loot, planted: bytes) -> Loot:
    return replace(loot, pieces=loot.pieces | Loot.of([b"?" + planted]).pieces)


def test_the_space_is_as_large_as_it_is_said_to_be() -> None:
    assert ALL_LENSES == 233_361
    assert len(set(lenses(("225",)))) == ALL_LENSES
    assert sum(1 for _ in lenses()) == 13 * ALL_LENSES
