"""The environment of a gateway, for the commands that work beside it."""

import json
import os
import secrets
from pathlib import Path

import pytest

from tests.support.files import private
from tests.support.keys import key_file
from tests.support.postgres import programs
from tests.support.quiet import quiet as quiet

PARTY = 1001001001


@pytest.fixture
def settings(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of a gateway that serves one optician, on each kind of database; gives its folder."""
    network = {
        "chain_id": 31337,
        "genesis": "0x" + "00" * 32,
        "ledger": "0x" + "5f" * 20,
        "registry": "0x" + "6f" * 20,
        "ledger_code_hash": "0x" + "00" * 32,
        "deployed_block": 0,
        "development": True,
    }
    private(tmp_path / "key", secrets.token_hex(32))
    parties = [{"number": PARTY, "role": "optician", "key_file": "key"}]
    environment = {
        "DATABASE_URL": database_url,
        "RPC_URL": "http://127.0.0.1:9",
        "NETWORK_FILE": private(tmp_path / "network.json", json.dumps(network)),
        "PARTIES_FILE": private(tmp_path / "parties.json", json.dumps(parties)),
        "RELAYER_KEY_FILE": private(tmp_path / "relayer.key", secrets.token_hex(32)),
        "VAULT_KEY_FILE": key_file(tmp_path),
    }
    monkeypatch.setenv("PATH", f"{programs()}:{os.environ['PATH']}")
    for name, value in environment.items():
        monkeypatch.setenv(f"OPTITRACE_{name}", str(value))
    return tmp_path
