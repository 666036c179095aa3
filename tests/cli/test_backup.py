"""The commands `optitrace backup` and `optitrace restore`, and what a gateway says that cannot start."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from app.cli import app
from app.store.database import Database
from tests.cli.conftest import PARTY
from tests.deploy.processes import ROOT


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def keys() -> str:
    return run("party", "key", "list", "--party", str(PARTY)).stdout


def failed(result: Result) -> str:
    """The one line in which a command failed."""
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("optitrace: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_a_backup_is_restored_and_the_relayer_gets_a_new_key(settings: Path) -> None:
    run("party", "key", "create", "--party", str(PARTY), "--label", "till-1")
    before, relayer = keys(), (settings / "relayer.key").read_text()
    assert run("backup", str(settings / "copy")).exit_code == 0
    run("party", "key", "create", "--party", str(PARTY), "--label", "later")

    assert "--overwrite" in failed(run("restore", str(settings / "copy")))
    assert (settings / "relayer.key").read_text() == relayer
    assert run("restore", str(settings / "copy"), "--overwrite").exit_code == 0
    assert keys() == before
    renewed = settings / "relayer.key"
    assert len(bytes.fromhex(renewed.read_text())) == 32
    assert renewed.read_text() != relayer
    assert stat.S_IMODE(renewed.stat().st_mode) == 0o600


def test_a_relayers_key_that_cannot_be_replaced_is_named(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys()
    run("backup", str(settings / "copy"))
    monkeypatch.setenv("OPTITRACE_RELAYER_KEY_FILE", str(settings / "nowhere/relayer.key"))
    result = run("restore", str(settings / "copy"), "--overwrite")
    assert result.exit_code == 1
    assert "nowhere/relayer.key" in result.stderr


def test_what_is_wrong_with_a_backup_is_said_in_a_line(settings: Path) -> None:
    keys()
    (settings / "copy").write_text("hello")
    assert "replaces nothing" in failed(run("backup", str(settings / "copy")))
    assert "is no backup" in failed(run("restore", str(settings / "copy"), "--overwrite"))
    assert "nothing-here" in failed(run("restore", str(settings / "nothing-here")))
    assert "nowhere" in failed(run("backup", str(settings / "nowhere/copy")))


def test_settings_that_are_missing_or_wrong_are_named_without_a_value(
    settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTITRACE_PORT", "ZZQXJVOLE")
    monkeypatch.delenv("OPTITRACE_DATABASE_URL")
    for arguments in (("backup", str(settings / "copy")), ("party", "key", "list", "--party", str(PARTY))):
        said = failed(run(*arguments))
        assert said.endswith("not as it has to be: OPTITRACE_DATABASE_URL, OPTITRACE_PORT\n")


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize("module", ["app.main", "app.worker"])
def test_a_gateway_whose_database_is_of_a_later_release_stops_and_names_the_command(
    database_url: str, module: str
) -> None:
    database = Database(database_url)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    done = subprocess.run([sys.executable, "-m", module], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("optitrace: ")
    assert done.stderr.count("\n") == 1
    assert "`optitrace restore FILE" in done.stderr
    assert "`optitrace restore FILE" in failed(run("party", "key", "list", "--party", str(PARTY)))
