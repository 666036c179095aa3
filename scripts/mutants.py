"""
Mutants of the ledger's rules: does anything notice if one thing in them is otherwise?

    .venv/bin/python scripts/mutants.py --sample 60     draw so many, the same in every run, and go on with them
    .venv/bin/python scripts/mutants.py --files rare    only of the files whose path holds this word
    .venv/bin/python scripts/mutants.py --table         what became of them, as docs/assurance.md has it

A mutant is one line of `contracts/steps`, `rare` or `libraries` with one operator, number or word changed, or a
judgement or an effect left out. It is compiled, put on a chain beside the registry of a test network, and plays the
published histories and some at random; it is killed as soon as it says another thing than Python does. What survives
is for a person to explain, or to write a test for. What is known stands in `var/mutants.json`. To be run by hand.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import solcx
import solidity

ROOT = Path(__file__).resolve().parent.parent
# The differential test is what looks for a difference.
sys.path.insert(0, str(ROOT))

from tests.support.proving import Ground, proving_ground  # noqa: E402

STATE = ROOT / "var" / "mutants.json"
FOLDERS = ("steps", "rare", "libraries")
CONTRACTS = ("RareSteps", "EquipmentLedger")
SEED = 44

SWAPS = (
    (r" == ", " != "),
    (r" != ", " == "),
    (r" < ", " <= "),
    (r" <= ", " < "),
    (r" > ", " >= "),
    (r" >= ", " > "),
    (r" && ", " || "),
    (r" \|\| ", " && "),
    (r" \| ", " & "),
    (r" & ", " | "),
    (r" \+ ", " - "),
    (r" - ", " + "),
    (r"\btrue\b", "false"),
    (r"\bfalse\b", "true"),
    (r"(?<![\w.])1(?!\w)", "2"),
    (r"(?<![\w.])0(?!\w)", "1"),
)
"""What is changed into what, each place by itself."""
LEFT_OUT = re.compile(r"^\s*(if \(.*\) return .*;|[\w\[\]. ]+ (\||&)?= .*;|if \(.*\) \w+ (\||&)?= .*;|_\w+\(.*\);)$")
"""A line that can be left out: a judgement with its answer, an assignment, a call."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One line of a file, from 1, with another text; empty where it is left out."""

    file: str
    line: int
    before: str
    after: str

    @property
    def key(self) -> str:
        """What it is known by in another run."""
        return f"{self.file}:{self.line}: {self.before.strip()} -> {self.after.strip()}"

    def source(self) -> str:
        """The whole file with it."""
        lines = (ROOT / self.file).read_text(encoding="utf-8").splitlines()
        assert lines[self.line - 1] == self.before, "the file has changed"  # noqa: S101 - the state is of another commit
        return "\n".join([*lines[: self.line - 1], self.after, *lines[self.line :]]) + "\n"


def mutants(file: Path) -> Iterator[Mutant]:
    """All mutants of a file; lines of declarations and comments have none."""
    name = str(file.relative_to(ROOT))
    inside = False
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        code = line.split("//")[0].rstrip()
        inside = inside or code.startswith(("contract ", "abstract ", "library "))
        if not inside or not code.strip() or code.strip().startswith(("function", "using", "import", "*")):
            continue
        for pattern, new in SWAPS:
            for found in re.finditer(pattern, code):
                yield Mutant(name, number, line, code[: found.start()] + new + code[found.end() :])
        if LEFT_OUT.match(code):
            yield Mutant(name, number, line, "")


def sampled(size: int, word: str) -> list[Mutant]:
    """So many of all mutants, the same in every run of the same files."""
    files = [file for folder in FOLDERS for file in sorted((ROOT / "contracts" / folder).glob("*.sol"))]
    everything = [mutant for file in files if word in str(file) for mutant in mutants(file)]
    # A sample, no secret.
    chance = Random(SEED)  # noqa: S311  # nosec B311
    return chance.sample(everything, min(size, len(everything)))


