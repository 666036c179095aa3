"""Erasing a record: what is gone, what stays, and that no file holds a trace of it after the scrub."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select

from app.errors import NotFound, RecordErased, VaultUnreadable
from app.queries.equipment import item_view
from app.services.erase import erase_item
from app.store import erasures, own, vault
from app.store.registry import Role
from app.store.tables import access_log, dossiers, idempotency, items
from app.store.vault_tables import vault_group_keys, vault_keys, vault_secrets, vault_values
from tests.gateway.sales import CLAIM, RIGHT, billed_lens, invoiced, ordered, quoted_lens
from tests.support.database_files import files_of, left_over, lying_in
from tests.support.postgres import Server
from tests.support.worlds import INSURER, MAKER, OTHER_SHOP, SHOP, World, actor_of

VAULT = (vault_keys, vault_secrets, vault_group_keys, vault_values)


@dataclass
class Sold:
    """A sale of two lenses, up to the invoice, with the packages handed over."""

    world: World
    dossier: str
    first: str
    second: str

    def erase(self, item: str, party: int = SHOP) -> erasures.Erasure:
        return erase_item(self.world.ground, actor_of(party), item)

    def rows(self, party: int, subject: str) -> list[tuple[Any, ...]]:
        """Everything in the vault about a subject of a party."""
        with self.world.database.reading() as connection:
            return [tuple(row) for table in VAULT for row in _of(connection, table, party, subject)]


def _of(connection: Connection, table: Any, party: int, subject: str) -> Sequence[Any]:
    return connection.execute(select(table).where(table.c.party == party, table.c.subject == subject)).all()


@pytest.fixture
def sold(world: World) -> Sold:
    lenses = [quoted_lens(f"REF-QX7-{side}", "DV-QX-7", glassmaker=MAKER) for side in ("R", "L")]
    first, second = (event.item for event in world.record(SHOP, *lenses, key="quotes"))
    found = Sold(world, _dossier(world, str(first)), str(first), str(second))
    world.record(SHOP, ordered(found.first, RIGHT), ordered(found.second, RIGHT), key="orders")
    world.take(MAKER, world.give(SHOP, MAKER, dossier=found.dossier))
    bill = invoiced(found.dossier, billed_lens(found.first), billed_lens(found.second), claim=CLAIM, insurers=[INSURER])
    world.record(SHOP, bill, key="bill")
    world.take(INSURER, world.give(SHOP, INSURER, dossier=found.dossier))
    return found


def _dossier(world: World, item: str) -> str:
    with world.database.reading() as connection:
        return own.items_known(connection, SHOP, [item])[item].dossier


def test_nothing_of_an_erased_record_is_left_and_all_else_stays(sold: Sold) -> None:
    others = sold.rows(SHOP, sold.second), sold.rows(SHOP, sold.dossier), sold.rows(MAKER, sold.first)
    assert sold.rows(SHOP, sold.first)
    sold.erase(sold.first)
    assert sold.rows(SHOP, sold.first) == []
    assert (sold.rows(SHOP, sold.second), sold.rows(SHOP, sold.dossier), sold.rows(MAKER, sold.first)) == others


def test_the_last_item_takes_the_dossiers_own_with_it(sold: Sold) -> None:
    sold.erase(sold.first)
    sold.erase(sold.second)
    assert sold.rows(SHOP, sold.dossier) == []
    with sold.world.database.reading() as connection:
        assert own.references(connection, SHOP, [sold.first, sold.second, sold.dossier]) == {}
        with pytest.raises(RecordErased):
            vault.secret(connection, SHOP, sold.dossier)


def test_what_was_erased_is_answered_with_who_and_when(sold: Sold) -> None:
    sold.erase(sold.first)
    with pytest.raises(RecordErased, match=f"party {SHOP} erased its record on 2027-01-15T08:00:00Z"):
        sold.world.give(SHOP, MAKER, item=sold.first)
    with sold.world.database.reading() as connection:
        view = item_view(connection, SHOP, Role.OPTICIAN, sold.first, sold.world.ground.clock.now()).erased
    assert view is not None
    assert (view.party, view.status, view.erased_at) == (SHOP, "erasing", "2027-01-15T08:00:00Z")
    assert view.given_to == [MAKER, INSURER]


def test_nothing_is_committed_to_any_more_for_an_erased_item(world: World) -> None:
    (quote,) = world.record(SHOP, quoted_lens("R", glassmaker=MAKER))
    erase_item(world.ground, actor_of(SHOP), str(quote.item))
    with pytest.raises(RecordErased):
        world.record(SHOP, ordered(str(quote.item), RIGHT))


def test_a_package_of_the_dossier_leaves_the_erased_item_out(sold: Sold) -> None:
    sold.erase(sold.first)
    package = sold.world.give(SHOP, INSURER, dossier=sold.dossier)
    assert [each["item"] for each in package["items"]] == [sold.second]
    assert sold.first not in {opening["subject"] for step in package["steps"] for opening in step["openings"]}
    sold.world.take(INSURER, package)


def test_to_erase_again_changes_nothing(sold: Sold) -> None:
    before = sold.erase(sold.first)
    sold.world.clock.time += 60
    rows = sold.world.rows()
    assert sold.erase(sold.first) == before
    assert sold.world.rows() == rows


def test_a_party_erases_its_own_record_alone(sold: Sold) -> None:
    with pytest.raises(NotFound):
        sold.erase(sold.first, OTHER_SHOP)
    sold.erase(sold.first, MAKER)
    assert sold.rows(MAKER, sold.first) == []
    assert sold.rows(SHOP, sold.first)


def test_an_erased_record_does_not_come_back_in_a_package(sold: Sold) -> None:
    package = sold.world.give(SHOP, MAKER, item=sold.first)
    sold.erase(sold.first, MAKER)
    with pytest.raises(RecordErased):
        sold.world.take(MAKER, package)
    assert sold.rows(MAKER, sold.first) == []


def test_rows_that_were_put_back_from_a_copy_stay_closed(sold: Sold) -> None:
    with sold.world.database.reading() as connection:
        copy = [(table, dict(row._mapping)) for table in VAULT for row in _of(connection, table, SHOP, sold.first)]
    sold.erase(sold.first)
    with sold.world.database.writing() as connection:
        for table, row in copy:
            connection.execute(insert(table).values(**row))
    with sold.world.database.reading() as connection, pytest.raises(VaultUnreadable):
        vault.secret(connection, SHOP, sold.first)


def test_kept_answers_about_its_dossier_go_and_others_stay(sold: Sold) -> None:
    sold.world.record(SHOP, quoted_lens("X", "another-1", glassmaker=MAKER), key="another")
    sold.erase(sold.first)
    with sold.world.database.reading() as connection:
        assert connection.execute(select(idempotency.c.key)).scalars().all() == ["another"]


def traces(sold: Sold) -> set[bytes]:
    """What must be found nowhere: the wrapped key, everything it sealed, the references, the answers' codes."""
    with sold.world.database.reading() as connection:
        found = [bytes(v) for row in sold.rows(SHOP, sold.first) for v in row if isinstance(v, bytes | memoryview)]
        found += [bytes(v) for row in sold.rows(SHOP, sold.dossier) for v in row if isinstance(v, bytes | memoryview)]
        found += [bytes(v) for row in sold.rows(SHOP, sold.second) for v in row if isinstance(v, bytes | memoryview)]
        codes = connection.execute(select(idempotency.c.body_mac)).scalars().all()
    return {*found, b"REF-QX7-R", b"REF-QX7-L", b"DV-QX-7", *(code.encode() for code in codes)}


