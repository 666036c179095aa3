"""
Everything that must pass before a change is shared: checks, what is installed, slither, contract tests, last pytest.

    scripts/test                            all, in this order; the first stage that fails ends the run
    scripts/test -k word                    all, with arguments for pytest
    scripts/test --only pytest -k word      one stage, with arguments for it: check, supply, static, contracts or pytest
    scripts/test --nightly 43               the larger form of one test, see `nightly.py`
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nightly

SCRIPTS = Path(__file__).resolve().parent
STAGES = {
    "check": [str(SCRIPTS / "checks.py")],
    "supply": [str(SCRIPTS / "supply_chain.py")],
    "static": [str(SCRIPTS / "static_analysis.py")],
    "contracts": [str(SCRIPTS / "forge_test.py")],
    # Most tests wait for servers of their own, so three at a time keep two cores busy. A file stays together, because
    # its tests share what took long to set up.
    "pytest": ["-m", "pytest", "--numprocesses=3", "--dist=loadfile", "--no-loadscope-reorder"],
}


def plan(arguments: list[str]) -> dict[str, list[str]]:
    """Name the stages to run, each with its arguments; end in a sentence where there is no such stage."""
    if arguments[:1] != ["--only"]:
        return {name: arguments if name == "pytest" else [] for name in STAGES}
    if len(arguments) < 2 or arguments[1] not in STAGES:
        raise SystemExit(f"--only takes the name of a stage: {', '.join(STAGES)}")
    return {arguments[1]: arguments[2:]}


def main(arguments: list[str]) -> int:
    """Run the stages, and return the exit code of the one that failed, else 0."""
    if arguments[:1] == ["--nightly"]:
        return nightly.main(arguments[1:])
    # Where nothing that was compiled is kept, each of hundreds of processes compiles all of the gateway anew.
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for name, own in plan(arguments).items():
        print(f"=== {name}", flush=True)
        command = [sys.executable, *STAGES[name], *own]
        code = subprocess.run(command, cwd=SCRIPTS.parent, env=variables, check=False).returncode
        if code != 0:
            # pytest's closing line stays the last of its run.
            if name != "pytest":
                print(f"=== {name} failed; the stages after it did not run", flush=True)
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
