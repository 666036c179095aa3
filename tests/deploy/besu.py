"""The settings of the validators and the genesis block that they start from."""

from __future__ import annotations

import json
import tomllib
from typing import Any

from tests.deploy.compose import ROOT

FORKS = {
    "homestead": "homesteadBlock",
    "tangerineWhistle": "eip150Block",
    "replayProtection": "eip155Block",
    "spuriousDragon": "eip158Block",
    "byzantium": "byzantiumBlock",
    "constantinople": "constantinopleBlock",
    "petersburg": "petersburgBlock",
    "istanbul": "istanbulBlock",
    "berlin": "berlinBlock",
    "london": "londonBlock",
    "arrowGlacier": "arrowGlacierBlock",
    "grayGlacier": "grayGlacierBlock",
    "paris": "mergeNetSplitBlock",
}
"""Forks of the EVM in their order, as the compiler calls them, and the genesis file's name of the block."""


def genesis() -> dict[str, Any]:
    """The genesis block, before the validators' addresses are put in."""
    return dict(json.loads((ROOT / "deploy/besu/network.json").read_text())["genesis"])


def besu_settings() -> dict[str, Any]:
    """What every validator is started with."""
    return dict(tomllib.loads((ROOT / "deploy/besu/config.toml").read_text()))
