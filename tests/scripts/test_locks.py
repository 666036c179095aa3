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
from supply import locks

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("run", "dev", "node", "static")


def entries(lock: str) -> dict[str, tuple[str, int]]:
    """Read a lock of Python packages: name, version, number of hashes."""
    packages = locks.python_packages((ROOT / f"requirements/{lock}.txt").read_text())
    return {package.name: (package.version, package.hashes) for package in packages}


def declared() -> dict[str, list[Requirement]]:
    """Read what pyproject.toml asks for, by lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    run = [Requirement(text) for text in project["project"]["dependencies"]]
    groups = {name: [Requirement(text) for text in group] for name, group in project["dependency-groups"].items()}
    return {"run": run, "dev": run + groups["dev"], "node": groups["node"], "static": groups["static"]}


def npm(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((ROOT / name).read_text())
    return read


def test_every_locked_package_has_a_hash_and_no_lock_names_an_address() -> None:
    assert all(entries(lock) for lock in LOCKS)
    assert list(locks.problems(ROOT)) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_as_fresh_as_pyproject(lock: str) -> None:
    locked = entries(lock)
    for requirement in declared()[lock]:
        version, _ = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), requirement.name


def test_what_runs_is_what_was_tested() -> None:
    run, dev = entries("run"), entries("dev")
    assert {name: dev.get(name) for name in run} == run


def test_node_modules_are_locked_to_exact_versions() -> None:
    package, lock = npm("package.json"), npm("package-lock.json")
    wanted = package["dependencies"] | package["optionalDependencies"]
    assert not [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)]
    modules = {path: module for path, module in lock["packages"].items() if path}
    assert {name: modules[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_binaries_of_other_platforms_are_locked_too() -> None:
    modules = npm("package-lock.json")["packages"].values()
    assert {system for module in modules for system in module.get("os", [])} >= {"linux", "darwin"}
