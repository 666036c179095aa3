"""The vault on both kinds of database: what was written comes back, and whatever else is refused."""

import secrets
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from app.custody.ring import KeyRing
from app.domain.records import GroupValues, group_values
from app.errors import OptiTraceError, VaultUnreadable
from app.store import data_keys, vault
from app.store.database import Database
from app.store.vault import GivenKey, Opening
from app.store.vault_tables import vault_group_keys, vault_keks, vault_keys, vault_secrets, vault_values

SHOP, OTHER = 1001001001, 1001001002
ITEM, SECOND = "0a" * 16, "0b" * 16
STEP, LATER = "ef" * 32, "fe" * 32
VALUES = group_values("optics.lens/1", "product", {"maker": "ZZQXJVOLE0", "code": "PRG160"})
OLD, NEW = secrets.token_bytes(32), secrets.token_bytes(32)


def opened_with(url: str, **keys: bytes) -> Database:
    database = Database(url, KeyRing(keys))
    try:
        database.migrate()
    except VaultUnreadable:
        database.close()
        raise
    return database


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = opened_with(database_url, old=OLD)
    fill(found)
    yield found
    found.close()


def fill(database: Database) -> None:
    """Two items of two parties, with everything that is kept of one."""
    with database.writing() as connection:
        for party in (SHOP, OTHER):
            vault.add_secrets(connection, party, {ITEM: party.to_bytes(32), SECOND: (party + 9).to_bytes(32)})
            vault.add_group_keys(connection, party, [GivenKey(ITEM, "product", 1, b"k" * 32)])
            vault.add_openings(connection, party, [Opening(STEP, ITEM, VALUES), Opening(LATER, ITEM, VALUES)])


def read(database: Database, party: int = SHOP, item: str = ITEM) -> tuple[object, ...]:
    with database.reading() as connection:
        secret = vault.secret(connection, party, item)
        keys = vault.group_keys(connection, party, item)
        values: list[GroupValues] = [each.values for each in vault.openings(connection, party, STEP)]
        return secret, keys, values


def test_what_was_written_comes_back_to_its_party(database: Database) -> None:
    for party in (SHOP, OTHER):
        assert read(database, party) == (party.to_bytes(32), {"product": b"k" * 32}, [VALUES])


def test_the_same_again_changes_nothing(database: Database) -> None:
    with database.writing() as connection:
        vault.add_group_keys(connection, SHOP, [GivenKey(ITEM, "product", 1, b"k" * 32)])
        vault.add_openings(connection, SHOP, [Opening(STEP, ITEM, VALUES)])
    assert read(database) == (SHOP.to_bytes(32), {"product": b"k" * 32}, [VALUES])


def test_each_subject_of_each_party_has_a_data_key_of_its_own(database: Database) -> None:
    with database.reading() as connection:
        rows = connection.execute(select(vault_keys)).all()
    assert sorted((row.party, row.subject) for row in rows) == [
        (SHOP, ITEM), (SHOP, SECOND), (OTHER, ITEM), (OTHER, SECOND)
    ]  # fmt: skip
    ring = KeyRing({"old": OLD})
    opened = {ring.unwrap("old", [(context_of(row.party, row.subject), row.wrapped)])[0] for row in rows}
    assert len(opened) == 4


def context_of(party: int, subject: str) -> bytes:
    return f"optitrace.vault/1\0data key\0{party}\0{subject}".encode()


@pytest.mark.parametrize(
    ("table", "column", "rows"),
    [
        (vault_secrets, "secret", [{"subject": ITEM}, {"subject": SECOND}]),
        (vault_secrets, "secret", [{"party": SHOP}, {"party": OTHER}]),
        (vault_group_keys, "secret", [{"party": SHOP}, {"party": OTHER}]),
        (vault_values, "content", [{"digest": STEP, "party": SHOP}, {"digest": LATER, "party": SHOP}]),
        (vault_keys, "wrapped", [{"party": SHOP, "subject": ITEM}, {"party": SHOP, "subject": SECOND}]),
        (vault_keys, "wrapped", [{"party": SHOP, "subject": ITEM}, {"party": OTHER, "subject": ITEM}]),
    ],
)
def test_rows_that_were_swapped_cannot_be_read(
    database: Database, table: object, column: str, rows: list[dict[str, object]]
) -> None:
    with database.writing() as connection:
        where = [[table.c[name] == value for name, value in row.items()] for row in rows]  # type: ignore[attr-defined]
        one, other = (connection.execute(select(table.c[column]).where(*each)).scalars().first() for each in where)  # type: ignore[attr-defined]
        for its, content in zip(where, (other, one), strict=True):
            connection.execute(update(table).where(*its).values({column: content}))  # type: ignore[arg-type]
    with pytest.raises(VaultUnreadable):
        read(database)


