"""
The contracts, read by programs: slither seeks known faults, halmos proves what contracts/test/proofs claims.

    python scripts/static_analysis.py           both
    python scripts/static_analysis.py halmos    one of them

What slither finds is in contracts/triage.toml with a reason, or is red. A finding is known by its detector and by what
it is about, not by its line; one that the list has and slither has not is red too. A claim that halmos cannot prove in
a minute is red. Both want other packages than ours, so they live in an environment of their own, `var/static`, made
from requirements/static.txt; they read what forge compiles with the project's own compiler.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bootstrap
from installer import Environment

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements/static.txt"
TRIAGE = ROOT / "contracts/triage.toml"
PLACE = ROOT / "var/static"
_PROVED = re.compile(r"Symbolic test result: (\d+) passed; (\d+) failed")
_UNFINISHED = "paths have not been fully explored"
"""What halmos warns of where it ended a loop early; it calls the claim proved all the same."""
_SECONDS = 60
_NOT_OURS = "node_modules|contracts/test"
_SLITHER = ["--ignore-compile", "--exclude-informational", "--exclude-optimization", "--filter-paths", _NOT_OURS]


@dataclass(frozen=True, order=True)
class Finding:
    """What a detector says, and of which function or variable: `reentrancy-no-eth`, `EquipmentLedger.submit`."""

    check: str
    about: str


def triaged(text: str) -> set[Finding]:
    """The findings of the list; ends in a sentence where one has no reason or stands there twice."""
    entries = tomllib.loads(text).get("finding", [])
    found = [Finding(each["check"], each["about"]) for each in entries]
    bare = [str(known) for known, each in zip(found, entries, strict=True) if len(each.get("reason", "").split()) < 3]
    if bare or len(set(found)) != len(found):
        raise SystemExit(f"contracts/triage.toml: without a reason, or twice: {bare or found}")
    return set(found)


def findings(report: dict[str, Any]) -> set[Finding]:
    """What a report of slither's says; ends in a sentence where slither did not come to its end."""
    if not report["success"]:
        raise SystemExit(f"slither failed: {report['error']}")
    return {Finding(each["check"], _about(each["elements"][0])) for each in report["results"].get("detectors", [])}


def _about(element: dict[str, Any]) -> str:
    """Contract, and its function or variable."""
    names = [element["name"].partition("(")[0]]
    while element["type"] != "contract" and "parent" in element.get("type_specific_fields", {}):
        element = element["type_specific_fields"]["parent"]
        names.append(element["name"].partition("(")[0])
    return ".".join(reversed(names))


def differences(found: Iterable[Finding], known: Iterable[Finding]) -> list[str]:
    """A line for each finding that only one of the two has."""
    found, known = set(found), set(known)
    gone = "no longer found, take it out of the list"
    return [
        *(f"new: {each.check} in {each.about}" for each in sorted(found - known)),
        *(f"{gone}: {each.check} in {each.about}" for each in sorted(known - found)),
    ]


def installed() -> Path:
    """The folder of the programs, whose environment is made anew when the lock has changed."""
    stamp, print_of_lock = PLACE / "stamp", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    python = PLACE / "venv/bin/python"
    PLACE.mkdir(parents=True, exist_ok=True)
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != print_of_lock:
        base = getattr(sys, "_base_executable", sys.executable)
        subprocess.run([base, "-m", "venv", "--clear", "--without-pip", str(PLACE / "venv")], check=True)
        options = ["install", "--quiet", "--require-hashes", "--only-binary=:all:", "--requirement", str(LOCK)]
        subprocess.run([sys.executable, "-m", "pip", "--python", str(python), *options], check=True)
        stamp.write_text(print_of_lock, encoding="utf-8")
    return python.parent


def _variables(environment: Environment, out: Path) -> dict[str, str]:
    """For forge, that the two programs start themselves."""
    return {
        **environment.variables(),
        "PATH": f"{environment.foundry('forge').parent}:{environment.variables()['PATH']}",
        "FOUNDRY_OFFLINE": "true",
        "FOUNDRY_VIA_IR": "false",
        "FOUNDRY_SOLC": str(ROOT / "scripts/solcjs"),
        "FOUNDRY_OUT": str(out),
        "FOUNDRY_CACHE_PATH": str(out.with_suffix(".cache")),
    }


def report(environment: Environment, programs: Path) -> dict[str, Any]:
    """Compile, run slither, and give what it says."""
    out, told = PLACE / "out", PLACE / "report.json"
    variables = _variables(environment, out)
    build = [str(environment.foundry("forge")), "build", "--build-info", "--ast", "--skip", "test", "--force"]
    subprocess.run(build, cwd=ROOT, env=variables, check=True, stdout=subprocess.DEVNULL)
    told.unlink(missing_ok=True)
    command = [str(programs / "slither"), str(ROOT), *_SLITHER, "--foundry-out-directory", str(out)]
    done = subprocess.run(
        [*command, "--json", str(told)], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )
    if not told.exists():
        raise SystemExit(f"slither said nothing:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(told.read_text(encoding="utf-8"))
    return found


def proved(output: str) -> int:
    """How many claims halmos proved in all contracts; 0 if it could not prove one, or not wholly, or had none."""
    summaries = _PROVED.findall(output)
    whole = _UNFINISHED not in " ".join(output.split()) and all(failed == "0" for _, failed in summaries)
    return sum(int(passed) for passed, _ in summaries) if whole else 0


def prove(environment: Environment, programs: Path) -> int:
    """Have halmos prove the claims; returns how many, and prints its words if one is not proved."""
    out = PLACE / "proofs"
    variables = _variables(environment, out)
    # The solver is a program beside halmos.
    variables["PATH"] = f"{programs}:{variables['PATH']}"
    narrowed = {"FOUNDRY_SRC": "contracts/libraries", "FOUNDRY_TEST": "contracts/test/proofs"}
    command = [str(programs / "halmos"), "--root", str(ROOT), "--forge-build-out", str(out)]
    done = subprocess.run(
        [*command, "--solver", "z3", "--solver-timeout-assertion", str(1000 * _SECONDS)],
        cwd=ROOT,
        env={**variables, **narrowed},
        capture_output=True,
        text=True,
        check=False,
    )
    count = proved(done.stdout + done.stderr) if done.returncode == 0 else 0
    if count == 0:
        print(done.stdout + done.stderr)
    return count


def is_explained(environment: Environment, programs: Path) -> bool:
    """Whether slither finds what the list has, and nothing else; prints what differs."""
    found = findings(report(environment, programs))
    wrong = differences(found, triaged(TRIAGE.read_text(encoding="utf-8")))
    for each in wrong:
        print(each)
    print(f"--- slither: {len(found)} findings, {'all of them explained' if not wrong else f'{len(wrong)} to look at'}")
    return not wrong


def is_proved(environment: Environment, programs: Path) -> bool:
    """Whether halmos proves every claim, and there are some."""
    claims = prove(environment, programs)
    print(f"--- halmos: {claims} claims proved" if claims else "--- halmos: not every claim is proved")
    return claims > 0


PROGRAMS = {"slither": is_explained, "halmos": is_proved}


def main(names: list[str]) -> int:
    """Run the programs named, or both; 0 if both are content."""
    environment, programs = bootstrap.ensure(), installed()
    content = [PROGRAMS[name](environment, programs) for name in names or PROGRAMS]
    return 0 if all(content) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
