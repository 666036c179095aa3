"""A database of an earlier release is brought to this one at the start and still says what it said; others stop it."""

import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from app.api.app import create_app
from app.chain.client import NodeChain
from app.chain.signer import KeySigner
from app.pipeline.worker import Worker
from app.services.access_log import examined
from app.services.ground import Ground
from app.store import backup, pin
from app.store.database import Database, UnusableDatabase
from app.store.tables import metadata
from app.wiring import HostedGateway, SystemClock
from tests.api.serving import served
from tests.gateway.sales import RIGHT, ordered
from tests.hostile.house import NOBODY_LISTENS
from tests.support.gateways import OPTICIAN, ROLES
from tests.support.grounds import NETWORK
from tests.support.keys import KEYS
from tests.support.old_databases import Old, answer, stored
from tests.support.postgres import Server, programs
from tests.support.quiet import quiet as quiet


@pytest.fixture(params=stored(), ids=lambda old: f"{old.revision}-{old.kind}")
def old(request: pytest.FixtureRequest) -> Old:
    """Each database that is stored."""
    found: Old = request.param
    return found


@pytest.fixture
def url(old: Old, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The stored database as an operator has it."""
    if old.kind == "sqlite":
        (tmp_path / "gateway.db").write_bytes(old.content)
        return f"sqlite:///{tmp_path}/gateway.db"
    monkeypatch.setenv("PATH", f"{programs()}:{os.environ['PATH']}")
    server: Server = request.getfixturevalue("postgres")
    (tmp_path / "backup").write_bytes(old.content)
    made = server.new_database()
    backup.restore(made, tmp_path / "backup", overwrite=False)
    return made


FROM_THE_LEDGER = frozenset({"verdict", "cases", "assurance", "steps", "items", "invoiced", "insurers", "updated_at"})
"""What a page reads from the mirror. Revision 0030 empties it, because the ledger has other states since: the chain is
read again, and no chain is there in these tests."""
OF_THE_LEDGER = ("/v1/audit/", "/v1/parties", "/v1/inbox", "/v1/items", "/v1/dossiers/")
"""Paths whose answers are of the mirror as a whole; but packages, which a party's own database holds."""


def kept(answers: list[Any]) -> list[Any]:
    """The answers that a database gives by itself, without the chain."""
    return [each for each in answers if "/package" in each[1] or not each[1].startswith(OF_THE_LEDGER)]


def missing(before: Any, now: Any) -> bool:
    """Whether anything of an answer is missing or other now; a later release may say more."""
    if isinstance(before, dict):
        names = before.keys() - FROM_THE_LEDGER if "verdict" in before else before.keys()
        return not isinstance(now, dict) or any(name not in now or missing(before[name], now[name]) for name in names)
    if isinstance(before, list):
        return len(before) != len(now) or any(missing(one, other) for one, other in zip(before, now, strict=True))
    return bool(before != now)


def test_an_old_database_is_brought_to_this_release_and_says_what_it_said(old: Old, url: str) -> None:
    database = Database(url, KEYS)
    database.migrate()
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": metadata})
        assert compare_metadata(context, metadata) == []
    signer = KeySigner({number: number.to_bytes(32, "big") for number in ROLES})
    with database.reading() as connection:
        network = pin.pinned(connection, NETWORK)
    assert network is not None
    ground, shown = Ground(database, signer, SystemClock(), network, ROLES), old.shown
    chain = NodeChain(NOBODY_LISTENS, network, bytes(31) + b"\1")
    hosted = HostedGateway(ground, Worker(ground, chain))
    with served(create_app(hosted, production=False)) as client:
        for party, path, before in kept(shown["answers"]):
            client.headers["Authorization"] = f"Bearer {shown['keys'][str(party)]}"
            assert not missing(before, answer(client, path)), path
        _goes_on(client, shown)
    for party, (number, last) in shown["logs"].items():
        assert examined(ground, int(party), (number, last)).broken is None
    hosted.stop()
    chain.close()


def _goes_on(client: httpx.Client, shown: dict[str, Any]) -> None:
    """What was begun under the old release is continued under this one."""
    (waiting,) = [before for _, path, before in shown["answers"] if path.startswith("/v1/events/")]
    client.headers["Authorization"] = f"Bearer {shown['keys'][str(OPTICIAN)]}"
    taken = client.post("/v1/events", json=ordered(waiting["item"], RIGHT))
    assert taken.status_code == 202, taken.text


STOPS = {
    "a later release": ("UPDATE alembic_version SET version_num = '9999'", r"\(9999\).*`optitrace restore FILE"),
    "no release": ("DELETE FROM alembic_version", "does not say of which release.*`optitrace restore FILE"),
}


@pytest.mark.parametrize(("change", "words"), STOPS.values(), ids=STOPS)
def test_a_database_of_another_release_is_left_as_it_is_and_the_command_is_named(
    database_url: str, change: str, words: str
) -> None:
    database = Database(database_url)
    database.migrate()
    with database.writing() as connection:
        connection.execute(text(change))
        connection.execute(text("DROP TABLE day_keys"))
    with pytest.raises(UnusableDatabase, match=words):
        database.migrate()
    with database.engine.connect() as connection:
        assert "day_keys" not in inspect(connection).get_table_names()
    database.close()


def test_a_file_of_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "gateway.db"
    file.write_text("the shop's letters")
    database = Database(f"sqlite:///{file}")
    with pytest.raises(UnusableDatabase, match=r"none of SQLite's.*`optitrace restore FILE`"):
        database.migrate()
    database.close()
    assert file.read_text() == "the shop's letters"