def test_values_are_read_under_no_other_schema(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(update(vault_values).values(schema="optics.frame/1"))
    with pytest.raises(VaultUnreadable):
        read(database)


def test_every_flipped_bit_of_a_wrapped_key_is_found(database: Database) -> None:
    with database.reading() as connection:
        its = (vault_keys.c.party == SHOP, vault_keys.c.subject == ITEM)
        whole = connection.execute(select(vault_keys.c.wrapped).where(*its)).scalar_one()
    for place in range(0, len(whole) * 8, 3):
        broken = bytearray(whole)
        broken[place // 8] ^= 1 << place % 8
        with database.writing() as connection:
            connection.execute(update(vault_keys).where(*its).values(wrapped=bytes(broken)))
        with pytest.raises(VaultUnreadable) as found:
            read(database)
        assert "ZZQX" not in f"{found.value}{found.value.mend}"


def test_a_row_of_the_wrong_key_cannot_stand_for_another(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(update(vault_keys).values(kek="new"))
    with pytest.raises(VaultUnreadable, match="the key-encryption key new is missing"):
        read(database)


def test_a_lost_key_stops_the_start_and_is_named(database: Database, database_url: str) -> None:
    with pytest.raises(VaultUnreadable, match="the key-encryption key old is missing"):
        opened_with(database_url, new=NEW)
    assert read(database)[0] == SHOP.to_bytes(32)


def test_another_key_of_the_same_name_stops_the_start_and_is_named(database: Database, database_url: str) -> None:
    with pytest.raises(VaultUnreadable, match="the key-encryption key old is not the one"):
        opened_with(database_url, old=NEW)
    assert read(database)[0] == SHOP.to_bytes(32)


def test_without_keys_a_vault_can_neither_be_read_nor_written(database: Database, database_url: str) -> None:
    assert read(database)[0]
    blind = Database(database_url)
    with pytest.raises(VaultUnreadable, match="no key-encryption key"):
        read(blind)
    with pytest.raises(VaultUnreadable, match="no key-encryption key"), blind.writing() as connection:
        vault.add_secrets(connection, SHOP, {"0c" * 16: bytes(32)})
    blind.close()


def test_new_data_keys_are_wrapped_with_the_newest_key_and_old_ones_stay_readable(
    database: Database, database_url: str
) -> None:
    both = opened_with(database_url, old=OLD, new=NEW)
    with both.writing() as connection:
        vault.add_secrets(connection, SHOP, {"0c" * 16: b"c" * 32})
    with both.reading() as connection:
        used = connection.execute(select(vault_keys.c.subject, vault_keys.c.kek)).all()
        assert {row.kek for row in used if row.subject == "0c" * 16} == {"new"}
        assert connection.execute(select(vault_keks.c.id).where(vault_keks.c.current)).scalars().all() == ["new"]
    assert read(both) == read(database)
    both.close()


def test_an_older_wrapped_key_that_was_put_back_needs_the_older_key(database: Database, database_url: str) -> None:
    with database.reading() as connection:
        before = connection.execute(select(vault_keys).where(vault_keys.c.subject == ITEM)).first()
    assert before is not None
    both = opened_with(database_url, old=OLD, new=NEW)
    with both.writing() as connection:
        while data_keys.wrap_anew(connection, 2):
            pass
        assert data_keys.retire_unused(connection) == ["old"]
    both.close()
    only = opened_with(database_url, new=NEW)
    assert read(only)[0] == SHOP.to_bytes(32)
    with only.writing() as connection:
        its = (vault_keys.c.party == before.party, vault_keys.c.subject == before.subject)
        connection.execute(update(vault_keys).where(*its).values(kek="old", wrapped=before.wrapped))
    with pytest.raises(OptiTraceError):
        read(only, before.party)
    only.close()
