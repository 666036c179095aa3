"""
What is installed: locked by hash, listed, under licences that may be used, without known holes.

    python scripts/supply_chain.py              all, then a summary
    python scripts/supply_chain.py licences     those that are named

A look-up that no service answered is named as not run; it is no failure and no success.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import outcomes
from outcomes import Check, Outcome
from supply import holes, licences, locks, materials, waivers

ROOT = Path(__file__).resolve().parent.parent


def _without(problems: Callable[[Path], Iterator[str]]) -> Check:
    """Make a check that prints the problems and passes when there are none."""

    def check() -> Outcome:
        found = list(problems(ROOT))
        for problem in found:
            print(problem)
        return Outcome.of(not found)

    return check


def checks() -> dict[str, Check]:
    """Name the checks, in the order they run."""
    return {
        "locks": _without(locks.problems),
        "bill of materials": _without(materials.problems),
        "licences": _without(licences.problems),
        "waivers": _without(lambda root: waivers.problems(root, date.today())),
        "known holes, Python": lambda: holes.of_python(ROOT),
        "known holes, Node": lambda: holes.of_node(ROOT),
    }


if __name__ == "__main__":
    sys.exit(outcomes.run("supply", outcomes.chosen(checks(), sys.argv[1:])))
