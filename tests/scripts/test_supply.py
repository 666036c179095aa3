"""What is installed: what is looked at, and what each answer of the look-ups means."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import outcomes
import pytest
from outcomes import Outcome
from supply import holes, licences, locks, materials, waivers
from supply.waivers import Waiver

ROOT = Path(__file__).resolve().parents[2]
AUDITED = {"name": "one", "version": "1", "vulns": []}
SKIPPED = {"name": "two", "skip_reason": "Dependency not found on PyPI and could not be audited: two (1)"}
HOLED = {"name": "three", "version": "1", "vulns": [{"id": "PYSEC-1"}]}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"dependencies": [AUDITED]}, Outcome.PASSED),
        ({"dependencies": [SKIPPED]}, Outcome.NOT_RUN),
        ({"dependencies": [AUDITED, SKIPPED]}, Outcome.NOT_RUN),
        ({"dependencies": [AUDITED, SKIPPED, HOLED]}, Outcome.FAILED),
        ({"dependencies": []}, Outcome.NOT_RUN),
        (None, Outcome.NOT_RUN),
    ],
)
def test_pip_audit_passes_only_if_it_looked_every_package_up(answer: Any, outcome: Outcome) -> None:
    assert holes.python_verdict(answer)[0] is outcome


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"metadata": {"vulnerabilities": {"low": 3, "high": 0, "critical": 0}}}, Outcome.PASSED),
        ({"metadata": {"vulnerabilities": {"high": 1, "critical": 0}}}, Outcome.FAILED),
        ({"metadata": {"vulnerabilities": {"high": 0, "critical": 1}}}, Outcome.FAILED),
        ({"message": "405 Method Not Allowed", "error": {}}, Outcome.NOT_RUN),
        (None, Outcome.NOT_RUN),
    ],
)
def test_npm_audit_passes_only_if_it_counted(answer: Any, outcome: Outcome) -> None:
    assert holes.node_verdict(answer)[0] is outcome


WAIVER = Waiver("three", "PYSEC-1", "not reached by us", date(2026, 3, 2))
HOLED_NODE = {
    "metadata": {"vulnerabilities": {"high": 2, "critical": 0}},
    "vulnerabilities": {
        "far": {"severity": "high", "via": [{"severity": "high", "url": "https://example.org/advisories/GHSA-1"}]},
        "near": {"severity": "high", "via": ["far"]},
    },
}


@pytest.mark.parametrize("name", ["PYSEC-1", "CVE-1"])
def test_a_waived_hole_of_a_python_package_passes_by_any_of_its_names(name: str) -> None:
    holed = {**HOLED, "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"]}]}
    answer = {"dependencies": [AUDITED, holed]}
    assert holes.python_verdict(answer, [replace(WAIVER, advisory=name)])[0] is Outcome.PASSED
    for other in (replace(WAIVER, advisory="PYSEC-2"), replace(WAIVER, package="one")):
        assert holes.python_verdict(answer, [other]) == (Outcome.FAILED, "three: PYSEC-1")


def test_a_waived_hole_of_a_node_package_passes_with_what_depends_on_it() -> None:
    waiver = replace(WAIVER, package="far", advisory="GHSA-1")
    assert holes.node_verdict(HOLED_NODE, [waiver]) == (Outcome.PASSED, "2 high, 0 critical, all waived")
    other = holes.node_verdict(HOLED_NODE, [replace(waiver, advisory="GHSA-2")])
    assert other == (Outcome.FAILED, "2 high, 0 critical, far: GHSA-1")
    # Holes that are counted and not told cannot be waived.
    untold = {"metadata": HOLED_NODE["metadata"], "vulnerabilities": {}}
    assert holes.node_verdict(untold, [waiver])[0] is Outcome.FAILED


def test_a_waiver_is_good_on_its_day_and_fails_from_the_next(tmp_path: Path) -> None:
    written(tmp_path, [f"{name} = {json.dumps(text)}" for name, text in TEXTS.items()] + ["until = 2026-03-02"])
    assert waivers.load(tmp_path) == [WAIVER]
    assert list(waivers.problems(tmp_path, WAIVER.until)) == []
    assert waivers.in_force([WAIVER], WAIVER.until) == [WAIVER]
    day_after = WAIVER.until + timedelta(days=1)
    (problem,) = waivers.problems(tmp_path, day_after)
    assert "PYSEC-1 of three was waived until 2026-03-02" in problem
    assert waivers.in_force([WAIVER], day_after) == []


TEXTS = {"package": "three", "advisory": "PYSEC-1", "reason": "not reached by us"}


@pytest.mark.parametrize(
    "lines",
    [
        ['package = "three"'],
        ['package = "three"', 'advisory = "PYSEC-1"', 'reason = " "', "until = 2026-03-02"],
        ['package = "three"', 'advisory = "PYSEC-1"', 'reason = "x"', 'until = "2026-03-02"'],
        ['package = "three"', 'advisory = "PYSEC-1"', 'reason = "x"', "until = 2026-03-02", "always = true"],
        ["until"],
    ],
)
def test_a_waiver_that_is_not_complete_is_a_problem(tmp_path: Path, lines: list[str]) -> None:
    written(tmp_path, lines)
    assert len(list(waivers.problems(tmp_path, WAIVER.until))) == 1


def test_the_waivers_of_the_tree_can_be_read() -> None:
    assert list(waivers.problems(ROOT, date.min)) == []


def written(folder: Path, lines: list[str]) -> None:
    """A file of one waiver."""
    (folder / waivers.FILE).parent.mkdir(parents=True)
    (folder / waivers.FILE).write_text("\n".join(["[[waiver]]", *lines]))


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """No way out: every proxy is a port where nobody listens."""
    for name in [name for name in os.environ if name.lower() in ("no_proxy", "npm_config_noproxy")]:
        monkeypatch.delenv(name)
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "http_proxy",
        "https_proxy",
        "npm_config_https_proxy",
        "npm_config_proxy",
    ):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_fetch_retries", "0")


@pytest.mark.usefixtures("unreachable")
def test_a_look_up_without_its_service_says_that_it_did_not_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert holes.of_python(ROOT) is Outcome.NOT_RUN
    assert holes.of_node(ROOT) is Outcome.NOT_RUN
    assert "passed" not in capsys.readouterr().out


def test_what_did_not_run_is_named_and_neither_fails_nor_passes(capsys: pytest.CaptureFixture[str]) -> None:
    checks = {"one": lambda: Outcome.PASSED, "two": lambda: Outcome.NOT_RUN}
    assert outcomes.run("supply", checks) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "--- supply: not run: two; 1 passed"
    assert outcomes.run("supply", {**checks, "three": lambda: Outcome.FAILED}) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "--- supply: failed: three; not run: two; 1 passed"


def test_a_check_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SystemExit, match="there is no check two; there are: one"):
        outcomes.chosen({"one": lambda: Outcome.PASSED}, ["two"])


def test_the_bills_of_materials_list_every_locked_package(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    for name in (*locks.PYTHON, *locks.LOOKERS, "pyproject.toml", "package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ROOT / name, tmp_path / name)
    assert list(materials.problems(tmp_path)) == []
    python = json.loads((tmp_path / "var/sbom/python.cdx.json").read_text())
    assert {each["name"] for each in python["components"]} >= {"web3", "colorama"}
    build = json.loads((tmp_path / "var/sbom/python-build.cdx.json").read_text())
    ships, builds = ({each["name"] for each in bill["components"]} for bill in (python, build))
    assert "pytest" in builds - ships
    node = json.loads((tmp_path / "var/sbom/node-itself.cdx.json").read_text())
    assert [each["name"] for each in node["components"]] == [locks.NODE_ITSELF]
    missing = materials.written(tmp_path, ["cat", "var/sbom/node.cdx.json"], Path("bill"), {("absent", "1")})
    assert list(missing) == ["bill: absent 1 is locked and not listed"]


def test_every_licence_is_known_and_may_be_used() -> None:
    assert list(licences.problems(ROOT)) == []


@pytest.mark.parametrize(
    ("licence", "refused"),
    [
        ("MIT", False),
        ("(Apache-2.0 AND MIT)", False),
        ("GPL-3.0-only", True),
        ("MIT AND AGPL-3.0-only", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("as is", True),
        (None, True),
    ],
)
def test_a_licence_that_is_not_on_the_list_is_named(licence: str | None, refused: bool) -> None:
    assert [*licences.judged("package", licence)] != [] if refused else [*licences.judged("package", licence)] == []


def test_a_package_of_another_version_or_that_is_absent_has_no_known_licence() -> None:
    assert licences.of_python(locks.Locked("web3", "0.0.1", None, 1)) is None
    assert licences.of_python(locks.Locked("no-such-package", "1", None, 1)) is None
