"""Ports for servers that a test starts in processes of their own."""

from __future__ import annotations

import os
import socket
from itertools import cycle

_FIRST, _EACH = 20_000, 1_000
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
# Below the ports that the system gives to connections, and each of several test processes has a range of its own: a
# port that is free when it is looked for would else be somebody's before the server binds it.
_RANGE = cycle(range(_FIRST + _EACH * _WORKER, _FIRST + _EACH * (_WORKER + 1)))


def free_port() -> int:
    """A port that nobody listens on."""
    for port in _RANGE:
        with socket.socket() as found:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                found.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")
