"""
Mutants of the registry: do its contract tests notice if one thing in it is otherwise?

    .venv/bin/python scripts/registry_mutants.py                 go on with all of them
    .venv/bin/python scripts/registry_mutants.py --table         what became of them, as docs/assurance.md has it

One line of `contracts/PartyRegistry.sol` changed as in `mutants.py`, and each `restricted` left out; then forge runs
the tests of the registry and of its governance. What is known stands in `var/registry_mutants.json`. To be run by hand.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import bootstrap
from mutants import ROOT, Mutant, mutants

SOURCE = ROOT / "contracts/PartyRegistry.sol"
STATE = ROOT / "var/registry_mutants.json"


def registry_mutants() -> Iterator[Mutant]:
    """All of them, in the order of the file."""
    yield from mutants(SOURCE)
    for number, line in enumerate(SOURCE.read_text(encoding="utf-8").splitlines(), start=1):
        if " restricted" in line.split("//")[0]:
            yield Mutant(str(SOURCE.relative_to(ROOT)), number, line, line.replace(" restricted", "", 1))


def _scratch(folder: Path) -> Mapping[str, str]:
    """A copy of what the tests need; gives forge's variables."""
    environment = bootstrap.ensure()
    for name in (
        "contracts/interfaces",
        "contracts/test/support",
        "contracts/libraries",
        "contracts/steps",
        "contracts/rare",
    ):
        shutil.copytree(ROOT / name, folder / name)
    for file in (
        *ROOT.glob("contracts/*.sol"),
        *ROOT.glob("contracts/test/Registry*.sol"),
        ROOT / "contracts/test/Governance.t.sol",
    ):
        shutil.copy(file, folder / file.relative_to(ROOT))
    for name in ("node_modules", "foundry.toml"):
        (folder / name).symlink_to(ROOT / name)
    solc = str(ROOT / "scripts/solcjs")
    return {**environment.variables(), "FOUNDRY_OFFLINE": "true", "FOUNDRY_VIA_IR": "false", "FOUNDRY_SOLC": solc}


def verdict(folder: Path, variables: Mapping[str, str], forge: Path) -> str:
    """Killed, survived, or refused by the compiler."""
    command = [str(forge), "test", "--fail-fast"]
    done = subprocess.run(command, cwd=folder, env=dict(variables), capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return "survived"
    return "refused" if "Compiler run failed" in done.stdout + done.stderr else "killed"


def _known() -> dict[str, str]:
    return dict(json.loads(STATE.read_text(encoding="utf-8"))) if STATE.is_file() else {}


def play(minutes: float) -> None:
    """Go on with those that nothing is known of."""
    known, end, forge = _known(), time.monotonic() + 60 * minutes, bootstrap.ensure().foundry("forge")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        variables = _scratch(folder)
        copy = folder / SOURCE.relative_to(ROOT)
        if verdict(folder, variables, forge) != "survived":
            raise SystemExit("the registry as it is does not pass")
        for mutant in registry_mutants():
            if mutant.key in known:
                continue
            if time.monotonic() > end:
                return
            copy.write_text(mutant.source(), encoding="utf-8")
            known[mutant.key] = verdict(folder, variables, forge)
            STATE.parent.mkdir(exist_ok=True)
            STATE.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
            print(f"{known[mutant.key]}: {mutant.key}", flush=True)


def main(arguments: list[str]) -> int:
    """Play what is open, or print what is known."""
    parser = argparse.ArgumentParser(prog="registry_mutants", description="Mutants of the registry.")
    parser.add_argument("--minutes", type=float, default=60, help="how long at most (60)")
    parser.add_argument("--table", action="store_true", help="only print what is known")
    chosen = parser.parse_args(arguments)
    if not chosen.table:
        play(chosen.minutes)
    known = _known()
    there = [mutant.key for mutant in registry_mutants()]
    print(f"{len(there)} mutants: {dict(Counter(known.get(key, 'open') for key in there))}")
    print("\n".join(key for key in there if known.get(key) == "survived"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
