"""
Known holes of what is locked, as the services of the two registries know them.

Where a service does not answer, nothing was looked at, and that is said: pip-audit then calls every package
skipped, finds `no known vulnerabilities` and exits 0, and npm prints an error in JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from installer import node_env
from outcomes import Outcome

from supply import waivers
from supply.waivers import Waiver

# Seconds. A service that answers is done in a few.
PATIENCE = 120
_GRAVE = ("high", "critical")
_AUDIT = ["--require-hashes", "--disable-pip", "--format=json", "--progress-spinner=off", "--timeout=15"]


def of_python(root: Path) -> Outcome:
    """Look up what a gateway runs with."""
    tool = [sys.executable, "-m", "pip_audit", *_AUDIT, "--requirement", "requirements/run.txt"]
    return said(*python_verdict(_answer(tool, root), _waived(root)))


def of_node(root: Path) -> Outcome:
    """Look up the Node packages."""
    node = node_env.find(root)
    if node is None:
        return said(Outcome.NOT_RUN, "there is no npm")
    tool = [*map(str, node.npm), "audit", "--json", "--package-lock-only"]
    return said(*node_verdict(_answer(tool, root), _waived(root)))


def said(outcome: Outcome, words: str) -> Outcome:
    """Print how it ended and why."""
    print(f"{outcome.value}: {words}")
    return outcome


def _answer(tool: list[str], root: Path) -> Any:
    """What the tool printed, read as JSON; None if it printed something else or took too long."""
    try:
        done = subprocess.run(tool, cwd=root, capture_output=True, text=True, timeout=PATIENCE, check=False)
        return json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return None


def _waived(root: Path) -> list[Waiver]:
    """The waivers in force; none where they cannot be read, which the check of waivers says."""
    try:
        return waivers.in_force(waivers.load(root), date.today())
    except (OSError, ValueError):
        return []


def python_verdict(answer: Any, waived: Sequence[Waiver] = ()) -> tuple[Outcome, str]:
    """Judge what pip-audit printed: passed only if every package was looked up."""
    packages = answer.get("dependencies", []) if isinstance(answer, dict) else []
    holes = [
        f"{each['name']}: {hole['id']}"
        for each in packages
        for hole in each.get("vulns", [])
        if not any(waiver.covers(each["name"], {hole["id"], *hole.get("aliases", [])}) for waiver in waived)
    ]
    skipped = sum("skip_reason" in each for each in packages)
    if holes:
        return Outcome.FAILED, ", ".join(holes)
    if not packages or skipped == len(packages):
        return Outcome.NOT_RUN, "the service gave no answer"
    if skipped:
        return Outcome.NOT_RUN, f"the service knows nothing of {skipped} of {len(packages)} packages"
    return Outcome.PASSED, f"{len(packages)} packages looked up"


def node_verdict(answer: Any, waived: Sequence[Waiver] = ()) -> tuple[Outcome, str]:
    """Judge what npm printed: high and critical ones count, unless each hole behind them is waived."""
    counts = answer.get("metadata", {}).get("vulnerabilities") if isinstance(answer, dict) else None
    if counts is None:
        return Outcome.NOT_RUN, "the service gave no answer"
    grave = {kind: counts.get(kind, 0) for kind in _GRAVE}
    words = ", ".join(f"{count} {kind}" for kind, count in grave.items())
    holes = list(_node_holes(answer))
    left = [hole for hole in holes if not any(waiver.covers(hole[0], {hole[1]}) for waiver in waived)]
    if holes and not left:
        return Outcome.PASSED, f"{words}, all waived"
    return Outcome.of(not any(grave.values())), ", ".join([words, *(f"{name}: {advisory}" for name, advisory in left)])


def _node_holes(answer: Any) -> Iterator[tuple[str, str]]:
    """Package and advisory of each grave hole; a package that only depends on one names that package instead."""
    for name, found in answer.get("vulnerabilities", {}).items():
        for cause in found.get("via", []):
            if isinstance(cause, dict) and cause.get("severity") in _GRAVE:
                yield name, str(cause.get("url", "")).rpartition("/")[2]
