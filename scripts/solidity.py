"""
Compile the contracts, and tell whether the committed artifacts are still those of the sources.

    python scripts/solidity.py            compile all, write app/chain/artifacts
    python scripts/solidity.py --check    say what is not fresh; compiles nothing

The EVM version and the optimiser stand in `foundry.toml` and the compiler's version in `package.json`, each
nowhere else, so forge, the artifacts and the chain that runs them agree. An artifact names every source that
went into it, imports of imports included, with the Keccak-256 hash that the compiler itself states: freshness
is then a matter of hashing files and needs no compiler. Each contract is compiled alone, so that the bytecode
of one does not depend on the others.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import solcx
from eth_utils.crypto import keccak

ROOT = Path(__file__).resolve().parent.parent
ARTIFACTS = ROOT / "app" / "chain" / "artifacts"
SOLCJS = ROOT / "scripts" / "solcjs"
NATIVE = ROOT / "var" / "solcx"
DOWNLOAD_SECONDS = 30

_OPENZEPPELIN = "node_modules/@openzeppelin/contracts"
_SAFE = "node_modules/@safe-global/safe-smart-account/contracts"
SOURCES = {
    "PartyRegistry": "contracts/PartyRegistry.sol",
    "EquipmentLedger": "contracts/EquipmentLedger.sol",
    "RareSteps": "contracts/RareSteps.sol",
    "AccessManager": f"{_OPENZEPPELIN}/access/manager/AccessManager.sol",
    "ERC1967Proxy": f"{_OPENZEPPELIN}/proxy/ERC1967/ERC1967Proxy.sol",
    "SafeL2": f"{_SAFE}/SafeL2.sol",
    "SafeProxyFactory": f"{_SAFE}/proxies/SafeProxyFactory.sol",
    "MultiSendCallOnly": f"{_SAFE}/libraries/MultiSendCallOnly.sol",
}
_OUTPUT = [
    "abi",
    "metadata",
    "evm.bytecode.object",
    "evm.deployedBytecode.object",
    "evm.deployedBytecode.immutableReferences",
]

Artifact = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pinned:
    """The `version` of solc, and its `settings` as its JSON interface spells them."""

    version: str
    settings: dict[str, Any]


def pinned(root: Path = ROOT) -> Pinned:
    """Read which compiler and settings are chosen."""
    packages = json.loads((root / "package.json").read_text(encoding="utf-8"))
    profile = tomllib.loads((root / "foundry.toml").read_text(encoding="utf-8"))["profile"]["default"]
    return Pinned(
        version=packages["dependencies"]["solc"],
        settings={
            "evmVersion": profile["evm_version"],
            "optimizer": {"enabled": profile["optimizer"], "runs": profile["optimizer_runs"]},
            "viaIR": profile["via_ir"],
            "remappings": sorted(profile["remappings"]),
            # Without the hash of the metadata the bytecode depends on the code alone, not on comments or
            # paths.
            "metadata": {"bytecodeHash": profile["bytecode_hash"]},
        },
    )


def compile_contract(name: str, solc: Path, pin: Pinned, root: Path = ROOT) -> Artifact:
    """Compile the contract `name` with the program `solc`; `solcx.exceptions.SolcError` says why not."""
    source = SOURCES[name]
    answer = solcx.compile_standard(
        {
            "language": "Solidity",
            "sources": {source: {"content": (root / source).read_text(encoding="utf-8")}},
            "settings": {**pin.settings, "outputSelection": {source: {name: _OUTPUT}}},
        },
        base_path=root,
        solc_binary=solc,
    )
    output = answer["contracts"][source][name]
    metadata = json.loads(output["metadata"])
    return {
        "name": name,
        "source": source,
        "compiler": _release(metadata["compiler"]["version"]),
        "settings": pin.settings,
        "sources": {path: entry["keccak256"] for path, entry in sorted(metadata["sources"].items())},
        "abi": output["abi"],
        "bytecode": "0x" + output["evm"]["bytecode"]["object"],
        "deployedBytecode": "0x" + output["evm"]["deployedBytecode"]["object"],
        "immutableReferences": output["evm"]["deployedBytecode"]["immutableReferences"],
    }


def text_of(artifact: Artifact) -> str:
    """The file of an artifact: one text for one artifact."""
    return json.dumps(artifact, indent=1, sort_keys=True) + "\n"


def stale(artifacts: Path = ARTIFACTS, root: Path = ROOT) -> list[str]:
    """Say, one sentence each, why the artifacts are not those of the sources; nothing if they are."""
    pin = pinned(root)
    findings = [finding for name in SOURCES for finding in _differences(name, artifacts, pin, root)]
    left_over = {path.stem for path in artifacts.glob("*.json")} - SOURCES.keys()
    return findings + [f"{name}.json is the artifact of no contract" for name in sorted(left_over)]


def _differences(name: str, artifacts: Path, pin: Pinned, root: Path) -> Iterator[str]:
    path = artifacts / f"{name}.json"
    if not path.is_file():
        yield f"{name} was never compiled"
        return
    artifact = json.loads(path.read_text(encoding="utf-8"))
    if artifact["source"] != SOURCES[name]:
        yield f"{name} comes from another file now"
    if artifact["compiler"].partition("+")[0] != pin.version:
        yield f"{name} was compiled with solc {artifact['compiler']}, not {pin.version}"
    if artifact["settings"] != pin.settings:
        yield f"{name} was compiled with other settings"
    for source, digest in artifact["sources"].items():
        if not (root / source).is_file():
            yield f"{name}: {source} is missing"
        elif "0x" + keccak((root / source).read_bytes()).hex() != digest:
            yield f"{name}: {source} has changed"


def find_solc(version: str, *, download: bool = True) -> Path:
    """
    The compiler of this `version`: a native one that is here or can be downloaded in half a minute, else
    npm's.

    Both give the same bytecode; the native one is faster. What is downloaded stays in the project's folder.
    """
    os.environ.setdefault(solcx.install.SOLCX_BINARY_PATH_VARIABLE, str(NATIVE))
    NATIVE.mkdir(parents=True, exist_ok=True)
    on_path = shutil.which("solc")
    if on_path and str(solcx.wrapper.get_solc_version(on_path)) == version:
        return Path(on_path)
    if download and not _installed(version):
        _download(version)
    return solcx.install.get_executable(version) if _installed(version) else SOLCJS


def _installed(version: str) -> bool:
    return version in map(str, solcx.get_installed_solc_versions())


def _download(version: str) -> None:
    """Let py-solc-x fetch a native compiler, in a process of its own: its requests have no time limit."""
    program = f"import solcx; solcx.install_solc({version!r})"
    try:
        subprocess.run([sys.executable, "-c", program], timeout=DOWNLOAD_SECONDS, capture_output=True, check=True)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        print(f"no native solc {version} to be had here; npm's is used", file=sys.stderr)


def _release(version: str) -> str:
    """`version` without the platform that the compiler was built for."""
    match = re.match(r"\d+\.\d+\.\d+\+commit\.[0-9a-f]+", version)
    if match is None:
        raise ValueError("the compiler is not a release")
    return match.group()


def main(arguments: list[str]) -> int:
    """Compile or check; 0 if the artifacts are fresh in the end."""
    parser = argparse.ArgumentParser(prog="compile", description="Compile the contracts into app/chain/artifacts.")
    parser.add_argument("--check", action="store_true", help="only say what is not fresh")
    parser.add_argument("--npm", action="store_true", help="use npm's compiler, even if a native one is here")
    chosen = parser.parse_args(arguments)
    if not chosen.check:
        _write_all(npm=chosen.npm)
    findings = stale()
    for finding in findings:
        print(finding)
    if findings:
        print("run scripts/compile and commit app/chain/artifacts")
    return 1 if findings else 0


def _write_all(*, npm: bool) -> None:
    pin = pinned()
    solc = SOLCJS if npm else find_solc(pin.version)
    for name in SOURCES:
        print(f"{name} ...", file=sys.stderr, flush=True)
        (ARTIFACTS / f"{name}.json").write_text(text_of(compile_contract(name, solc, pin)), encoding="utf-8")
    for left_over in {path.stem for path in ARTIFACTS.glob("*.json")} - SOURCES.keys():
        (ARTIFACTS / f"{left_over}.json").unlink()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
