"""The virtual environment and the packages in it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from installer import stamps
from installer.commands import Installer, Progress
from installer.pip_source import pip_for

REQUIREMENTS = Path("requirements/dev.txt")
STAMP = "optitrace-stamp"
_PLACE = "optitrace-place"


def venv_python(root: Path) -> Path:
    """Tell where the environment's Python is or will be."""
    return root / ".venv/bin/python"


def is_ready(root: Path) -> bool:
    """Tell whether the environment is complete and made from the lock as it is now."""
    stamp = root / ".venv" / STAMP
    return venv_python(root).exists() and stamps.is_fresh(stamp, fingerprint(root))


def set_up(installer: Installer) -> None:
    """Make the environment, or bring it up to date; one that does not work is made anew."""
    root = installer.root
    venv, python = root / ".venv", venv_python(root)
    with Progress("Python packages into .venv"):
        if not is_usable(venv, python, installer):
            shutil.rmtree(venv, ignore_errors=True)
            installer.run([base_python(), "-m", "venv", "--without-pip", venv], "making the virtual environment")
            (venv / _PLACE).write_text(str(root))
        pip = pip_for(python, base_python(), installer)
        install(installer, pip, REQUIREMENTS)
        stamps.write(venv / STAMP, fingerprint(root))


def install(installer: Installer, pip: list[str | Path], requirements: Path) -> None:
    """
    Install what `requirements` locks, and accept nothing whose hash it does not name.

    Nothing is built from source: that would need a compiler, and fetch build tools that no lock names.
    """
    options: list[str | Path] = [
        "install",
        "--require-hashes",
        "--only-binary=:all:",
        "--no-warn-script-location",
        "--requirement",
        requirements,
    ]
    installer.run([*pip, *options], f"installing the packages of {requirements}")


def base_python() -> Path:
    """
    Name the Python outside of any virtual environment that runs this.

    By its real path: when the system replaces it by another version, the environment breaks visibly and is
    made anew, instead of looking for its packages where there are none.
    """
    return Path(os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable))


def is_usable(venv: Path, python: Path, installer: Installer) -> bool:
    """Tell whether `venv` can be brought up to date: it was not moved here, its Python runs and has a pip."""
    place = venv / _PLACE
    moved = place.exists() and place.read_text() != str(installer.root)
    return python.exists() and not moved and installer.succeeds([python, "-m", "pip", "--version"])


def fingerprint(root: Path) -> str:
    return stamps.fingerprint([root / REQUIREMENTS], str(root))
