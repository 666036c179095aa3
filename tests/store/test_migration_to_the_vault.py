"""A database that holds its vault in clear is sealed at its first start with a key, and the clear text is gone."""

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from app.custody.ring import ring_from_file
from app.errors import VaultUnreadable
from app.store import answers, vault
from app.store.database import Database
from app.store.erasures import asked_scrub
from tests.support.database_files import files_of, lying_in
from tests.support.keys import KEYS, key_file
from tests.support.postgres import Server

ROOT = Path(__file__).resolve().parents[2]
SHOP, ITEM, STEP = 1001001001, "0a" * 16, "ef" * 32
PRODUCT = {"maker": "ZZQXJVOLE0", "code": "PRG160", "index": None, "geometry": None}
SECRET, GIVEN, OF_DAY = (secrets.token_bytes(32) for _ in range(3))
CLEAR = {SECRET, GIVEN, OF_DAY, b"ZZQXJVOLE"}
DAY = 20_000


@pytest.fixture
def server(request: pytest.FixtureRequest, blank_database_url: str) -> Server | None:
    return request.getfixturevalue("postgres") if blank_database_url.startswith("postgresql") else None


@pytest.fixture
def clear(blank_database_url: str) -> Iterator[Database]:
    """A database as the release before left it, with a row in each table that held something in clear."""
    database = Database(blank_database_url)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "app/store/migrations"))
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    rows: dict[str, dict[str, object]] = {
        "INSERT INTO vault_secrets VALUES (:party, :subject, :secret)": {"secret": SECRET},
        "INSERT INTO vault_group_keys VALUES (:party, :subject, 'product', 1, :secret)": {"secret": GIVEN},
        "INSERT INTO vault_values VALUES (:party, :digest, :subject, 'product', 'optics.lens/1', :content)": {
            "digest": STEP,
            "content": json.dumps(PRODUCT).encode(),
        },
        "INSERT INTO day_keys VALUES (:day, :secret)": {"day": DAY, "secret": OF_DAY},
    }
    with database.writing() as connection:
        for statement, values in rows.items():
            named = values if "day" in values else {"party": SHOP, "subject": ITEM, **values}
            connection.execute(text(statement), named)
    yield database
    database.close()


def check(database: Database, server: Server | None) -> None:
    """Everything can be read, and lies nowhere in clear."""
    with database.reading() as connection:
        assert vault.secret(connection, SHOP, ITEM) == SECRET
        assert vault.group_keys(connection, SHOP, ITEM) == {"product": GIVEN}
        (opening,) = vault.openings(connection, SHOP, STEP)
        assert dict(opening.values.values) == PRODUCT
        assert answers._secret(connection, DAY) == OF_DAY
        assert asked_scrub(connection) is None
    assert lying_in(files_of(database, server), CLEAR) == set()


def test_the_clear_text_is_sealed_and_nothing_of_it_is_left(
    clear: Database, blank_database_url: str, server: Server | None
) -> None:
    assert lying_in(files_of(clear, server), CLEAR) == CLEAR
    clear.close()
    database = Database(blank_database_url, KEYS)
    database.migrate()
    check(database, server)
    database.close()


def test_without_a_key_the_database_stays_as_it_is(
    clear: Database, blank_database_url: str, server: Server | None
) -> None:
    with pytest.raises(VaultUnreadable, match="no key-encryption key was given"):
        clear.migrate()
    database = Database(blank_database_url, KEYS)
    database.migrate()
    check(database, server)
    database.close()


def test_a_start_that_died_before_the_clear_text_was_gone_is_finished_by_the_next(
    clear: Database, blank_database_url: str, server: Server | None, tmp_path: Path
) -> None:
    clear.close()
    code = (
        "import sys, pathlib; from app import failpoints; from app.store.database import Database\n"
        "from app.custody.ring import ring_from_file\n"
        "failpoints.arm('K12'); Database(sys.argv[1], ring_from_file(pathlib.Path(sys.argv[2]))).migrate()"
    )
    (tmp_path / "keys").mkdir()
    file = key_file(tmp_path / "keys")
    died = subprocess.run([sys.executable, "-c", code, blank_database_url, str(file)], cwd=ROOT, check=False)
    assert died.returncode == 137
    database = Database(blank_database_url, ring_from_file(file))
    with database.reading() as connection:
        assert asked_scrub(connection) is not None
    database.migrate()
    check(database, server)
    database.close()
