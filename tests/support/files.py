"""What a gateway is started from as a process: the files that its settings name, and the settings."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from tests.deploy.processes import environment
from tests.support.gateways import Ground0
from tests.support.keys import key_file
from tests.support.ports import free_port


def private(file: Path, text: str) -> Path:
    """A file that its owner alone may read."""
    file.touch(0o600)
    file.write_text(text)
    return file


def settings(ground: Ground0, folder: Path, *numbers: int, database_url: str | None = None) -> dict[str, str]:
    """The environment of a gateway for these parties, on a port of its own, whose files lie in `folder`."""
    parties = [{"number": n, "role": ground.roles[n].label, "key_file": f"{n}.key"} for n in numbers]
    for number in numbers:
        private(folder / f"{number}.key", ground.keys[number].hex())
    return environment(
        database_url=database_url or f"sqlite:///{folder}/gateway.db",
        rpc_url=ground.url,
        network_file=private(folder / "network.json", json.dumps({**ground.deployment.as_dict(), "development": True})),
        vault_key_file=key_file(folder),
        parties_file=private(folder / "parties.json", json.dumps(parties)),
        relayer_key_file=private(folder / "relayer.key", secrets.token_hex(32)),
        port=free_port(),
    )
