"""The commands `optitrace vault …`, and starts that the vault's keys stop, as processes."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from app.custody.ring import ring_from_file
from app.store import vault
from app.store.database import Database
from tests.deploy.processes import ROOT, environment, optitrace
from tests.support.files import private

PARTY = 1001001001
OLD, NEW = secrets.token_hex(32), secrets.token_hex(32)


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """The environment of a gateway whose database holds a secret under the key `old`."""
    network = {
        "chain_id": 31337, "genesis": "0x" + "00" * 32, "ledger": "0x" + "5f" * 20, "registry": "0x" + "6f" * 20,
        "ledger_code_hash": "0x" + "00" * 32, "deployed_block": 0, "development": True,
    }  # fmt: skip
    parties = [{"number": PARTY, "role": "optician", "key_file": "signing.key"}]
    private(tmp_path / "signing.key", secrets.token_hex(32))
    keys = private(tmp_path / "vault.keys", f"old {OLD}\n")
    url = f"sqlite:///{tmp_path}/gateway.db"
    database = Database(url, ring_from_file(keys))
    database.migrate()
    with database.writing() as connection:
        vault.add_secrets(connection, PARTY, {"0a" * 16: bytes(32)})
    database.close()
    return environment(
        database_url=url,
        rpc_url="http://127.0.0.1:9",
        network_file=private(tmp_path / "network.json", json.dumps(network)),
        parties_file=private(tmp_path / "parties.json", json.dumps(parties)),
        relayer_key_file=private(tmp_path / "relayer.key", secrets.token_hex(32)),
        vault_key_file=keys,
    )


def keys_in(settings: dict[str, str], text: str) -> None:
    Path(settings["OPTITRACE_VAULT_KEY_FILE"]).write_text(text)


def test_keys_are_rotated_and_the_old_one_can_then_be_left_out(settings: dict[str, str]) -> None:
    keys_in(settings, f"old {OLD}\nnew {NEW}\n")
    done = optitrace(settings, "vault", "rotate")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "The key old opens nothing in this database any more; backups may still need it.",
        "1 data keys were wrapped anew.",
    ]
    keys_in(settings, f"new {NEW}\n")
    again = optitrace(settings, "vault", "rotate")
    assert (again.returncode, again.stdout) == (0, "0 data keys were wrapped anew.\n")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"new {NEW}\n", "the key-encryption key old is missing"),
        (f"old {NEW}\n", "the key-encryption key old is not the one that the database was written under"),
        ("", "vault.keys holds no key-encryption key"),
    ],
    ids=["lost", "wrong", "none"],
)
@pytest.mark.parametrize("module", ["app.main", "app.worker", "app.cli"])
def test_a_wrong_or_lost_key_stops_the_start_in_a_sentence(
    settings: dict[str, str], text: str, sentence: str, module: str
) -> None:
    keys_in(settings, text)
    command = [sys.executable, "-m", module, *(["vault", "rotate"] if module == "app.cli" else [])]
    done = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"optitrace: {sentence}")
    assert "Traceback" not in done.stderr
    assert OLD not in done.stderr + done.stdout


def test_keys_come_through_a_descriptor(settings: dict[str, str]) -> None:
    reader, writer = os.pipe()
    os.write(writer, f"old {OLD}\n".encode())
    os.close(writer)
    del settings["OPTITRACE_VAULT_KEY_FILE"]
    env = {**settings, "OPTITRACE_VAULT_KEY_FD": str(reader)}
    command = [sys.executable, "-m", "app.cli", "vault", "rotate"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, pass_fds=[reader], check=False)
    os.close(reader)
    assert (done.returncode, done.stdout) == (0, "0 data keys were wrapped anew.\n")


def test_a_gateway_without_keys_says_how_to_name_them(settings: dict[str, str]) -> None:
    del settings["OPTITRACE_VAULT_KEY_FILE"]
    done = optitrace(settings, "vault", "rotate")
    assert done.returncode == 1
    assert "OPTITRACE_VAULT_KEY_FILE, OPTITRACE_VAULT_KEY_FD or OPTITRACE_VAULT_KEY_SERVICE" in done.stderr
