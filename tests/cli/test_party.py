"""The commands `optitrace party …`, run as somebody types them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from app.cli import app
from app.domain.access import BEFORE_THE_FIRST
from app.services.access_log import Notes
from app.services.api_keys import KeyRing, id_of
from app.settings import Settings
from app.starting import ground_of
from app.store.database import Database
from tests.cli.conftest import PARTY

GONE = 777
Run = Callable[..., Result]


@pytest.fixture
def run(settings: Path) -> Run:  # noqa: ARG001
    """Runs `optitrace party …` in the environment of a gateway that serves one optician."""

    def run(*arguments: str, party: int = PARTY) -> Result:
        return CliRunner().invoke(app, ["party", *arguments, "--party", str(party)])

    return run


def made(run: Run, *options: str) -> str:
    result = run("key", "create", *options)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def good(key: str) -> bool:
    ground = ground_of(Settings.from_environment())
    try:
        return KeyRing(ground, Notes(ground)).holder_of(key) is not None
    finally:
        ground.database.close()


def test_a_new_key_is_all_that_is_printed(run: Run) -> None:
    result = run("key", "create", "--label", "till-1", "--scope", "read", "--expires", "3600")

    assert result.stdout.count("\n") == 1
    assert good(result.stdout.strip())


def test_keys_are_listed_without_their_secrets(run: Run) -> None:
    keys = [made(run, "--label", label) for label in ("till-1", "stock-screen-1")]
    run("key", "revoke", id_of(keys[0]))
    listed = run("key", "list").stdout

    for key in keys:
        assert id_of(key) in listed
        assert key.split("_")[2] not in listed
    (line,) = [line for line in listed.splitlines() if "stock-screen-1" in line]
    assert " yes " in line
    (line,) = [line for line in listed.splitlines() if "till-1" in line]
    assert " revoked " in line


def test_a_key_is_rotated_with_an_overlap_or_without(run: Run) -> None:
    first = made(run)
    second = run("key", "rotate", id_of(first), "--overlap", "600").stdout.strip()
    assert good(first)
    assert good(second)
    third = run("key", "rotate", id_of(first)).stdout.strip()

    assert [good(key) for key in (first, second, third)] == [False, False, True]


def test_the_last_key_is_revoked_with_a_word_of_warning(run: Run) -> None:
    keys = [made(run), made(run)]
    assert run("key", "revoke", id_of(keys[0])).stderr == ""
    last = run("key", "revoke", id_of(keys[1]))

    assert last.exit_code == 0
    assert "no key of scope all" in last.stderr
    assert not good(keys[1])


@pytest.mark.parametrize("expires", ["2001-01-01", "0", "tomorrow", "2199-13-01"])
def test_an_end_that_cannot_be_makes_no_key(run: Run, expires: str) -> None:
    result = run("key", "create", "--expires", expires)

    assert result.exit_code in (1, 2)
    assert result.stdout == ""
    assert "Traceback" not in result.output


@pytest.mark.parametrize("expires", ["2199-01-01", "2199-01-01T12:00:00Z", "2199-01-01T12:00:00+02:00"])
def test_an_end_may_be_a_day_or_a_moment(run: Run, expires: str) -> None:
    made(run, "--expires", expires)

    assert "2199-01-01T" in run("key", "list").stdout


@pytest.mark.parametrize("command", [("rotate", "00000000"), ("revoke", "00000000")])
def test_a_key_that_is_not_there_is_said_in_a_line(run: Run, command: tuple[str, str]) -> None:
    result = run("key", *command)

    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("optitrace: ")


def test_a_party_that_is_not_served_gets_no_key(run: Run) -> None:
    assert run("key", "create", party=GONE).exit_code == 2


def test_an_untouched_log_is_told_by_its_last_row(run: Run) -> None:
    assert run("access", "verify").stdout.strip() == f"0:{BEFORE_THE_FIRST}"
    made(run)
    noted = run("access", "verify").stdout.strip()
    made(run)

    assert noted.startswith("1:")
    assert run("access", "verify", "--known", noted).exit_code == 0
    assert run("access", "verify", "--known", "1").exit_code == 2
    assert run("access", "verify", "--known", f"1:{'0' * 64}").exit_code == 1


def test_the_first_broken_row_is_named(run: Run, database_url: str) -> None:
    made(run), made(run), made(run)
    database = Database(database_url)
    with database.writing() as connection:
        sqlite = connection.dialect.name == "sqlite"
        rule = "access_log_no_update" if sqlite else "access_log_append_only ON access_log"
        connection.execute(text(f"DROP TRIGGER {rule}"))
        connection.execute(text("UPDATE access_log SET label = 'somebody else' WHERE number = 2"))
    database.close()
    result = run("access", "verify")

    assert result.exit_code == 1
    assert result.stderr == "row 2 is not what was written; 1 rows before it hold\n"
