"""The steps of setting up, in their order, under one lock."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from installer import node_env, python_env
from installer.commands import Installer
from installer.environment import Environment, caches
from installer.errors import SetupFailed

# What a person's own configuration may say, and what would lead packages elsewhere or ask questions.
_OVERRIDES = {
    "PIP_USER": "0",
    "PIP_NO_INPUT": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_REQUIRE_VIRTUALENV": "0",
}
_DROPPED = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "VIRTUAL_ENV", "npm_config_prefix")


def install(folder: str) -> Environment:
    """
    Install what is missing in the project's `folder`, and tell where everything is.

    Doing it twice is harmless, and so is being stopped at any point: the next call goes on.
    """
    root = Path(folder)
    ready = _ready(root)
    if ready is not None:
        return ready
    try:
        return _install_what_is_missing(root)
    except OSError as error:
        raise SetupFailed(f"setting up stopped: {error}") from error


def _install_what_is_missing(root: Path) -> Environment:
    with alone(root) as lock:
        installer = Installer(root, _variables(root), lock)
        # Another start may have done it while this one waited: look again.
        if not python_env.is_ready(root):
            python_env.set_up(installer)
        node = node_env.find(root) or node_env.set_up_node(installer)
        if not node_env.is_ready(root):
            node_env.set_up_modules(installer, node)
    return Environment(root, python_env.venv_python(root), node.program)


def _ready(root: Path) -> Environment | None:
    """Give the environment if nothing is missing."""
    if not (python_env.is_ready(root) and node_env.is_ready(root)):
        return None
    node = node_env.find(root)
    return Environment(root, python_env.venv_python(root), node.program) if node else None


def _variables(root: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    return {**inherited, **_OVERRIDES, **caches(root)}


@contextmanager
def alone(root: Path) -> Iterator[int]:
    """Hold the lock of setting up and give its file descriptor; it is free when its last holder has ended."""
    (root / "var").mkdir(exist_ok=True)
    with (root / "var/setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another start is setting up this folder; waiting for it", file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()