def test_no_file_holds_a_trace_after_the_scrub(sold: Sold, server: Server | None) -> None:
    database = sold.world.database
    wanted = traces(sold)
    assert lying_in(files_of(database, server), wanted) == wanted
    sold.erase(sold.first)
    sold.erase(sold.second)
    assert database.scrub()
    assert left_over(database, server, wanted) == set()
    with database.reading() as connection:
        assert erasures.erased(connection, SHOP, [sold.first])[sold.first].done


def test_a_scrub_reaches_what_was_deleted_without_being_overwritten(sold: Sold, server: Server | None) -> None:
    """SQLite overwrites what it deletes as long as the connection asks for it; a shell on the file does not."""
    if server is not None:
        return
    database = sold.world.database
    wanted = traces(sold)
    with closing(sqlite3.connect(str(database.engine.url.database))) as shell:
        shell.execute("PRAGMA secure_delete = OFF")
        for table in (*VAULT, idempotency, items, dossiers):
            shell.execute(f"DELETE FROM {table.name}")  # noqa: S608
        shell.commit()
        shell.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert lying_in(files_of(database, server), wanted)
    with database.writing() as connection:
        erasures.ask_scrub(connection, 0)
    assert database.scrub()
    assert lying_in(files_of(database, server), wanted) == set()


def test_a_scrub_waits_for_who_still_reads_what_was_there(sold: Sold) -> None:
    with sold.world.database.reading() as connection:
        # Of another table than those that are written anew, or PostgreSQL would wait for the reader, and SQLite not.
        connection.execute(select(access_log)).all()
        sold.erase(sold.first)
        assert not sold.world.database.scrub()
        with sold.world.database.reading() as other:
            assert not erasures.erased(other, SHOP, [sold.first])[sold.first].done
    assert sold.world.database.scrub()


def test_a_scrub_that_nobody_asked_for_does_nothing(sold: Sold) -> None:
    sold.erase(sold.first)
    assert sold.world.database.scrub()
    with sold.world.database.writing() as connection:
        connection.execute(delete(idempotency))
    assert sold.world.database.scrub()


def test_an_item_that_comes_to_a_dossier_erased_before_is_erased_too(world: World) -> None:
    items = []
    for name in ("A", "B"):
        (quote,) = world.record(SHOP, quoted_lens(name, "D1-in-two-parts", glassmaker=MAKER))
        world.record(SHOP, ordered(str(quote.item), RIGHT))
        world.take(MAKER, world.give(SHOP, MAKER, item=str(quote.item)))
        erase_item(world.ground, actor_of(MAKER), str(quote.item))
        items.append(str(quote.item))
    with world.database.reading() as connection:
        assert erasures.erased(connection, MAKER, items).keys() == set(items)
