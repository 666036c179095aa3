"""Which ports the chain and the gateways listen on: the usual ones, or the next that are free."""

from __future__ import annotations

import socket

from demo.errors import Trouble

CHAIN_PORT = 8545
GATEWAY_PORT = 8001
HOST = "127.0.0.1"
_LAST = 65_535


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of this machine now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a connection that was just closed is not in the way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def choose(option: str, given: int | None, usual: int, count: int, taken: frozenset[int] = frozenset()) -> list[int]:
    """
    The ports for `count` servers, all different and none of `taken`.

    If the user `given` the first one by `option`, they are that one and those after it, or `Trouble` says which is in
    use; else the first free ones from the `usual` one on.
    """
    if given is not None:
        wanted = list(range(given, given + count))
        for port in wanted:
            if port > _LAST or port in taken or not is_free(port):
                raise Trouble(f"port {port} is not free; give {option} another one, or leave it out")
        return wanted
    chosen: list[int] = []
    for port in range(usual, _LAST + 1):
        if len(chosen) == count:
            break
        if port not in taken and is_free(port):
            chosen.append(port)
    return chosen
