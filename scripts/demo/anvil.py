"""How the embedded chain is started: Foundry's anvil, the program for this platform."""

from __future__ import annotations

import bootstrap

from app.chain.artifacts import artifact

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
