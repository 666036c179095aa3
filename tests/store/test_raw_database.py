"""
What lies in a gateway's database as it is: every column is sealed, or stands on the list of those that need not be.

The list is the point: a new column that holds something of a record has to be sealed, or somebody has to say here why
not.
"""

import json
import math
from collections import Counter

import pytest
from sqlalchemy import select

from app.store.sealing import OVERHEAD
from app.store.tables import metadata
from tests.gateway.sales import CLAIM, RIGHT, billed_lens, invoiced, ordered, quoted_lens
from tests.services.conftest import world as world
from tests.support.database_files import files_of, lying_in
from tests.support.postgres import Server
from tests.support.worlds import INSURER, MAKER, SHOP, World

SEALED = {
    "vault_secrets": {"secret"},
    "vault_group_keys": {"secret"},
    "vault_values": {"content"},
    "vault_keys": {"wrapped"},
    "vault_keks": {"proof"},
    "day_keys": {"secret"},
}
IN_CLEAR = {
    # The chain: public to the network as it is.
    "ledger_steps": "*", "ledger_items": "*", "ledger_dossiers": "*", "ledger_concerns": "*", "ledger_skips": "*",
    "ledger_registry": "*", "ledger_blocks": "*", "chain_pin": "*", "ledger_lots": "*", "ledger_nullifiers": "*",
    "ledger_links": "*", "ledger_outages": "*", "ledger_mapping_tables": "*",
    # Verdicts and cases, as anybody derives them from the chain; which dossiers an insurer checked.
    "checked_dossiers": "*", "verdict_changes": "*",
    # On its way there: heads, roots and signatures.
    "events": "*", "lists": "*", "transactions": "*",
    # The gateway's own running.
    "leases": "*", "worker_state": "*", "scrubs": "*",
    # Hashes of random secrets; who did what, without values.
    "api_keys": "*", "access_log": "*",
    # Identifiers, the shop's own references to them (forgotten with the record), digests of steps.
    "dossiers": "*", "items": "*", "packages": "*", "erasures": "*",
    # Names of units of stock and of their lots, and to whom a lot was handed on, which the chain shows.
    "stock_units": "*",
    # Digests and names of steps in packages, with their deadlines.
    "awaited_steps": "*",
    # Who sends whom packages about which items, ids of their content, and receipts, which say what was
    # accepted or refused and why: never a key or a value.
    "exchange_outbox": "*", "exchange_inbox": "*",
    # The HMAC of a body, under a key that is sealed; it goes after a day.
    "idempotency": "*",
    "day_keys": {"day"},
    # Names: of parties, items, steps, groups, schemas and key-encryption keys.
    "vault_secrets": {"party", "subject"},
    "vault_group_keys": {"party", "subject", "group_name", "version"},
    "vault_values": {"party", "digest", "subject", "group_name", "schema"},
    "vault_keys": {"party", "subject", "kek"},
    "vault_keks": {"id", "current"},
}  # fmt: skip
MARKS = {b"ZZQXJVOLE", b"QXGROUP7", b"PECQXV77", b"4093317"}
PRODUCT = {"maker": "ZZQXJVOLE0", "code": "PRG160", "index": "1.6", "geometry": "progressive"}
CODING = {"grouped_code": "QXGROUP7", "class": "B", "mapping": "sample/1"}
PRICE = {"amount": "40933.17", "services": "15.00", "currency": "EUR"}


@pytest.fixture
def sold(world: World) -> World:
    """A sale with marked values, on each kind of database."""
    lens = quoted_lens("R", product=PRODUCT, coding=CODING, price=PRICE, glassmaker=MAKER)
    (quote,) = world.record(SHOP, lens, key="quote")
    world.record(SHOP, ordered(str(quote.item), RIGHT, PRODUCT))
    world.take(MAKER, world.give(SHOP, MAKER, dossier=quote.dossier))
    bill = billed_lens(str(quote.item), coding=CODING, price=PRICE)
    claim = {**CLAIM, "cover_number": "PECQXV77"}
    world.record(SHOP, invoiced(quote.dossier, bill, claim=claim, insurers=[INSURER]))
    world.take(INSURER, world.give(SHOP, INSURER, dossier=quote.dossier))
    return world


def test_every_column_is_sealed_or_on_the_list() -> None:
    assert IN_CLEAR.keys() == metadata.tables.keys()
    for table in metadata.sorted_tables:
        columns = set(table.c.keys())
        clear = IN_CLEAR.get(table.name, set())
        known = columns if clear == "*" else {*clear, *SEALED.get(table.name, ())}
        assert columns == known, table.name


def test_what_is_sealed_looks_like_chance(sold: World) -> None:
    with sold.database.reading() as connection:
        for name, columns in SEALED.items():
            table = metadata.tables[name]
            for column in columns:
                found = [bytes(each) for each in connection.execute(select(table.c[column])).scalars()]
                assert found, name
                assert len(set(found)) == len(found)
                assert all(len(each) >= OVERHEAD - 1 for each in found)
                # The form is the same everywhere; what comes after it must not be.
                _looks_random(b"".join(each[1:] for each in found), name)


def _looks_random(content: bytes, name: str) -> None:
    counts, total = Counter(content), len(content)
    entropy = -sum(count / total * math.log2(count / total) for count in counts.values())
    # So many bytes drawn by chance hold this much, less a little.
    assert entropy > math.log2(min(total, 256)) - 0.8, (name, entropy, total)


def test_no_value_lies_in_the_files_in_clear(sold: World, request: pytest.FixtureRequest) -> None:
    on_sqlite = sold.database.engine.dialect.name == "sqlite"
    server: Server | None = None if on_sqlite else request.getfixturevalue("postgres")
    given = json.dumps(sold.give(SHOP, INSURER, dossier=_dossier(sold)))
    assert {mark for mark in MARKS if mark.decode() in given} >= {b"QXGROUP7", b"PECQXV77", b"4093317"}
    assert lying_in(files_of(sold.database, server), MARKS) == set()


def test_a_value_in_clear_would_be_found(sold: World, request: pytest.FixtureRequest) -> None:
    on_sqlite = sold.database.engine.dialect.name == "sqlite"
    server: Server | None = None if on_sqlite else request.getfixturevalue("postgres")
    sold.record(SHOP, quoted_lens("ZZQXJVOLE0", "D-2", glassmaker=MAKER))
    assert lying_in(files_of(sold.database, server), MARKS) == {b"ZZQXJVOLE"}


def _dossier(sold: World) -> str:
    with sold.database.reading() as connection:
        return str(connection.execute(select(metadata.tables["dossiers"].c.dossier)).scalars().first())
