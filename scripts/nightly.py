"""
The larger form of a test: as much of it as goes into twenty minutes, and the rest another time.

    scripts/test --nightly                  what there is, and how far each has come
    scripts/test --nightly 43               go on with number 43 of the catalogue in docs/assurance.md
    scripts/test --nightly 43 --minutes 5   for so long

It runs in slices, each with a seed of its own where the tool takes one, and counts what passed in
`var/nightly/43.json`. A slice that was interrupted is played again; one that failed stands there until it passes.
What was counted belongs to one commit: another begins at nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent
ROOT = SCRIPTS.parent
STATES = ROOT / "var" / "nightly"
MINUTES = 20


@dataclass(frozen=True, slots=True)
class Job:
    """What runs a slice: the program's arguments, after Python's, and what it finds in its environment."""

    arguments: list[str]
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Campaign:
    """One number of the catalogue: `whole` of a `unit` in slices, the one from `done` on by `job(done, size)`."""

    subject: str
    unit: str
    whole: int
    slice: int
    job: Callable[[int, int], Job]


@dataclass(slots=True)
class State:
    """How far a campaign has come at one commit; `failed` is where the slice begins that did not pass."""

    commit: str
    done: int = 0
    seconds: int = 0
    longest: int = 0
    failed: int | None = None

    @classmethod
    def at(cls, file: Path, commit: str) -> State:
        """What the file says of this commit; nothing done if it speaks of another."""
        if not file.is_file():
            return cls(commit)
        found = cls(**json.loads(file.read_text(encoding="utf-8")))
        return found if found.commit == commit else cls(commit)

    def save(self, file: Path) -> None:
        """Write it down, whole or not at all."""
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".new")
        draft.write_text(json.dumps(asdict(self)) + "\n", encoding="utf-8")
        draft.replace(file)


def _pytest(*arguments: str) -> Job:
    return Job(["-m", "pytest", "-q", *arguments])


def _forge(test: str, done: int, **variables: object) -> Job:
    settings = {f"FOUNDRY_{name.upper()}": str(value) for name, value in variables.items()}
    return Job([str(SCRIPTS / "forge_test.py"), "--match-test", test], {"FOUNDRY_FUZZ_SEED": str(done + 1), **settings})


CAMPAIGNS: Mapping[str, Campaign] = {
    "29": Campaign(
        "the API against its own document",
        "seconds",
        600,
        600,  # a minute for each asker on each database: in less, not every phase begins
        lambda done, size: Job(
            ["-m", "pytest", "-q", "tests/hostile/test_openapi.py", "-k", "does_what"],
            {"OPENAPI_SECONDS": str(size), "OPENAPI_SEED": str(done + 29)},
        ),
    ),
    "33": Campaign(
        "identifiers against a second writing of each rule",
        "numbers of each kind",
        1_000_000,
        250_000,
        lambda _, size: _pytest("tests/domain/test_identifiers.py", f"--draws={size}"),
    ),
    "34": Campaign(
        "one lens, one form",
        "pairs",
        1_000_000,
        100_000,
        lambda _, size: _pytest("tests/domain/test_many_lenses.py", f"--draws={size}"),
    ),
    "35": Campaign(
        "forged openings",
        "mutations",
        1_000_000,
        50_000,
        lambda _, size: _pytest("tests/verifier/test_forged_openings.py", f"--draws={size}"),
    ),
    "40": Campaign(
        "anything submitted, anything malformed",
        "runs of each test",
        100_000,
        5_000,
        lambda done, size: _forge("^testFuzz", done, fuzz_runs=size),
    ),
    "42": Campaign(
        "whatever is played, the ledger is what follows from it",
        "histories of 100 steps",
        20_000,
        100,
        lambda done, size: _forge("^invariant", done, invariant_runs=size, invariant_depth=100),
    ),
    "43": Campaign(
        "contract and Python play the same histories",
        "histories",
        1_000_000,
        10_000,
        lambda done, size: _pytest("tests/differential", f"--histories={size}", f"--first-history={done}"),
    ),
    "49": Campaign(
        "every scenario on both databases, and all that was written searched",
        "plays",
        1,
        1,
        lambda _, __: _pytest("tests/leaks/test_everything.py", "--everywhere"),
    ),
    "50": Campaign(
        "every correction hashed with every salt and under every key",
        "additions",
        13,
        1,
        lambda done, _: _pytest("tests/leaks/test_dictionary.py", f"--addition={0.5 + done / 4 if done else 'none'}"),
    ),
    "51": Campaign(
        "an insider guesses between two lenses",
        "trials for each insider",
        100_000,
        10_000,
        lambda done, size: _pytest("tests/leaks/test_insider.py", f"--draws={10 * size}", f"--seed={done + 2}"),
    ),
    "52": Campaign(
        "nothing links two items",
        "items on each database",
        100_000,
        5_000,
        lambda _, size: _pytest("tests/leaks/test_links.py", f"--draws={10 * size}"),
    ),
    "54": Campaign(
        "an observer of the chain learns the same whatever was sold",
        "pairs of sales",
        1_000,
        50,
        lambda done, size: _pytest("tests/leaks/test_observer.py", f"--sales={size}", f"--seed={done + 54}"),
    ),
}


def go_on(campaign: Campaign, state: State, file: Path, minutes: float) -> int:
    """Run slices until the campaign is whole or the time is up; the exit code of the slice that failed, else 0."""
    end = time.monotonic() + 60 * minutes
    while state.done < campaign.whole and time.monotonic() + state.longest < end:
        size = min(campaign.slice, campaign.whole - state.done)
        began = time.monotonic()
        code = _run(campaign.job(state.done, size))
        took = round(time.monotonic() - began)
        state.failed = state.done if code else None
        if not code:
            state.done, state.seconds, state.longest = state.done + size, state.seconds + took, max(state.longest, took)
        state.save(file)
        if code:
            return code
    return 0


def line(number: str, campaign: Campaign, state: State) -> str:
    """How far a campaign has come, as docs/assurance.md says it."""
    failed = "" if state.failed is None else f"; the slice from {state.failed:,} on failed"
    so_far = f"{state.done:,} of {campaign.whole:,} {campaign.unit}"
    return f"{number}  {campaign.subject}: {so_far}, {state.seconds} s at {state.commit}{failed}"


def _run(job: Job) -> int:
    command = [sys.executable, *job.arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **job.variables}, check=False).returncode


def _commit() -> str:
    """The commit, with `-dirty` where something is changed."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=7", "--exclude=*"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def main(arguments: list[str]) -> int:
    """Go on with the number named; without one say how far each has come."""
    parser = argparse.ArgumentParser(prog="test --nightly", description="The larger form of one test.")
    parser.add_argument("number", nargs="?", choices=CAMPAIGNS)
    parser.add_argument("--minutes", type=float, default=MINUTES, help=f"how long at most ({MINUTES})")
    chosen = parser.parse_args(arguments)
    commit, code = _commit(), 0
    for number in [chosen.number] if chosen.number else CAMPAIGNS:
        file = STATES / f"{number}.json"
        state = State.at(file, commit)
        if chosen.number:
            code = go_on(CAMPAIGNS[number], state, file, chosen.minutes)
        print(line(number, CAMPAIGNS[number], state), flush=True)
    return code
