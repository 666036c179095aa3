"""
Known faults in the contracts, sought by slither; what it finds is in contracts/triage.toml with a reason, or is red.

    python scripts/static_analysis.py

Slither wants another web3 than ours, so it lives in an environment of its own, `var/slither`, made from
requirements/static.txt. It reads what forge compiled, with the project's own compiler. A finding is known by its
detector and by what it is about, not by its line; one that the list has and slither has not is red too.
"""

from __future__ import annotations

import hashlib
import json
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
PLACE = ROOT / "var/slither"
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
    """Slither's environment, made anew when the lock has changed."""
    stamp, print_of_lock = PLACE / "stamp", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    python = PLACE / "venv/bin/python"
    PLACE.mkdir(parents=True, exist_ok=True)
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != print_of_lock:
        base = getattr(sys, "_base_executable", sys.executable)
        subprocess.run([base, "-m", "venv", "--clear", "--without-pip", str(PLACE / "venv")], check=True)
        options = ["install", "--quiet", "--require-hashes", "--only-binary=:all:", "--requirement", str(LOCK)]
        subprocess.run([sys.executable, "-m", "pip", "--python", str(python), *options], check=True)
        stamp.write_text(print_of_lock, encoding="utf-8")
    return python.parent / "slither"


def report(environment: Environment) -> dict[str, Any]:
    """Compile, run slither, and give what it says."""
    slither, out, told = installed(), PLACE / "out", PLACE / "report.json"
    forge = environment.foundry("forge")
    variables = {
        **environment.variables(),
        "FOUNDRY_OFFLINE": "true",
        "FOUNDRY_VIA_IR": "false",
        "FOUNDRY_SOLC": str(ROOT / "scripts/solcjs"),
        "FOUNDRY_OUT": str(out),
        "FOUNDRY_CACHE_PATH": str(PLACE / "cache"),
    }
    variables["PATH"] = f"{forge.parent}:{variables['PATH']}"
    build = [str(forge), "build", "--build-info", "--ast", "--skip", "test", "--force"]
    subprocess.run(build, cwd=ROOT, env=variables, check=True, stdout=subprocess.DEVNULL)
    told.unlink(missing_ok=True)
    options = [*_SLITHER, "--foundry-out-directory", str(out), "--json", str(told)]
    done = subprocess.run([str(slither), str(ROOT), *options], cwd=ROOT, env=variables, capture_output=True, text=True)
    if not told.exists():
        raise SystemExit(f"slither said nothing:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(told.read_text(encoding="utf-8"))
    return found


def main() -> int:
    """Print what is new and what is gone; 0 if nothing is."""
    found = findings(report(bootstrap.ensure()))
    wrong = differences(found, triaged(TRIAGE.read_text(encoding="utf-8")))
    for each in wrong:
        print(each)
    print(f"--- slither: {len(found)} findings, {'all of them explained' if not wrong else f'{len(wrong)} to look at'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
