"""
What the compiler made of the contracts: one JSON file each, written by `scripts/compile`, never by hand.

The files are committed, so that a gateway needs no compiler; a test holds them equal to the sources.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

NAMES = (
    "PartyRegistry",
    "EquipmentLedger",
    "RareSteps",
    "AccessManager",
    "ERC1967Proxy",
    "SafeL2",
    "SafeProxyFactory",
    "MultiSendCallOnly",
)


@dataclass(frozen=True, slots=True)
class Artifact:
    """
    A compiled contract.

    `bytecode` deploys it and `deployed_bytecode` is what then stands on chain, with zeros where the
    constructor puts immutable values. `evm_version` is the oldest fork of the EVM that runs it.
    """

    name: str
    abi: list[dict[str, Any]]
    bytecode: bytes
    deployed_bytecode: bytes
    compiler: str
    evm_version: str


@cache
def artifact(name: str) -> Artifact:
    """The artifact of the contract `name`, one of `NAMES`."""
    text = resources.files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8")
    content = json.loads(text)
    return Artifact(
        name=content["name"],
        abi=content["abi"],
        bytecode=bytes.fromhex(content["bytecode"][2:]),
        deployed_bytecode=bytes.fromhex(content["deployedBytecode"][2:]),
        compiler=content["compiler"],
        evm_version=content["settings"]["evmVersion"],
    )
