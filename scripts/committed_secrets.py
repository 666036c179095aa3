"""
Keys and passwords that were committed, or would be with the next commit.

    python scripts/committed_secrets.py             fail where something looks like a secret and is not known
    python scripts/committed_secrets.py --accept    what is found now is none: write it into .secrets.baseline

The baseline holds the hashes of what was looked at and is no secret, without line numbers: a line that moves
is no news. Nothing that is found is printed, or asked of the service whose key it may be.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from detect_secrets.core import baseline
from detect_secrets.core.secrets_collection import SecretsCollection

ROOT = Path(__file__).resolve().parent.parent
BASELINE = ROOT / ".secrets.baseline"
# Hashes of packages, bytecode, and keys that are published with the protocol: a scan of these finds nothing else.
MADE_BY_TOOLS = ("requirements/", "package-lock.json", "app/chain/artifacts/", "tests/vectors/", BASELINE.name)


def files() -> list[str]:
    """Name the files that are committed or would be; ends in a sentence outside of a repository."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if listed.returncode != 0 or not listed.stdout:
        raise SystemExit("git does not say which files are committed")
    names = sorted(set(listed.stdout.split("\0")) - {""})
    return [name for name in names if not name.startswith(MADE_BY_TOOLS) and Path(name).is_file()]


def accept(found: SecretsCollection) -> None:
    """Write what was found as known, in an order that depends on nothing else."""
    written = baseline.format_for_output(found, is_slim_mode=True)
    BASELINE.write_text(json.dumps(written, indent=2) + "\n", "utf-8")


def main(arguments: list[str]) -> int:
    """Compare what is found with the baseline, and name the place and kind of what is new."""
    # A place is part of what is known: names count from the project's folder.
    os.chdir(ROOT)
    known = baseline.load(json.loads(BASELINE.read_text("utf-8")))
    found = SecretsCollection()
    found.scan_files(*files())
    if arguments == ["--accept"]:
        accept(found)
        return 0
    new = [secret for _, secret in found - known]
    for secret in sorted(new, key=lambda each: (each.filename, each.line_number)):
        print(f"{secret.filename}:{secret.line_number}: looks like a secret: {secret.type}")
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
