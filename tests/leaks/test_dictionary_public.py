"""
All prices, grouped codes and numbers of devices in a row, tried against everything that is public: none is found.

Each is hashed plainly, and with each public identifier, number and text before it and after it; a number of a device
also as the protocol makes a token and its nullifier of it, under every public value as the glassmaker's key. All of it
is sought in the chain's transactions, logs and storage. What is planted is found.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, count
from pathlib import Path
from typing import Final

import pytest

from app.domain.details import nullifier_of
from app.domain.keccak import keccak256
from app.formats import mapping_files
from app.scenario.form import Scenario
from tests.leaks import places
from tests.leaks.dictionary import HASHES, Loot
from tests.leaks.hunt import in_hex, salts_of
from tests.leaks.marking import EXAMPLES, SIRET
from tests.leaks.world import ROLES, World, world
from tests.support.gateways import GLASSMAKER

PRICE, CODE, NUMBER = "229.00", "VP2", "VRL-26-0005001-X"
CENTS: Final = range(100, 200_001)
"""1.00 to 2,000.00: the hash of `1` is on every chain, as the version in the domain of what is signed (EIP-712)."""


@pytest.fixture(scope="module")
def public(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loot]:
    """The chain after one sale, and what may salt: everything that stands there in clear, or on the shop's door."""
    folder, numbers = tmp_path_factory.mktemp("databases"), count()
    with world(lambda: f"sqlite:///{shutil.copy(migrated, folder / f'{next(numbers)}.db')}") as played:
        content = json.loads(_example("conform-one-lens").replace("{run}", "X"))
        item = content["items"]["OD"]
        assert (item["price"]["amount"], item["coding"]["grouped_code"], item["device"]["number"]) == (
            PRICE, CODE, NUMBER,
        )  # fmt: skip
        played.play_one(Scenario.model_validate(content))
        network = played.net.ground.network
        identifiers = [*sorted(played.items | played.dossiers), network.ledger]
        yield Loot.of(_on_the_chain(played), salts_of(identifiers, (*ROLES, network.chain_id), [SIRET]))


def _example(name: str) -> str:
    (file,) = (each for each in EXAMPLES if each.stem == name)
    return file.read_text()


def _on_the_chain(played: World) -> list[bytes]:
    transactions, receipts, state = places.chain(played)
    storage = gzip.decompress(bytes.fromhex(json.loads(state.content)[2:]))
    written = (transactions.content, receipts.content, storage)
    return [*written, *chain.from_iterable(map(in_hex, written))]


def prices(step: int = 1) -> Iterator[str]:
    """Amounts as people and as canonical records write them."""
    for cents in CENTS[::step]:
        yield f"{cents // 100}.{cents % 100:02}"
        yield str(cents)


def codes() -> Iterator[str]:
    """Every grouped code of the tables in the package, with and without its class."""
    for table in mapping_files.packaged().tables:
        for row in table.rows:
            code, of_class = row.coding["grouped_code"], row.coding["class"]
            yield code
            yield from (f"{code}{between}{of_class}" for between in ("", ",", "|", "/"))


def devices() -> Iterator[str]:
    """Numbers in a row, as a factory gives them."""
    return (f"VRL-26-{number:07}-X" for number in range(10_000))


def found(loot: Loot, space: Iterable[str], salts: Iterable[bytes] = (b"",)) -> list[str]:
    """What of `space` is anywhere in the loot, hashed after and before each salt."""
    known = list(salts)
    return [
        text
        for text in space
        if any(loot.holds(digest(each)) for salt in known for each in _both(salt, text) for digest in HASHES)
    ]


def _both(salt: bytes, text: str) -> tuple[bytes, ...]:
    return (salt + text.encode(), text.encode() + salt) if salt else (text.encode(),)


def tokens(loot: Loot, space: Iterable[str], keys: Iterable[bytes]) -> list[str]:
    """Which numbers of devices stand on the chain under one of these keys of the glassmaker."""
    known = list(keys)
    made = ((text, hmac.digest(key, text.encode(), "sha256")) for text in space for key in known)
    return [text for text, token in made if loot.holds(token) or loot.holds(nullifier_of(GLASSMAKER, token))]


def test_nothing_is_found_by_hashing_it(public: Loot) -> None:
    assert found(public, chain(prices(), codes(), devices())) == []


def test_nothing_is_found_with_a_public_salt(public: Loot) -> None:
    assert found(public, chain(prices(50), codes(), devices()), public.salts) == []


def test_no_device_is_found_under_a_public_key(public: Loot) -> None:
    assert tokens(public, devices(), [b"", bytes(32), *public.salts]) == []


@pytest.mark.parametrize("planted", [PRICE, "22900", CODE, NUMBER])
def test_what_is_hashed_plainly_or_with_a_public_salt_is_found(public: Loot, planted: str) -> None:
    space = [*prices(100), *codes(), *devices()]
    plain = replace(public, pieces=public.pieces | Loot.of([b"?" + hashlib.sha256(planted.encode()).digest()]).pieces)
    assert found(plain, space) == [planted] * space.count(planted)
    salt = public.salts[0]
    salted = replace(public, pieces=public.pieces | Loot.of([keccak256(salt + planted.encode())]).pieces)
    assert found(salted, space, public.salts[:3]) == [planted] * space.count(planted)


def test_with_the_glassmakers_key_its_devices_are_found(public: Loot) -> None:
    key = b"k" * 32
    word = nullifier_of(GLASSMAKER, hmac.digest(key, NUMBER.encode(), "sha256"))
    known = replace(public, pieces=public.pieces | Loot.of([word]).pieces)
    assert tokens(known, devices(), [bytes(32), key]) == [NUMBER]
