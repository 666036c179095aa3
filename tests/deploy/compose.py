"""Reads docker-compose.yml as an engine would: merges resolved, variables put in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
EXAMPLE = ROOT / "deploy" / ".env.example"
# Of all the forms that the engine knows, the file uses one: a name with a default.
_VARIABLE = re.compile(r"\$\{([A-Z_]+):-([^}]*)\}")


def variables() -> dict[str, set[str]]:
    """The defaults of each variable in the file."""
    found: dict[str, set[str]] = {}
    for name, default in _VARIABLE.findall(FILE.read_text()):
        found.setdefault(name, set()).add(default)
    return found


def loaded(given: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The file as data, with the variables that are `given`, else their defaults."""
    chosen = given or {}
    text = _VARIABLE.sub(lambda found: chosen.get(found[1], found[2]), FILE.read_text())
    return dict(yaml.safe_load(text))


def services() -> dict[str, dict[str, Any]]:
    """All services by name."""
    return dict(loaded()["services"])


def mounts(service: Mapping[str, Any]) -> dict[str, tuple[str, bool]]:
    """What a service mounts: volume and whether it may write, by the path inside."""
    found = {}
    for line in service.get("volumes", []):
        volume, path, *rest = str(line).split(":")
        found[path] = (volume, rest != ["ro"])
    return found


def configs(service: Mapping[str, Any]) -> dict[str, Path]:
    """The files of the repository that a service sees, by the path inside."""
    sources = loaded()["configs"]
    return {each["target"]: ROOT / sources[each["source"]]["file"] for each in service.get("configs", [])}
