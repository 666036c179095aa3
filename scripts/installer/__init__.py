"""
Installing the project's Python packages, Node and Node modules into the project's folder, and nowhere else.

    .venv          the virtual environment
    node_modules   Solidity libraries, the compiler, the test chain
    var/cache      what was downloaded
    var/logs       what the installers said

Standard library only, without root, without a question. Each part is finished by its stamp, written last: an
interrupted installation is gone on with at the next start, and a complete one costs a look at the stamps. Two
starts at once do not meet: the second waits.
"""

from installer.environment import Environment
from installer.errors import SetupFailed
from installer.steps import install

__all__ = ["Environment", "SetupFailed", "install"]
