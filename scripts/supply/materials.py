"""
The bills of materials: every package that is locked, in CycloneDX.

What ships is what `python.cdx.json` lists; the others list what it is built and tested with.

The tools of the two registries write them; here it is only seen that they left nothing out.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from installer import node_env

from supply import locks

FOLDER = Path("var/sbom")
BILLS = {"run": "python.cdx.json", "dev": "python-build.cdx.json", "node": "node-itself.cdx.json"}


def problems(root: Path) -> Iterator[str]:
    """Write the bills into var/sbom and name what is missing in them."""
    (root / FOLDER).mkdir(parents=True, exist_ok=True)
    for lock in locks.PYTHON:
        wanted = {(each.name, each.version) for each in locks.python_packages((root / lock).read_text("utf-8"))}
        yield from written(root, _python_tool(lock), FOLDER / BILLS[Path(lock).stem], wanted)
    node = node_env.find(root)
    if node is None:
        yield "there is no Node to write its bill with"
        return
    tool = [*map(str, node.npm), "sbom", "--sbom-format=cyclonedx", "--package-lock-only"]
    packages = locks.node_packages((root / locks.NODE).read_text("utf-8"))
    names = {(path.rpartition("node_modules/")[2], package["version"]) for path, package in packages.items()}
    yield from written(root, tool, FOLDER / "node.cdx.json", names)


def _python_tool(lock: str) -> list[str]:
    options = ["--pyproject", "pyproject.toml", "--output-format", "JSON", "--output-reproducible", "--no-validate"]
    return [sys.executable, "-m", "cyclonedx_py", "requirements", *options, lock]


def written(root: Path, tool: list[str], bill: Path, wanted: set[tuple[str, str]]) -> Iterator[str]:
    """Write what `tool` prints into the file `bill`, and name what of `wanted` is not in it."""
    done = subprocess.run(tool, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        yield f"{bill.name}: {Path(tool[0]).name} ended with {done.returncode}: {done.stderr.strip()[-300:]}"
        return
    (root / bill).write_text(done.stdout, "utf-8")
    for name, version in sorted(wanted - listed(done.stdout)):
        yield f"{bill.name}: {name} {version} is locked and not listed"
    print(f"{bill}: {len(wanted)} packages")


def listed(text: str) -> set[tuple[str, str]]:
    """Name and version of every package in a bill; nothing if it is no bill in CycloneDX."""
    bill = json.loads(text)
    if bill.get("bomFormat") != "CycloneDX":
        return set()
    return {(part["name"], part["version"]) for part in bill["components"]}
