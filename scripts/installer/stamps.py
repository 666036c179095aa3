"""
Stamps: a small file that says from what an installation was made, and so whether it is still the right one.

A stamp lies inside what it describes, and goes when that goes. It is written last, in one step, so a stamp
that is there means an installation that was finished.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterable
from pathlib import Path


def fingerprint(files: Iterable[Path], *facts: str) -> str:
    """Hash the contents of `files`, the `facts` beside them, and the platform."""
    digest = hashlib.sha256()
    for part in (*facts, platform.system(), platform.machine()):
        digest.update(hashlib.sha256(part.encode()).digest())
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def is_fresh(stamp: Path, expected: str) -> bool:
    """Tell whether what `stamp` describes was finished, and made from what has the fingerprint `expected`."""
    try:
        return stamp.read_text() == expected
    except OSError:
        return False


def write(stamp: Path, value: str) -> None:
    """Write `stamp` whole or not at all."""
    draft = stamp.with_name(stamp.name + ".new")
    draft.write_text(value)
    os.replace(draft, stamp)