def compiled(mutant: Mutant | None) -> dict[str, bytes] | None:
    """
    Bytecode of ledger and rare rules, or of that one which has the mutant; None if the compiler refuses it.

    Without the intermediate language, which takes too long: the rules are the same in both.
    """
    names = [name for name in CONTRACTS if mutant is None or mutant.file in _sources(name)]
    pin = solidity.pinned()
    pin = dataclasses.replace(pin, settings={**pin.settings, "viaIR": False})
    with tempfile.TemporaryDirectory() as folder:
        for linked in ("node_modules", "package.json", "foundry.toml"):
            (Path(folder) / linked).symlink_to(ROOT / linked)
        for source in (ROOT / "contracts").rglob("*.sol"):
            copy = Path(folder) / source.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            changed = mutant is not None and mutant.file == str(source.relative_to(ROOT))
            copy.write_text(mutant.source() if mutant and changed else source.read_text("utf-8"), encoding="utf-8")
        try:
            found = {name: solidity.compile_contract(name, solidity.SOLCJS, pin, Path(folder)) for name in names}
        except solcx.exceptions.SolcError:
            return None
    return {name: bytes.fromhex(one["bytecode"][2:]) for name, one in found.items()}


def _sources(name: str) -> set[str]:
    return set(json.loads((solidity.ARTIFACTS / f"{name}.json").read_text(encoding="utf-8"))["sources"])


def verdict(ground: Ground, codes: dict[str, bytes] | None) -> str:
    """Killed, by what; survived; or refused by the compiler."""
    if codes is None:
        return "refused"
    difference = ground.difference(*(codes[name] for name in CONTRACTS))
    return "survived" if difference is None else f"killed by {difference}"


def _known() -> dict[str, str]:
    return dict(json.loads(STATE.read_text(encoding="utf-8"))) if STATE.is_file() else {}


def _play(chosen: Sequence[Mutant], minutes: float) -> None:
    known, end = _known(), time.monotonic() + 60 * minutes
    open_ones = [mutant for mutant in chosen if mutant.key not in known]
    with proving_ground() as ground:
        sound = compiled(None)
        if sound is None or (answer := verdict(ground, sound)) != "survived":
            raise SystemExit(f"the rules as they are were {'refused' if sound is None else answer}")
        for mutant in open_ones:
            if time.monotonic() > end:
                return
            changed = compiled(mutant)
            known[mutant.key] = verdict(ground, None if changed is None else {**sound, **changed})
            STATE.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
            print(f"{known[mutant.key]}: {mutant.key}", flush=True)


def _table(chosen: Sequence[Mutant]) -> Iterator[str]:
    known = _known()
    counted: dict[str, Counter[str]] = {}
    for mutant in chosen:
        if mutant.key in known:
            of_folder = counted.setdefault(mutant.file.split("/")[1], Counter())
            of_folder[known[mutant.key].split(" ")[0]] += 1
    yield "| part | killed | survived | refused by the compiler |"
    yield "|---|---|---|---|"
    for folder, found in counted.items():
        yield f"| `contracts/{folder}` | {found['killed']} | {found['survived']} | {found['refused']} |"
    yield from (key for mutant in chosen if known.get(key := mutant.key) == "survived")


def main(arguments: list[str]) -> int:
    """Play what is open of the sample, or print what is known of it."""
    parser = argparse.ArgumentParser(prog="mutants", description="Mutants of the ledger's rules.")
    parser.add_argument("--sample", type=int, default=60, help="how many (60)")
    parser.add_argument("--files", default="", help="only of files whose path holds this word")
    parser.add_argument("--minutes", type=float, default=60, help="how long at most (60)")
    parser.add_argument("--table", action="store_true", help="only print what is known")
    chosen = parser.parse_args(arguments)
    sample = sampled(chosen.sample, chosen.files)
    if not chosen.table:
        _play(sample, chosen.minutes)
    for line in _table(sample):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
