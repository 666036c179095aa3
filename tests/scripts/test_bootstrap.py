"""The file that every Python must be able to read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import bootstrap
import pytest
from hypothesis import given
from hypothesis import strategies as st

SCRIPTS = Path(bootstrap.SCRIPTS)
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


def test_launchers_and_the_guard_use_no_syntax_that_an_old_python_lacks() -> None:
    newer = (b":=", b'f"', b"f'", b"->  ", b"async ", b"nonlocal ", b"match ")
    for name in ("bootstrap.py", "check", "lock", "optitrace", "test"):
        source = (SCRIPTS / name).read_bytes()
        assert not [piece for piece in newer if piece in source], name


@pytest.mark.parametrize("script", ["check", "lock", "optitrace", "test"])
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
