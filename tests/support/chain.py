"""A real chain for tests, on a port that nobody else uses."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from demo import anvil
from web3 import Web3

from app.chain import rpc


@contextmanager
def running_chain(*, block_seconds: int | None = None, options: tuple[str, ...] = ()) -> Iterator[str]:
    """Start anvil, give its URL, stop it. Without `block_seconds` each transaction gets a block at once."""
    command = [*anvil.command(0, block_seconds=block_seconds), *options]
    # It logs every request: into a file, because a pipe that nobody reads would stop it.
    with tempfile.TemporaryFile() as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            yield f"http://127.0.0.1:{_announced_port(process, log)}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)


@contextmanager
def connected(url: str) -> Iterator[Web3]:
    """A connection to the node at `url`, closed at the end."""
    node = rpc.connect(url)
    try:
        yield node
    finally:
        rpc.disconnect(node)


def _announced_port(process: subprocess.Popen[bytes], log: IO[bytes]) -> int:
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        found = re.search(rb"Listening on 127\.0\.0\.1:(\d+)", os.pread(log.fileno(), 1 << 16, 0))
        if found:
            return int(found.group(1))
        time.sleep(0.02)
    raise AssertionError(f"anvil did not start: {os.pread(log.fileno(), 1 << 16, 0).decode()}")
