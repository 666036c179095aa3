"""`scripts/run` as a user types it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

_RUN = str(Path(__file__).resolve().parent.parent.parent / "scripts" / "run")
_SECONDS = 400.0

Json = dict[str, Any]


@dataclass(slots=True)
class Demo:
    """A demonstration that runs in `folder`; `document` is what it printed, `said` what it told meanwhile."""

    folder: Path
    process: subprocess.Popen[str]
    document: Json
    said: list[str] = field(default_factory=list)

    def gateway(self, role: str) -> Json:
        """Address and key of a party's gateway."""
        found: Json = next(each for each in self.document["gateways"] if each["role"] == role)
        return found

    def get(self, role: str, path: str, key_of: str | None = None) -> httpx.Response:
        """Ask the gateway of `role`, with its own party's key or that of `key_of`."""
        key = self.gateway(key_of or role)["api_key"]
        url = self.gateway(role)["url"] + path
        return httpx.get(url, headers={"Authorization": f"Bearer {key}"}, trust_env=False)

    def pids(self) -> dict[str, int | None]:
        """The children's process ids, as the run file has them."""
        found: dict[str, int | None] = json.loads((self.folder / "run.json").read_text())["pids"]
        return found


def once(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Let it play and end."""
    command = [_RUN, "--once", "--dir", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)


def ports(first: int) -> tuple[str, ...]:
    """
    The options for ports of a test's own, from `first` on.

    The usual ones are for one file of tests alone: two demonstrations that look for free ports in one instant find the
    same, and one of them ends.
    """
    return "--chain-port", str(first), "--port", str(first + 1)


@contextmanager
def staying(folder: Path, *arguments: str) -> Iterator[Demo]:
    """Start it with `--json`, give it once the document is there, and end it."""
    command = [_RUN, "--json", "--dir", str(folder), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        demo = Demo(folder, process, {})
        assert process.stderr is not None
        reader = threading.Thread(target=lambda lines: demo.said.extend(lines), args=(process.stderr,))
        reader.start()
        try:
            demo.document = _first_document(process, demo)
            yield demo
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
            reader.join(timeout=10)


def _first_document(process: subprocess.Popen[str], demo: Demo) -> Json:
    text = ""
    assert process.stdout is not None
    for line in process.stdout:
        text += line
        if line == "}\n":
            found: Json = json.loads(text)
            return found
    raise AssertionError(f"it ended without a document: {''.join(demo.said)}")


def until(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    """Wait until `condition` holds; a failure of the test if it does not in `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.1)


def lives(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
