"""
Named places where a test may kill the process.

`OPTITRACE_FAILPOINT=K6:3` ends the process, as `kill -9` would, the third time it passes K6. Unarmed, a failpoint costs
one look at a dictionary. `arm` is called by `main` alone, and only on the development chain.
"""

import os

_armed: dict[str, int] = {}


def arm(setting: str) -> None:
    """Arm one failpoint: its name, a colon, and at which passing it fires."""
    name, _, count = setting.partition(":")
    _armed[name] = int(count or 1)


def failpoint(name: str) -> None:
    """Die here if this place is armed and its turn has come."""
    if name not in _armed:
        return
    _armed[name] -= 1
    if _armed[name] == 0:
        os._exit(137)
