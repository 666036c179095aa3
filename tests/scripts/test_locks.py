"""What is installed is locked, by hash, and without an address."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("run", "dev", "node")
_ENTRY = re.compile(r"^([a-z0-9._-]+)==(\S+)(?: ; .*?)?((?: --hash=sha256:[0-9a-f]{64})*)$")


def entries(lock: str) -> dict[str, tuple[str, int]]:
    """Read a lock of Python packages: name, version, number of hashes."""
    text = (ROOT / f"requirements/{lock}.txt").read_text()
    lines = re.sub(r" \\\n +", " ", text).splitlines()
    matches = [_ENTRY.match(line) for line in lines]
    assert all(matches), "a line that is no locked package"
    return {match[1]: (match[2], match[3].count("--hash")) for match in matches if match}


def declared() -> dict[str, list[Requirement]]:
    """Read what pyproject.toml asks for, by lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    run = [Requirement(text) for text in project["project"]["dependencies"]]
    groups = {name: [Requirement(text) for text in group] for name, group in project["dependency-groups"].items()}
    return {"run": run, "dev": run + groups["dev"], "node": groups["node"]}


def npm(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((ROOT / name).read_text())
    return read


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash(lock: str) -> None:
    assert entries(lock)
    assert not [name for name, (_, hashes) in entries(lock).items() if hashes == 0]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_as_fresh_as_pyproject(lock: str) -> None:
    locked = entries(lock)
    for requirement in declared()[lock]:
        version, _ = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), requirement.name


def test_what_runs_is_what_was_tested() -> None:
    run, dev = entries("run"), entries("dev")
    assert {name: dev.get(name) for name in run} == run


def test_no_lock_names_an_address() -> None:
    for lock in [*(f"requirements/{lock}.txt" for lock in LOCKS), "package-lock.json"]:
        text = (ROOT / lock).read_text()
        # Who pays for a package's upkeep is no address that anything is fetched from.
        text = re.sub(r'"funding": (\{[^}]*\}|\[[^]]*\])', "", text)
        assert "://" not in text, lock
        assert "index-url" not in text, lock
        assert '"resolved"' not in text, lock


def test_node_modules_are_locked_by_hash_to_exact_versions() -> None:
    package, lock = npm("package.json"), npm("package-lock.json")
    wanted = package["dependencies"] | package["optionalDependencies"]
    assert not [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)]
    modules = {path: module for path, module in lock["packages"].items() if path}
    assert {name: modules[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert not [path for path, module in modules.items() if not module["integrity"].startswith("sha512-")]


def test_binaries_of_other_platforms_are_locked_too() -> None:
    modules = npm("package-lock.json")["packages"].values()
    assert {system for module in modules for system in module.get("os", [])} >= {"linux", "darwin"}
