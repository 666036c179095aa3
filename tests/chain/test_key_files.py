"""A key file that others may read or that holds no key, and a settings file that others may write, stop the start."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app.chain.signer import UnsafeKeyFile, key_from_file
from app.settings import Settings, UnsafeFile

ROOT = Path(__file__).resolve().parents[2]
KEY = bytes(range(1, 33))


def key_file(path: Path, mode: int, text: str = KEY.hex()) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_key_that_its_owner_alone_may_read_is_read(tmp_path: Path, mode: int) -> None:
    assert key_from_file(key_file(tmp_path / "key", mode)) == KEY
    assert key_from_file(key_file(tmp_path / "prefixed", mode, f"0x{KEY.hex()}\n")) == KEY


@pytest.mark.parametrize("mode", [0o600 | 1 << bit for bit in range(6)])
def test_any_right_of_others_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(UnsafeKeyFile, match="chmod 600"):
        key_from_file(key_file(tmp_path / "key", mode))


@pytest.mark.parametrize("text", ["", KEY.hex()[:-2], KEY.hex() + "00", "no hex", "é"])
def test_what_is_no_key_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnsafeKeyFile) as refusal:
        key_from_file(key_file(tmp_path / "key", 0o600, text))
    assert not text or text not in str(refusal.value)


@pytest.mark.parametrize("exposed", ["signing.key", "relayer.key", "vault.keys"])
def test_a_gateway_does_not_start_with_a_key_that_others_may_read(tmp_path: Path, exposed: str) -> None:
    lay_out(tmp_path, **{exposed: 0o644})
    done = start(tmp_path)
    assert done.returncode != 0
    assert f"the key file {exposed}: chmod 600" in done.stderr
    assert "Traceback" not in done.stderr
    assert KEY.hex() not in done.stdout + done.stderr


@pytest.mark.parametrize("bit", [stat.S_IWGRP, stat.S_IWOTH])
@pytest.mark.parametrize("exposed", ["parties.json", "network.json"])
def test_a_settings_file_that_others_may_write_is_refused(tmp_path: Path, exposed: str, bit: int) -> None:
    lay_out(tmp_path)
    settings = Settings.model_validate({name.lower(): str(value) for name, value in values(tmp_path).items()})
    assert (settings.parties()[0].number, settings.network().chain_id) == (1, 1)
    (tmp_path / exposed).chmod(0o644 | bit)
    with pytest.raises(UnsafeFile, match=f"others than its owner may write {exposed}: chmod go-w"):
        settings.parties() if exposed == "parties.json" else settings.network()


@pytest.mark.parametrize(
    "command", [("app.main",), ("app.worker",), ("app.cli", "party", "key", "list", "--party", "1")], ids=str
)
def test_nothing_starts_with_a_settings_file_that_others_may_write(tmp_path: Path, command: tuple[str, ...]) -> None:
    lay_out(tmp_path, **{"network.json": 0o666})
    done = start(tmp_path, *command)
    assert done.returncode == 1
    assert done.stderr.strip() == "optitrace: others than its owner may write network.json: chmod go-w"


def lay_out(folder: Path, **modes: int) -> None:
    """The files of a gateway: keys for their owner alone, the rest for everybody to read, but for these `modes`."""
    network = {
        "chain_id": 1,
        "genesis": "0x" + "3" * 64,
        "ledger": "0x" + "1" * 40,
        "registry": "0x" + "2" * 40,
        "ledger_code_hash": "0x" + "4" * 64,
        "deployed_block": 0,
        "development": True,
    }
    parties = [{"number": 1, "role": "optician", "key_file": "signing.key"}]
    for name, content in (("parties.json", parties), ("network.json", network)):
        key_file(folder / name, modes.get(name, 0o644), json.dumps(content))
    for name in ("signing.key", "relayer.key"):
        key_file(folder / name, modes.get(name, 0o600))
    key_file(folder / "vault.keys", modes.get("vault.keys", 0o600), f"1 {KEY.hex()}")


def values(folder: Path) -> dict[str, object]:
    """The settings of the gateway whose files lie in `folder`."""
    return {
        "DATABASE_URL": f"sqlite:///{folder}/gateway.db",
        "RPC_URL": "http://127.0.0.1:9",
        "NETWORK_FILE": folder / "network.json",
        "PARTIES_FILE": folder / "parties.json",
        "RELAYER_KEY_FILE": folder / "relayer.key",
        "VAULT_KEY_FILE": folder / "vault.keys",
    }


def start(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    settings = {f"OPTITRACE_{name}": str(value) for name, value in values(folder).items()}
    env = {**os.environ, "PYTHONPATH": str(ROOT), **settings}
    command = [sys.executable, "-m", *(arguments or ("app.main",))]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
