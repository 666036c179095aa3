"""
Lock what is installed, by version and hash.

One lock serves every Python from 3.11 on and every platform. No lock names an address, npm's because .npmrc
says so: whoever installs uses the registry of his own configuration.
"""

from __future__ import annotations

import subprocess
import sys

import bootstrap

LOCKS = {
    "requirements/run.txt": ["pyproject.toml"],
    "requirements/dev.txt": ["pyproject.toml", "--group", "dev"],
    "requirements/node.txt": ["--group", "node"],
    "requirements/static.txt": ["--group", "static"],
}
_UV = ["-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
_PLAIN = ["--generate-hashes", "--no-annotate", "--no-header", "--no-emit-index-url"]


def main(arguments: list[str]) -> int:
    """Write the locks anew; `arguments` go to uv, `--upgrade` and `--upgrade-package NAME` for one."""
    environment = bootstrap.ensure()
    commands = [[sys.executable, *_UV, *_PLAIN, *arguments, *sources, "-o", lock] for lock, sources in LOCKS.items()]
    commands.append(["npm", "install", "--package-lock-only", "--ignore-scripts"])
    for command in commands:
        code = subprocess.run(command, cwd=environment.root, env=environment.variables(), check=False).returncode
        if code != 0:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
