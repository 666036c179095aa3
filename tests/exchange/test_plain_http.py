"""Without TLS a gateway calls its operator's own pairs, and on the development chain alone."""

import json
from pathlib import Path

import pytest

from app.exchange.addresses import AddressRefused
from app.settings import Settings
from tests.support.files import private

PAIR = "127.0.0.1:8001"


def settings(folder: Path, *, chain: int, development: bool) -> Settings:
    network = {
        "chain_id": chain, "genesis": "0x" + "00" * 32, "ledger": "0x" + "5f" * 20, "registry": "0x" + "6f" * 20,
        "ledger_code_hash": "0x" + "00" * 32, "deployed_block": 0, "development": development,
    }  # fmt: skip
    found = {
        "database_url": f"sqlite:///{folder}/gateway.db",
        "rpc_url": "http://127.0.0.1:9",
        "network_file": private(folder / "network.json", json.dumps(network)),
        "parties_file": folder / "parties.json",
        "exchange_allow": PAIR,
    }
    return Settings.model_validate(found)


def test_on_the_development_chain_of_a_development_network_the_operators_pair_is_called_without_tls(
    tmp_path: Path,
) -> None:
    directory = settings(tmp_path, chain=31337, development=True).directory()
    assert not directory.target(f"http://{PAIR}").secure


@pytest.mark.parametrize(("chain", "development"), [(31337, False), (20260101, True), (20260101, False)])
def test_on_any_other_network_it_is_called_with_tls_alone(tmp_path: Path, chain: int, development: bool) -> None:
    directory = settings(tmp_path, chain=chain, development=development).directory()
    assert directory.target(f"https://{PAIR}").secure
    with pytest.raises(AddressRefused, match="address_not_https"):
        directory.target(f"http://{PAIR}")
