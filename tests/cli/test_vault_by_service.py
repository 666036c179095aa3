"""A gateway whose settings name a service for its vault's keys: the same start and the same sentences."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.custody.ring import KeyRing
from app.settings import Settings
from app.starting import ground_of
from app.store import vault
from tests.cli.conftest import PARTY
from tests.support.files import private
from tests.support.key_service import Service, key_service

OLD, NEW, TOKEN = secrets.token_bytes(32), secrets.token_bytes(32), secrets.token_hex(16)


@pytest.fixture
def service(settings: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """The settings name this service and the file of its token; the database holds a secret under its key."""
    with key_service(KeyRing({"old": OLD})) as found:
        monkeypatch.delenv("OPTITRACE_VAULT_KEY_FILE")
        monkeypatch.setenv("OPTITRACE_VAULT_KEY_SERVICE", found.url)
        monkeypatch.setenv("OPTITRACE_VAULT_KEY_SERVICE_TOKEN_FILE", str(private(settings / "token", f"{TOKEN}\n")))
        database = ground_of(Settings.from_environment()).database
        with database.writing(PARTY) as connection:
            vault.add_secrets(connection, PARTY, {"0a" * 16: bytes(32)})
        database.close()
        yield found


def rotated() -> Result:
    return CliRunner().invoke(app, ["vault", "rotate"])


def test_keys_are_rotated_by_the_service_which_is_shown_the_token_each_time(service: Service) -> None:
    service.ring = KeyRing({"old": OLD, "new": NEW})
    done = rotated()
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "1 data keys were wrapped anew.")
    assert "POST /keys/new/wrap" in service.asked
    assert set(service.tokens) == {f"Bearer {TOKEN}"}


def test_a_key_that_the_service_lost_is_named(service: Service) -> None:
    service.ring = KeyRing({"new": NEW})
    assert said(rotated()) == "optitrace: the key-encryption key old is missing. See docs/operations.md"


def test_a_service_that_is_gone_is_said_to_be(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTITRACE_VAULT_KEY_SERVICE", "http://127.0.0.1:9")
    assert said(rotated()) == "optitrace: the vault's key service does not answer. Send again in a minute."
    assert service.asked


def said(result: Result) -> str:
    """The one line of a command that stopped, up to where on a page it sends."""
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    return result.stderr.strip().split(", ")[0]
