"""Makes what `besu operator generate-blockchain-config` makes, for a machine without Besu; started by the script."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from coincurve import PrivateKey

from app.chain.signer import address_of


def main(arguments: list[str]) -> None:
    """Write genesis.json, and keys/0xADDRESS/ with a private and a public key for each node."""
    assert arguments[:2] == ["operator", "generate-blockchain-config"]
    options = dict(argument.removeprefix("--").split("=", 1) for argument in arguments[2:])
    plan = json.loads(Path(options["config-file"]).read_text())
    made = Path(options["to"])
    made.mkdir()
    (made / "keys").mkdir()
    for _ in range(plan["blockchain"]["nodes"]["count"]):
        key = PrivateKey()
        folder = made / "keys" / f"0x{address_of(key.public_key)}"
        folder.mkdir()
        (folder / options["private-key-file-name"]).write_text(f"0x{key.secret.hex()}")
        (folder / "key.pub").write_text(f"0x{key.public_key.format(compressed=False)[1:].hex()}")
    (made / "genesis.json").write_text(json.dumps({**plan["genesis"], "extraData": "0x"}))


if __name__ == "__main__":
    main(sys.argv[1:])
