"""
Ends the children of a supervisor that was killed before it could do so itself.

    python guard.py    reads `+PID SIGNAL` and `-PID`, one a line; at the end of its input it signals who is left

An orphaned chain would go on writing its state file beside the next chain's, and orphaned gateways hold their ports.
The guard is in a session of its own, so that Ctrl-C does not reach it. Standard library only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable


def remaining(lines: Iterable[str]) -> dict[int, int]:
    """Who is left when `lines` end: process ids and the signal that ends each, last started first."""
    left: dict[int, int] = {}
    for line in lines:
        words = line.split()
        if line.startswith("+"):
            left[int(words[0][1:])] = int(words[1])
        else:
            left.pop(int(words[0][1:]), None)
    return dict(reversed(left.items()))


def main() -> None:
    """Wait for the end of standard input, then signal."""
    for process, signal in remaining(sys.stdin).items():
        try:
            os.kill(process, signal)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
