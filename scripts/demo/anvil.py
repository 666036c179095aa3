"""How the embedded chain is started: Foundry's anvil, the program for this platform."""

from __future__ import annotations

import json
from pathlib import Path

import bootstrap

from app.chain.artifacts import artifact
from demo.errors import Trouble
from demo.layout import write_private
from demo.state import RESET

CHAIN_ID = 31337


def command(port: int, *, block_seconds: int | None = None) -> list[str]:
    """
    Start a chain on `port` of this machine (0: a free one), with the fork that the contracts are compiled
    for.

    Gas is free and no account holds anything. A block is made every `block_seconds`; None makes one at once
    for each transaction.
    """
    program = bootstrap.ensure().foundry("anvil")
    words = [str(program), "--host", "127.0.0.1", "--port", str(port), "--chain-id", str(CHAIN_ID)]
    words += ["--hardfork", artifact("EquipmentLedger").evm_version]
    words += ["--gas-price", "0", "--block-base-fee-per-gas", "0", "--accounts", "0"]
    return words if block_seconds is None else [*words, "--block-time", str(block_seconds)]


def mend(state: Path) -> None:
    """
    Leave one genesis block in the chain's `state` file, the first one; nothing to do if there is no file yet.

    Each time anvil starts it makes a new genesis block, keeps it beside the one it loads, and writes both. With three
    of them it is a matter of chance which it shows, and a gateway that pins the genesis would no longer know its chain.
    """
    if not state.exists():
        return
    try:
        content = json.loads(state.read_bytes())
        blocks = content["blocks"]
        first = [block for block in blocks if int(block["header"]["number"], 16) == 0]
        if len(first) == 1:
            return
        oldest = min(first, key=lambda block: int(block["header"]["timestamp"], 16))
        content["blocks"] = [block for block in blocks if block is oldest or block not in first]
    except (ValueError, KeyError, TypeError):
        raise Trouble(f"{state} is damaged, the chain was killed while writing it; {RESET}") from None
    write_private(state, json.dumps(content))
