"""A gateway as the compose file runs it: the API in one process, the worker in another."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 120
# Kept, because making one reads all certificates of the world; without connections, because gateways come and go.
ASKING = httpx.Client(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


def environment(**settings: object) -> dict[str, str]:
    """This environment with the settings of one gateway."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OPTITRACE_")}
    given = {f"OPTITRACE_{name.upper()}": str(value) for name, value in settings.items()}
    return {**inherited, "PYTHONPATH": str(ROOT), **given}


class Process(Protocol):
    """A process that runs, or did."""

    returncode: int | None

    def wait(self, timeout: float | None = None) -> int:
        """How it ended, once it has."""

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""

    def kill(self) -> None:
        """End it as `kill -9` does."""


@contextmanager
def running(module: str, env: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m module` until the block is left; unless a test killed it, SIGTERM then has to end it cleanly."""
    command = [sys.executable, "-m", module]
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=dict(env), stdout=output, stderr=output)
    with ending(process, log):
        yield process


@contextmanager
def ending(process: Process, log: Path) -> Iterator[None]:
    """Have a process end cleanly when the block is left, unless a test killed it; `log` is what it wrote."""
    try:
        yield
        if process.returncode != -signal.SIGKILL:
            process.send_signal(signal.SIGTERM)
            # uvicorn shuts down and then hands the signal on.
            assert process.wait(timeout=60) in (0, -signal.SIGTERM), log.read_text()[-4000:]
    finally:
        process.kill()
        process.wait()


def optitrace(env: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    command = [sys.executable, "-m", "app.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, env=dict(env), capture_output=True, text=True, timeout=120, check=False)


def answer(url: str, path: str, key: str | None = None) -> tuple[int, dict[str, Any]]:
    """Status and JSON of a GET; status 0 while nobody answers."""
    try:
        found = ASKING.get(url + path, headers={"Authorization": f"Bearer {key}"} if key else {})
    except httpx.TransportError:
        return 0, {}
    return found.status_code, dict(json.loads(found.text))


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until it holds."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, f"never came true: {what}"
        time.sleep(0.1)
