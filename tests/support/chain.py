"""A real chain for tests, on a port that nobody else uses."""

from __future__ import annotations

import re
import signal
import subprocess
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
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            port = _announced_port(process.stdout)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)


@contextmanager
def connected(url: str) -> Iterator[Web3]:
    """A connection to the node at `url`, closed at the end."""
    node = rpc.connect(url)
    try:
        yield node
    finally:
        rpc.disconnect(node)


def _announced_port(output: IO[str]) -> int:
    said = []
    for line in output:
        said.append(line)
        found = re.search(r"Listening on 127\.0\.0\.1:(\d+)", line)
        if found:
            return int(found.group(1))
    raise AssertionError("anvil did not start: " + "".join(said))
