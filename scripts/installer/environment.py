"""Where the installed things are."""

from __future__ import annotations

import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from installer.errors import SetupFailed

# As Node's package registry calls them.
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def caches(root: Path) -> dict[str, str]:
    """Keep the downloads of pip and npm in the project's folder: uninstalling is deleting it."""
    return {"PIP_CACHE_DIR": str(root / "var/cache/pip"), "npm_config_cache": str(root / "var/cache/npm")}


@dataclass(frozen=True)
class Environment:
    """One installation: `python` of the virtual environment, `node`, and the project's folder `root`."""

    root: Path
    python: Path
    node: Path

    def variables(self) -> dict[str, str]:
        """Give the variables for a child process: this installation goes first, in whatever folder it is."""
        folders = [str(self.python.parent), str(self.node.parent), os.environ.get("PATH", os.defpath)]
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONHOME"}
        return {
            **inherited,
            **caches(self.root),
            "PATH": os.pathsep.join(folders),
            "PYTHONPATH": str(self.root),
            "VIRTUAL_ENV": str(self.python.parent.parent),
        }

    def foundry(self, name: str) -> Path:
        """
        Find the program `name` of Foundry: `anvil` or `forge`.

        It is the platform's own binary, because the wrapper that its package installs exits 0 when tests
        fail. Where there is none for this platform, the one on the PATH serves.
        """
        machine = _MACHINES.get(platform.machine().lower(), platform.machine().lower())
        package = f"{name}-{platform.system().lower()}-{machine}"
        binary = self.root / "node_modules/@foundry-rs" / package / "bin" / name
        if binary.is_file():
            return binary
        found = shutil.which(name)
        if found is None:
            raise SetupFailed(
                f"there is no {name} for this platform in node_modules, and none on the PATH: install Foundry"
            )
        return Path(found)
