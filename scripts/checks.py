"""
Style, types, what is dangerous, what is secret, the direction of imports, the size of files and functions.

    python scripts/checks.py            all of them, then a summary
    python scripts/checks.py mypy       those that are named
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import outcomes
from outcomes import Check, Outcome

ROOT = Path(__file__).resolve().parent.parent
MIGRATIONS = ROOT / "app/store/migrations/versions"
FOLDERS = ("app", "scripts", "tests")
LONGEST_FILE = 300
LONGEST_FUNCTION = 40

_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def python_files() -> list[Path]:
    """List the Python files of the project, launchers without a suffix included."""
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*") if file.is_file()]
    return sorted(file for file in files if file.suffix == ".py" or _is_launcher(file))


def _is_launcher(file: Path) -> bool:
    if file.suffix or "__pycache__" in file.parts:
        return False
    with file.open("rb") as opened:
        return opened.readline().startswith(b"#!/usr/bin/env python3")


def too_long(file: Path, source: str) -> Iterator[str]:
    """Name what in `source`, the text of `file`, is longer than the house allows; docstrings do not count."""
    lines = len(source.splitlines())
    if lines > LONGEST_FILE:
        yield f"{file}: {lines} lines, more than {LONGEST_FILE}"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = _length(node)
            if length > LONGEST_FUNCTION:
                yield f"{file}:{node.lineno}: {node.name} has {length} lines, more than {LONGEST_FUNCTION}"


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    last = function.end_lineno or function.lineno
    whole = last - function.lineno + 1
    if ast.get_docstring(function) is None:
        return whole
    docstring = function.body[0]
    return whole - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def sizes() -> Outcome:
    """Check the size of every file and function; a migration is written by a tool, once, and read by few."""
    problems = [
        problem
        for file in python_files()
        if not file.is_relative_to(MIGRATIONS)
        for problem in too_long(file.relative_to(ROOT), file.read_text("utf-8"))
    ]
    for problem in problems:
        print(problem)
    return Outcome.of(not problems)


def _tool(*command: str) -> Check:
    """Make a check of a Python tool, which passes when the tool exits 0."""
    return lambda: Outcome.of(subprocess.run([sys.executable, *command], cwd=ROOT, check=False).returncode == 0)


def checks() -> dict[str, Check]:
    """Name the checks, in the order they run."""
    files = [str(file) for file in python_files() if not file.suffix]
    return {
        "ruff check": _tool("-m", "ruff", "check", "--output-format=concise", *FOLDERS, *files),
        "ruff format": _tool("-m", "ruff", "format", "--check", "--output-format=concise", *FOLDERS, *files),
        "mypy": _tool("-m", "mypy"),
        "imports": _tool("-c", _IMPORTS),
        "sizes": sizes,
        "bandit": _tool("-m", "bandit", "--quiet", "-c", "pyproject.toml", "-r", "app", "scripts", *files),
        "secrets": _tool("scripts/committed_secrets.py"),
    }


if __name__ == "__main__":
    sys.exit(outcomes.run("checks", outcomes.chosen(checks(), sys.argv[1:])))
