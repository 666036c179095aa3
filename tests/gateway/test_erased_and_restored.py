"""A database restored from before an erasure: the ledger says what was erased, and it is erased again."""

import os
from pathlib import Path

import pytest

from app.domain.access import Act
from app.errors import RecordErased
from app.services.announce import announce_left
from app.services.erase_again import erase_again
from app.services.give_package import About, give_package
from app.services.take_package import take_package
from app.store import access_log, backup, vault
from tests.gateway.test_erasure import Sale, sold
from tests.support.benches import Bench, Pipeline
from tests.support.database_files import files_of, lying_in
from tests.support.postgres import Server, programs
from tests.support.worlds import INSURER, MAKER, SHOP, actor_of

NAME = "D1-QX-restored"


@pytest.fixture
def first(bench: Bench) -> Pipeline:
    """The gateway that the backup is of."""
    found = bench.pipeline()
    found.turn()
    return found


@pytest.fixture
def server_of(first: Pipeline, request: pytest.FixtureRequest) -> Server | None:
    """The server that the databases are on; None with SQLite."""
    on_sqlite = first.ground.database.engine.dialect.name == "sqlite"
    return None if on_sqlite else request.getfixturevalue("postgres")


@pytest.fixture
def restored(
    bench: Bench, first: Pipeline, server_of: Server | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Sale, Sale, Pipeline]:
    """A sale erased after the backup was taken, one that was not, and the gateway on what the backup held."""
    monkeypatch.setenv("PATH", f"{programs()}:{os.environ['PATH']}")
    sale, other = sold(first, NAME), sold(first, "D1-other")
    url = first.ground.database.engine.url.render_as_string(hide_password=False)
    backup.back_up(url, tmp_path / "backup")
    for item in (sale.first, sale.second):
        for party in (SHOP, INSURER):
            sale.erase(party, item)
    sale.erase(MAKER, sale.first)
    first.turn()
    elsewhere = f"sqlite:///{tmp_path}/elsewhere.db" if server_of is None else server_of.new_database()
    backup.restore(elsewhere, tmp_path / "backup", overwrite=False)
    return sale, other, bench.pipeline(database=elsewhere)


def held(gateway: Pipeline, sale: Sale) -> list[tuple[int, str]]:
    """What each party holds of a sale."""
    subjects = {"first": sale.first, "second": sale.second, "dossier": sale.dossier}
    with gateway.ground.database.reading() as connection:
        return [
            (party, name)
            for party in (SHOP, MAKER, INSURER)
            for name, subject in subjects.items()
            if vault.holds(connection, party, subject)
        ]


def erasure_notes(gateway: Pipeline, party: int) -> list[str]:
    """By whom, as the access log has it, a party's records were erased."""
    with gateway.ground.database.reading() as connection:
        rows = [kept.row for kept in access_log.whole_log(connection, party)]
    return [row.actor.label for row in rows if row.deed.act == Act.RECORD_ERASED]


def test_what_a_backup_brought_back_is_erased_again_and_nothing_is_said_twice(
    restored: tuple[Sale, Sale, Pipeline], server_of: Server | None
) -> None:
    sale, other, gateway = restored
    there, before = sale.who(), held(gateway, other)
    assert len(held(gateway, sale)) == 8
    gateway.turn()
    assert held(gateway, sale) == [(MAKER, "second")]
    assert held(gateway, other) == before
    assert announce_left(gateway.ground) == 0
    gateway.turn()
    assert (gateway.waiting(), Sale(gateway, sale.dossier, sale.first, sale.second).who()) == (0, there)
    assert erasure_notes(gateway, SHOP) == ["worker"] * 3
    assert erasure_notes(gateway, MAKER) == ["worker"]
    with pytest.raises(RecordErased):
        give_package(gateway.ground, actor_of(SHOP), INSURER, About(dossier=sale.dossier))
    assert gateway.ground.database.scrub()
    references = {f"{NAME}-R".encode(), f"{NAME}-L".encode()}
    assert lying_in(files_of(gateway.ground.database, server_of), references) == set()
    (seen,) = [each for each in sale.item(MAKER, sale.first).erasures if each.party == SHOP]
    told = Sale(gateway, sale.dossier, sale.first, sale.second).item(SHOP, sale.first).erased
    assert (told.status, told.sequence, told.erased_at) == ("erased", seen.sequence, seen.erased_at)


def test_what_is_erased_on_the_ledger_comes_in_by_no_package(bench: Bench, first: Pipeline) -> None:
    """A gateway that lost its database altogether has only the ledger's word for what it erased."""
    sale, other = sold(first, "D1-lost"), sold(first, "D1-kept")
    packages = {each.dossier: first.package(SHOP, MAKER, each.dossier) for each in (sale, other)}
    sale.erase(MAKER, sale.first)
    first.turn()
    fresh = bench.pipeline()
    fresh.turn()
    with pytest.raises(RecordErased):
        take_package(fresh.ground, actor_of(MAKER), packages[sale.dossier])
    take_package(fresh.ground, actor_of(MAKER), packages[other.dossier])
    assert held(fresh, sale) == []
    assert held(fresh, other) == [(MAKER, "first"), (MAKER, "second")]


def test_a_process_that_begins_at_the_first_step_erases_nothing_twice(restored: tuple[Sale, Sale, Pipeline]) -> None:
    sale, _, gateway = restored
    gateway.turn()
    erase_again(gateway.ground, 0)
    assert held(gateway, sale) == [(MAKER, "second")]
    assert erasure_notes(gateway, INSURER) == ["worker"] * 3
