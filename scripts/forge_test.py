"""
The contract tests, run by forge with the project's own compiler.

    python scripts/forge_test.py [arguments of `forge test`]

Nothing is downloaded: the compiler is npm's, behind scripts/solcjs. A run without a test is a failure, and
with CI=true a skipped one too.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

import bootstrap

_SUMMARY = re.compile(r"Ran \d+ test suites?.*: (\d+) tests? passed, (\d+) failed, (\d+) skipped")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def verdict(output: str, strict: bool) -> str | None:
    """Say what is wrong with a run that forge ended without an error; None if nothing. `strict`: no skips."""
    summary = _SUMMARY.search(_COLOURS.sub("", output))
    if summary is None or summary.group(1) == "0":
        return "no contract test ran"
    if strict and summary.group(3) != "0":
        return f"{summary.group(3)} contract tests were skipped"
    return None


def main(arguments: list[str]) -> int:
    """Run forge, show its words as they come, and return 0 only if tests ran and passed."""
    environment = bootstrap.ensure()
    variables = {
        **environment.variables(),
        "FOUNDRY_OFFLINE": "true",
        # What is deployed goes through the intermediate language. Tests in it take four times as long to compile, and
        # some are too deep for it; `tests/differential` holds the deployed code to the rules.
        "FOUNDRY_VIA_IR": "false",
        "FOUNDRY_SOLC": str(environment.root / "scripts/solcjs"),
    }
    command = [str(environment.foundry("forge")), "test", *arguments]
    output = []
    with subprocess.Popen(
        command, cwd=environment.root, env=variables, stdout=subprocess.PIPE, text=True, errors="replace"
    ) as forge:
        assert forge.stdout is not None  # noqa: S101 - tells the type checker of the pipe asked for above
        for line in forge.stdout:
            print(line, end="", flush=True)
            output.append(line)
    if forge.returncode != 0:
        return forge.returncode
    problem = verdict("".join(output), strict=os.environ.get("CI") == "true")
    if problem:
        print(problem, flush=True)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
