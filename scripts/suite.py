"""
Everything that must pass before a change is shared: checks, what is installed, slither, contract tests, last pytest.

    scripts/test                            all, in this order; the first stage that fails ends the run.
                                            What comes before pytest runs two stages at a time
    scripts/test -k word                    all, with arguments for pytest
    scripts/test --only pytest -k word      one stage, with arguments for it: check, supply, static, contracts or pytest
    scripts/test --nightly 43               the larger form of one test, see `nightly.py`
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import nightly

SCRIPTS = Path(__file__).resolve().parent
ROOT = SCRIPTS.parent
MEMORY, AVAILABLE = Path("/dev/shm"), Path("/proc/meminfo")  # noqa: S108  # nosec B108  a folder of its own is made there
ROOM = 10 << 30
"""What tests leave behind comes to four gigabytes, most of it databases of PostgreSQL; some more for themselves."""
AT_ONCE = 2
LOOK_SECONDS = 0.2
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
    planned = plan(arguments)
    before = {name: own for name, own in planned.items() if name != "pytest"}
    code = _shown_in_turn(before, variables)
    if code == 0 and "pytest" in planned:
        print("=== pytest", flush=True)
        with place_to_write() as place:
            # Its closing line stays the last of the run.
            code = subprocess.run(
                _command("pytest", planned), cwd=ROOT, env={**variables, **place}, check=False
            ).returncode
    return code


@contextmanager
def place_to_write(memory: Path = MEMORY, available: Path = AVAILABLE) -> Iterator[dict[str, str]]:
    """
    Give the variable that has tests write into memory, where there is enough of it; else none.

    A new database is hundreds of files, which a disk takes five times as long to make. All of it is gone when it ends.
    """
    found = re.search("MemAvailable: *([0-9]+) kB", available.read_text()) if available.exists() else None
    free = shutil.disk_usage(memory).free if memory.is_dir() else 0
    if found is None or min(free, int(found[1]) << 10) < ROOM or "TMPDIR" in os.environ:
        yield {}
        return
    with TemporaryDirectory(prefix="optitrace", dir=memory, ignore_cleanup_errors=True) as folder:
        # A server that refuses to run as root has to come through.
        Path(folder).chmod(0o755)
        yield {"TMPDIR": folder}


def _command(name: str, planned: Mapping[str, list[str]]) -> list[str]:
    return [sys.executable, *STAGES[name], *planned[name]]


def _shown_in_turn(planned: Mapping[str, list[str]], variables: Mapping[str, str]) -> int:
    """Run stages two at a time, for each keeps little more than one core busy, and show their words one by one."""
    with TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        said = {name: Path(folder) / name for name in planned}
        running = {name: pool.submit(_run, _command(name, planned), said[name], variables) for name in planned}
        for name, stage in running.items():
            print(f"=== {name}", flush=True)
            _show(said[name], stage)
            if stage.result() != 0:
                pool.shutdown(cancel_futures=True)
                print(f"=== {name} failed; what came after it did not run to its end, or is not shown", flush=True)
                return stage.result()
    return 0


def _run(command: list[str], said: Path, variables: Mapping[str, str]) -> int:
    with said.open("wb") as words:
        started = subprocess.run(command, cwd=ROOT, env=variables, stdout=words, stderr=subprocess.STDOUT, check=False)
    return started.returncode


def _show(said: Path, stage: Future[int]) -> None:
    """Show a stage's words as they come, until it is done."""
    while not said.exists() and not stage.done():
        time.sleep(LOOK_SECONDS)
    with said.open("rb") as words:
        done = False
        while not done:
            done = stage.done()
            sys.stdout.buffer.write(words.read())
            sys.stdout.flush()
            time.sleep(0 if done else LOOK_SECONDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
