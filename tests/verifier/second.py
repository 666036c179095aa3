"""Asks the second implementation, which is written in JavaScript from docs/protocol.md alone."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from installer import node_env

from app.domain.commitment import Opening

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 20_000


def answers(questions: Sequence[Mapping[str, Any]]) -> list[Any]:
    """What it says to each question, in order."""
    parts = [questions[start : start + AT_ONCE] for start in range(0, len(questions), AT_ONCE)]
    return [answer for part in parts for answer in _asked(part)]


def _asked(questions: Sequence[Mapping[str, Any]]) -> list[Any]:
    node = node_env.find(ROOT)
    assert node is not None, "there is no Node; scripts/bootstrap.py installs one"
    done = subprocess.run(
        [node.program, "tests/verifier/main.mjs"],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


def hexed(value: bytes) -> str:
    """Bytes as they stand in the vectors."""
    return "0x" + value.hex()


def shown(opening: Opening) -> dict[str, Any]:
    """An opening as it stands in the vectors."""
    return {
        "schema": opening.schema,
        "group": opening.group,
        "path": opening.path,
        "value": opening.value,
        "salt": hexed(opening.salt),
        "siblings": [hexed(sibling) for sibling in opening.siblings],
    }
