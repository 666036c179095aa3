"""
Figures of this machine, each with what it was measured on. None of them is a test: nothing here passes or fails.

    scripts/bench               all of them
    scripts/bench hidden        those that are named
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The houses that the tests live in are what is measured.
sys.path.insert(0, str(ROOT))

from bench_parts import bulk, gas, hidden, refusals  # noqa: E402

FIGURES: Mapping[str, Callable[[], Iterator[str]]] = {
    "bulk": bulk.figures,
    "gas": gas.figures,
    "hidden": hidden.figures,
    "refusals": refusals.figures,
}


def main(names: list[str]) -> int:
    """Print the figures named, or all."""
    unknown = set(names) - FIGURES.keys()
    if unknown:
        print(f"there is: {', '.join(FIGURES)}", file=sys.stderr)
        return 2
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {cores} cores")
    for name in names or FIGURES:
        print(f"--- {name}", flush=True)
        for line in FIGURES[name]():
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
