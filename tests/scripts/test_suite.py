"""The stages of scripts/test, and what makes a run red."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import checks
import forge_test
import pytest
import suite

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"
RAN = "Ran 2 test suites in 1.20s (2.30s CPU time): {} tests passed, 0 failed, {} skipped (12 total tests)\n"


def run_tests(folder: Path, body: str, ci: str) -> subprocess.CompletedProcess[str]:
    """Run pytest over one file with the project's conftest, with `ci` as the variable CI."""
    shutil.copy(CONFTEST, folder)
    (folder / "test_it.py").write_text(f"import pytest\n{body}\n")
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-c",
            "/dev/null",
            "--rootdir",
            folder,
            folder,
        ],
        env={**os.environ, "CI": ci, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_all_stages_run_and_pytest_gets_the_arguments() -> None:
    assert suite.plan(["-k", "word"]) == {
        "check": [],
        "supply": [],
        "static": [],
        "contracts": [],
        "pytest": ["-k", "word"],
    }
    assert list(suite.plan([]))[-1] == "pytest"


def test_one_stage_gets_its_own_arguments() -> None:
    assert suite.plan(["--only", "contracts", "-vv"]) == {"contracts": ["-vv"]}


@pytest.mark.parametrize(("kilobytes", "is_there"), [(1 << 30, True), (9 << 20, False), (None, False)])
def test_tests_write_into_memory_where_there_is_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kilobytes: int | None, is_there: bool
) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1 << 40, 0, 1 << 40))
    told = tmp_path / "meminfo"
    if kilobytes is not None:
        told.write_text(f"MemFree: 7 kB\nMemAvailable:   {kilobytes} kB\n")
    memory = tmp_path / "memory"
    memory.mkdir()
    with suite.place_to_write(memory, told) as place:
        assert [Path(each).parent for each in place.values()] == [memory] * is_there
        assert all(Path(each).stat().st_mode & 0o777 == 0o755 for each in place.values())
    assert list(memory.iterdir()) == []


def test_tests_write_where_they_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/elsewhere")
    with suite.place_to_write() as place:
        assert place == {}


@pytest.mark.parametrize("arguments", [["--only"], ["--only", "lint"]])
def test_a_stage_that_does_not_exist_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="check, supply, static, contracts, pytest"):
        suite.plan(arguments)


def staged(monkeypatch: pytest.MonkeyPatch, **bodies: str) -> None:
    """Let the stages be these programs."""
    monkeypatch.setattr(suite, "STAGES", {name: ["-c", body] for name, body in bodies.items()})


def test_what_stages_say_is_shown_one_after_another_although_two_run_at_a_time(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    waits = f"import pathlib, time\nwhile not pathlib.Path({str(tmp_path / 'second')!r}).exists(): time.sleep(0.01)\n"
    second = f"import pathlib; print('two'); pathlib.Path({str(tmp_path / 'second')!r}).touch()"
    staged(monkeypatch, check=f"{waits}print('one')", supply=second, static="print('three')", pytest="print('last')")
    assert suite.main([]) == 0
    words = "=== check one === supply two === static three === pytest last"
    assert capfd.readouterr().out.split() == words.split()


def test_the_first_stage_that_fails_ends_the_run(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    staged(monkeypatch, check="print('one')", supply="raise SystemExit(3)", static="", pytest="print('last')")
    assert suite.main([]) == 3
    told = capfd.readouterr().out
    assert "=== supply failed" in told
    assert "static" not in told.replace("=== supply failed", "")
    assert "last" not in told


def test_the_run_ends_as_pytest_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    staged(monkeypatch, check="", pytest="raise SystemExit(5)")
    assert suite.main([]) == 5


SKIPS = """
@pytest.mark.skip(reason="marked")
def test_marked(): pass

def test_inside(): pytest.skip("inside")

@pytest.fixture
def thing(): pytest.skip("fixture")

def test_fixture(thing): pass

def test_that_runs(): pass
"""


def test_a_skip_is_a_failure_on_the_continuous_integration(tmp_path: Path) -> None:
    answer = run_tests(tmp_path, SKIPS, "true")
    assert answer.returncode == 1
    assert {"marked", "inside", "fixture"} <= set(answer.stdout.split())
    assert "1 failed, 1 passed, 2 errors" in answer.stdout


def test_a_skip_is_none_elsewhere(tmp_path: Path) -> None:
    answer = run_tests(tmp_path, SKIPS, "")
    assert answer.returncode == 0
    assert "1 passed, 3 skipped" in answer.stdout


def test_a_file_that_skips_itself_is_a_failure_on_the_continuous_integration(tmp_path: Path) -> None:
    answer = run_tests(tmp_path, "pytest.skip('whole file', allow_module_level=True)", "true")
    assert answer.returncode == 2
    assert "whole file" in answer.stdout


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    answer = run_tests(tmp_path, "@pytest.mark.xfail\ndef test_one(): assert False", "true")
    assert answer.returncode == 0
    assert "1 xfailed" in answer.stdout


@pytest.mark.parametrize(
    ("output", "strict", "problem"),
    [
        (RAN.format(12, 0), True, None),
        (RAN.format("\x1b[32m12\x1b[0m", 0), True, None),
        (RAN.format(11, 1), False, None),
        (RAN.format(11, 1), True, "1 contract tests were skipped"),
        (RAN.format(0, 0), False, "no contract test ran"),
        ("No tests found in project!\n", False, "no contract test ran"),
    ],
)
def test_a_forge_run_counts_only_if_tests_ran(output: str, strict: bool, problem: str | None) -> None:
    assert forge_test.verdict(output, strict) == problem


def test_the_size_of_functions_and_files_is_held() -> None:
    body = "\n".join(f"    x{i} = {i}" for i in range(39))
    fits = f"def f():\n{body}\n"
    assert list(checks.too_long(Path("a.py"), fits)) == []
    documented = f'def f():\n    """One.\n\n    More.\n    """\n{body}\n'
    assert list(checks.too_long(Path("a.py"), documented)) == []
    assert list(checks.too_long(Path("a.py"), fits + "    y = 1\n")) == ["a.py:1: f has 41 lines, more than 40"]
    assert list(checks.too_long(Path("a.py"), "x = 1\n" * 301)) == ["a.py: 301 lines, more than 300"]
