#!/usr/bin/env python3
"""
Set up everything that OptiTrace needs inside its own folder, and start scripts with it.

    import bootstrap
    bootstrap.launch("suite.py")        # set up, then become that script under the project's Python
    environment = bootstrap.ensure()    # set up, and tell where things are

This file is read by whatever Python a machine calls `python3`. It keeps to the syntax of Python 2.7,
so that an old one can read it and say what is missing; the rest is in `installer`, imported after that.
"""

from __future__ import print_function

import os
import subprocess
import sys

MYPY = False
if MYPY:
    from typing import List, NoReturn, Optional, Tuple

    from installer.environment import Environment

MINIMUM = (3, 11)
NEWER = ("python3.13", "python3.12", "python3.11", "python3.14")
SCRIPTS = os.path.dirname(os.path.abspath(__file__))


def refusal(version):
    # type: (Tuple[int, ...]) -> Optional[str]
    """Say in one sentence why `version` will not do; None if it will."""
    if tuple(version[:2]) >= MINIMUM:
        return None
    return "optitrace needs Python {}.{} or later; this is {}".format(
        MINIMUM[0], MINIMUM[1], ".".join(str(part) for part in version[:3])
    )


def newer_python(path):
    # type: (str) -> Optional[str]
    """Find a Python on `path` that will do; None if there is none."""
    question = "import sys; sys.exit(sys.version_info[:2] < {!r})".format(MINIMUM)
    for name in NEWER:
        for folder in path.split(os.pathsep):
            candidate = os.path.join(folder, name)
            # A version manager puts commands there that only say that they are not chosen: ask, do not look.
            if os.access(candidate, os.X_OK) and _succeeds([candidate, "-c", question]):
                return candidate
    return None


def _succeeds(command):
    # type: (List[str]) -> bool
    with open(os.devnull, "w") as nowhere:
        try:
            return subprocess.call(command, stdout=nowhere, stderr=nowhere) == 0
        except OSError:
            return False


def _leave_an_old_python():
    # type: () -> None
    """Start again under a newer Python if this one is too old; end in one sentence if there is none."""
    reason = refusal(tuple(sys.version_info[:3]))
    if reason is None:
        return
    newer = newer_python(os.environ.get("PATH", os.defpath))
    if newer is None:
        sys.exit(reason)
    os.execv(newer, [newer] + sys.argv)


def ensure():
    # type: () -> Environment
    """Install what is missing and tell where it is; a second call needs no network and half a second."""
    _leave_an_old_python()
    from installer import SetupFailed, install

    try:
        return install(os.path.dirname(SCRIPTS))
    except SetupFailed as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit("\nstopped; start it again to go on where it was")


def launch(*command):
    # type: (*str) -> NoReturn
    """
    Become `command` under the project's Python, with the arguments that this script was given.

    The command is the name of a file in scripts/, or `-m` and the name of a module.
    """
    environment = ensure()
    first = command[0] if command[0] == "-m" else os.path.join(SCRIPTS, command[0])
    arguments = [str(environment.python), first] + list(command[1:]) + sys.argv[1:]
    sys.stdout.flush()
    os.execve(arguments[0], arguments, environment.variables())


if __name__ == "__main__":
    ensure()
