"""The file that every Python must be able to read."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import bootstrap
import checks
import pytest
from hypothesis import given
from hypothesis import strategies as st

SCRIPTS = Path(bootstrap.SCRIPTS)
LAUNCHERS = sorted(file.name for file in checks.python_files() if file.parent == SCRIPTS and not file.suffix)
versions = st.tuples(st.integers(2, 4), st.integers(0, 20), st.integers(0, 20))


def command(folder: Path, name: str, body: str) -> Path:
    """Put a program called `name` into `folder`."""
    program = folder / name
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return program


@given(versions)
def test_a_python_is_refused_exactly_when_it_is_older_than_3_11(version: tuple[int, int, int]) -> None:
    assert (bootstrap.refusal(version) is None) == (version >= (3, 11, 0))


def test_the_refusal_is_one_sentence_that_names_both_versions() -> None:
    assert bootstrap.refusal((3, 8, 18)) == "optitrace needs Python 3.11 or later; this is 3.8.18"


def test_a_newer_python_is_found_on_the_path(tmp_path: Path) -> None:
    program = command(tmp_path, "python3.12", f'exec "{sys.executable}" "$@"')
    assert bootstrap.newer_python(f"/nowhere{os.pathsep}{tmp_path}") == str(program)


def test_a_command_that_only_says_that_it_is_not_chosen_is_passed_over(tmp_path: Path) -> None:
    command(tmp_path, "python3.13", "exit 127")
    assert bootstrap.newer_python(str(tmp_path)) is None


def test_a_file_that_cannot_be_run_is_passed_over(tmp_path: Path) -> None:
    command(tmp_path, "python3.13", "").write_bytes(b"\x7fELF but no more")
    assert bootstrap.newer_python(str(tmp_path)) is None


def newer_syntax(tree: ast.AST) -> Iterator[str]:
    """Name what Python 2.7 could not read in `tree`."""
    newer = (ast.AnnAssign, ast.AsyncFunctionDef, ast.JoinedStr, ast.Match, ast.NamedExpr, ast.Nonlocal, ast.YieldFrom)
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() if node.returns or node.args.kwonlyargs or node.args.posonlyargs:
                yield f"{node.name} in line {node.lineno}"
            case ast.arg(annotation=ast.expr()):
                yield f"the type of {node.arg} in line {node.lineno}"
            case ast.Raise(cause=ast.expr()):
                yield f"raise from in line {node.lineno}"
            case ast.List() | ast.Tuple() if any(isinstance(element, ast.Starred) for element in node.elts):
                yield f"a star in line {node.lineno}"
            case _ if isinstance(node, newer):
                yield f"{type(node).__name__} in line {node.lineno}"


@pytest.mark.parametrize("script", ["bootstrap.py", *LAUNCHERS])
def test_an_old_python_can_read_what_is_started_by_whatever_python_there_is(script: str) -> None:
    assert list(newer_syntax(ast.parse((SCRIPTS / script).read_text()))) == []


@pytest.mark.parametrize("script", LAUNCHERS)
def test_an_old_python_without_a_newer_one_beside_it_is_told_so_by_every_script(script: str, tmp_path: Path) -> None:
    pretend = (
        "import sys, runpy; sys.version_info = (3, 6, 9, 'final', 0); sys.path.insert(0, sys.argv[1]); "
        "runpy.run_path(sys.argv[1] + '/' + sys.argv[2])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", pretend, str(SCRIPTS), script],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == "optitrace needs Python 3.11 or later; this is 3.6.9\n"
