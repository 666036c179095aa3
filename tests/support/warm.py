"""
A gateway, or a command beside it, as a process of its own that begins where its imports end.

Two seconds of each start are imports, the same each time. Here a process that has done them is forked; what is told to
a test is what `tests.deploy.processes` tells of a cold start, which the tests of deployment and of the demonstration
make.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.deploy.processes import ROOT, ending

_FORKS: Final = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.support.warm", "app.main", "app.cli"])


class Warm:
    """One such process; to a test the same as a `subprocess.Popen`."""

    def __init__(
        self, module: str, arguments: Sequence[str], env: Mapping[str, str], output: Path, errors: Path
    ) -> None:
        self.returncode: int | None = None
        self._process = _FORKS.Process(target=_run, args=(module, arguments, dict(env), str(output), str(errors)))
        self._process.start()

    def poll(self) -> int | None:
        """How it ended, None as long as it runs."""
        if self.returncode is None:
            self.returncode = self._process.exitcode
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """How it ended, once it has."""
        self._process.join(timeout)
        if (code := self.poll()) is None:
            raise subprocess.TimeoutExpired(str(self._process.name), timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None and self._process.pid is not None:
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self.send_signal(signal.SIGKILL)


@contextmanager
def running(module: str, env: Mapping[str, str], log: Path) -> Iterator[Warm]:
    """`module` until the block is left; unless a test killed it, SIGTERM then has to end it cleanly."""
    process = Warm(module, (), env, log, log)
    with ending(process, log):
        yield process


def optitrace(env: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    with TemporaryDirectory() as folder:
        output, errors = Path(folder) / "output", Path(folder) / "errors"
        process = Warm("app.cli", arguments, env, output, errors)
        try:
            code = process.wait(timeout=120)
        finally:
            process.kill()
        return subprocess.CompletedProcess(arguments, code, output.read_text(), errors.read_text())


def _run(module: str, arguments: Sequence[str], env: dict[str, str], output: str, errors: str) -> None:
    os.environ.clear()
    os.environ.update(env)
    for number, file in ((1, output), (2, errors)):
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(ROOT)
    sys.argv = ["optitrace", *arguments]
    _entry(module)()


def _entry(module: str) -> Callable[[], object]:
    # Imported by then, unless this file is only read.
    from app import cli, main

    entries: dict[str, Callable[[], object]] = {"app.main": main.main, "app.cli": cli.app}
    return entries[module]
