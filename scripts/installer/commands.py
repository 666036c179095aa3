"""Run installers: their words into one log, a line of progress for the person, one sentence if they fail."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from installer.errors import SetupFailed

LOG = Path("var/logs/setup.log")


class Installer:
    """
    Runs commands in the project's folder `root`, with the environment `variables`.

    They inherit the file descriptor `lock` of the lock of setting up, so that it is held as long as one of them
    lives: killed without mercy, this process leaves them behind, still writing.
    """

    def __init__(self, root: Path, variables: Mapping[str, str], lock: int | None = None) -> None:
        self._inherited = () if lock is None else (lock,)
        self.root = root
        self._variables = dict(variables)
        self._log = root / LOG
        self._log.parent.mkdir(parents=True, exist_ok=True)

    def run(self, command: Sequence[str | Path], purpose: str, folder: Path | None = None) -> None:
        """Run `command`; on failure say in one sentence that `purpose` failed, why, and where the log is."""
        lines = self._stream(command, folder or self.root)
        if lines is None:
            return
        reason = next((line for line in reversed(lines) if "error" in line.lower()), "")
        because = f" ({reason.strip()[:200]})" if reason else ""
        raise SetupFailed(f"{purpose} failed{because}; the whole story is in {LOG}")

    def succeeds(self, command: Sequence[str | Path], folder: Path | None = None) -> bool:
        """Run a `command` that may fail."""
        return self._stream(command, folder or self.root) is None

    def _stream(self, command: Sequence[str | Path], folder: Path) -> list[str] | None:
        """Run `command` to its end; None if it succeeded, else its last lines."""
        last: list[str] = []
        collected = 0
        with self._log.open("a") as log:
            log.write(f"$ {' '.join(map(str, command))}\n")
            log.flush()
            try:
                process = subprocess.Popen(
                    command,
                    cwd=folder,
                    env=self._variables,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    errors="replace",
                    pass_fds=self._inherited,
                )
            except OSError as error:
                log.write(f"{error}\n")
                return [str(error)]
            with process:
                assert process.stdout is not None  # noqa: S101 - tells the type checker of the pipe asked for above
                for line in process.stdout:
                    log.write(line)
                    last = [*last[-30:], line]
                    collected += line.startswith("Collecting ")
                    if collected:
                        _show(f"  {collected} packages found")
            _show("")
        return None if process.returncode == 0 else last


class Progress:
    """Says what is being done and how long it took, on standard error: standard output is for results."""

    def __init__(self, doing: str) -> None:
        self._doing = doing

    def __enter__(self) -> None:
        self._began = time.monotonic()
        print(f"setting up: {self._doing} ...", file=sys.stderr, flush=True)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            seconds = time.monotonic() - self._began
            print(f"setting up: {self._doing}, done in {seconds:.0f} s", file=sys.stderr, flush=True)


def _show(text: str) -> None:
    """Show a passing line to a person at a terminal."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
