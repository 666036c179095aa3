"""A key file that others may read, or that holds no key, stops the start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.chain.signer import UnsafeKeyFile, key_from_file

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
    for name, text in (("signing.key", KEY.hex()), ("relayer.key", KEY.hex()), ("vault.keys", f"1 {KEY.hex()}")):
        key_file(tmp_path / name, 0o644 if name == exposed else 0o600, text)
    parties = [{"number": 1, "role": "optician", "key_file": "signing.key"}]
    (tmp_path / "parties.json").write_text(json.dumps(parties))
    network = {
        "chain_id": 1,
        "genesis": "0x" + "3" * 64,
        "ledger": "0x" + "1" * 40,
        "registry": "0x" + "2" * 40,
        "ledger_code_hash": "0x" + "4" * 64,
        "deployed_block": 0,
        "development": True,
    }
    (tmp_path / "network.json").write_text(json.dumps(network))
    done = start(tmp_path)
    assert done.returncode != 0
    assert f"the key file {exposed}: chmod 600" in done.stderr
    assert "Traceback" not in done.stderr
    assert KEY.hex() not in done.stdout + done.stderr


def start(folder: Path) -> subprocess.CompletedProcess[str]:
    values = {
        "DATABASE_URL": f"sqlite:///{folder}/gateway.db",
        "RPC_URL": "http://127.0.0.1:9",
        "NETWORK_FILE": folder / "network.json",
        "PARTIES_FILE": folder / "parties.json",
        "RELAYER_KEY_FILE": folder / "relayer.key",
        "VAULT_KEY_FILE": folder / "vault.keys",
    }
    env = {**os.environ, "PYTHONPATH": str(ROOT), **{f"OPTITRACE_{name}": str(value) for name, value in values.items()}}
    command = [sys.executable, "-m", "app.main"]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
