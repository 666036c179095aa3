"""A gateway as it is run, at the level that says most, and what it is sent: no value of it stands in its log."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.deploy.processes import answer, environment, optitrace, running, until
from tests.gateway.sales import quoted_lens
from tests.support.canary import Canaries
from tests.support.grounds import NETWORK, OPTICIAN
from tests.support.keys import key_file
from tests.support.ports import free_port

PRODUCT = {"maker": "ZZQXJVOLE0", "code": "QVXKWYTZ9", "index": "1.6", "geometry": "progressive"}
PRICE = {"amount": "48731.37", "currency": "EUR"}
CANARIES = Canaries([PRODUCT["maker"], PRODUCT["code"], PRICE["amount"], "JVQ-CANARY-1", "ZZQX Jvole"])


def lay_out(folder: Path) -> dict[str, str]:
    """The files of an optician's gateway whose chain is away, and the environment that names them."""
    port = free_port()
    files = {
        "network.json": json.dumps(
            {
                "chain_id": NETWORK.chain_id,
                "genesis": NETWORK.genesis.hex(),
                "ledger": NETWORK.ledger,
                "registry": NETWORK.registry,
                "ledger_code_hash": NETWORK.ledger_code_hash.hex(),
                "deployed_block": 0,
                "development": True,
            }
        ),
        "parties.json": json.dumps([{"number": OPTICIAN, "role": "optician", "key_file": "signing.key"}]),
        "signing.key": secrets.token_hex(32),
        "relayer.key": secrets.token_hex(32),
    }
    for name, content in files.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(content)
    return environment(
        database_url=f"sqlite:///{folder}/gateway.db",
        rpc_url="http://127.0.0.1:9",
        network_file=folder / "network.json",
        parties_file=folder / "parties.json",
        relayer_key_file=folder / "relayer.key",
        vault_key_file=key_file(folder),
        log_level="debug",
        port=port,
    )


def test_no_value_that_a_gateway_is_sent_stands_in_its_log(tmp_path: Path) -> None:
    env, log = lay_out(tmp_path), tmp_path / "log"
    key = optitrace(env, "party", "key", "create", "--party", str(OPTICIAN)).stdout.strip()
    url = f"http://127.0.0.1:{env['OPTITRACE_PORT']}"
    quote = quoted_lens("JVQ-CANARY-1", "JVQ-CANARY-1", product=PRODUCT, price=PRICE)
    sent: list[tuple[int, Mapping[str, Any]]] = [
        (202, quote),
        (409, quote),
        (422, quote | {"item_reference": "2", "product": PRODUCT | {"maker": "ZZQX Jvole"}}),
        (422, quote | {"ZZQX Jvole": "ZZQX Jvole"}),
    ]
    with running("app.main", env, log):
        until(lambda: answer(url, "/healthz")[0] == 200, "the gateway answers")
        for status, event in sent:
            headers = {"Authorization": f"Bearer {key}"}
            found = httpx.post(f"{url}/v1/events", json=event, headers=headers, trust_env=False, timeout=30)
            assert found.status_code == status, found.text
    written = log.read_bytes()
    assert written.count(b'"/v1/events"') == len(sent)
    assert CANARIES.search(written) == []
