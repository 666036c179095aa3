"""
`optitrace play`: scenarios of examples/ on a running demonstration, and files that are wrong.

As few of them as together have every case, verdict, step and party; `--everywhere` plays all. All are played, and held
to what they expect, in `tests/leaks/test_everything.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.demonstration import Demo, ports, staying
from tests.support.warm import optitrace

ROOT = Path(__file__).resolve().parents[2]
LEVELS = ("optician_only", "glassmaker_confirmed", "glassmaker_and_reception")
FILES = sorted((ROOT / "examples").glob("*.json"))
Json = dict[str, Any]


def shows(file: Path) -> set[tuple[str, str]]:
    """What there is to see in a scenario: its cases and verdicts, and who acts how."""
    content = json.loads(file.read_text())
    expected, acts = content["expect"], content["acts"]
    found = {("case", case) for case in expected["cases"]} | {("ledger", expected["ledger"])}
    found |= {("claim", str(expected.get("claim")))}
    found |= {("item", each["verdict"]) for each in expected["items"].values()}
    found |= {("act", key) for act in acts for key in act} | {("by", act["as"]) for act in acts if "as" in act}
    return found | {("step", do["type"]) for act in acts for do in act.get("do", ())}


def enough(files: list[Path]) -> list[Path]:
    """A few of the files, in which there is all that there is in any."""
    left, found = set[tuple[str, str]]().union(*map(shows, files)), []
    while left:
        found.append(max(files, key=lambda file: len(shows(file) & left)))
        left -= shows(found[-1])
    return sorted(found)


def chosen(config: pytest.Config) -> list[Path]:
    """The files that are played."""
    return FILES if config.getoption("--everywhere") else enough(FILES)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "file" in metafunc.fixturenames:
        metafunc.parametrize("file", chosen(metafunc.config), ids=lambda file: file.stem)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with staying(tmp_path_factory.mktemp("demo") / "var", *ports(21545)) as running:
        yield running


def play(demo: Demo, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return optitrace({"PATH": os.defpath}, "play", *map(str, arguments), "--run-file", str(demo.folder / "run.json"))


@pytest.fixture(scope="module")
def played(demo: Demo, pytestconfig: pytest.Config) -> dict[str, Json]:
    """What came of each file, by its name; many are played at once, because each waits for blocks most of the time."""
    command = [sys.executable, "-m", "app.cli", "play", *map(str, chosen(pytestconfig)), "--json", "--at-once", "8"]
    command += ["--run-file", str(demo.folder / "run.json")]
    environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=500)
    return {Path(each["file"]).name: each for each in json.loads(done.stdout)}


def test_a_scenario_ends_as_it_says(played: dict[str, Json], file: Path) -> None:
    found, said = played[file.name], json.loads(file.read_text())["expect"]
    assert (found["failure"], found["differences"]) == (None, [])
    assert found["found"]["ledger"] == said["ledger"]
    assert found["found"]["claim"] == said.get("claim")
    assert found["found"]["cases"] == sorted(said["cases"])
    assert found["found"]["assurance"] in LEVELS
    for name, item in said["items"].items():
        assert {key: found["found"]["items"][name][key] for key in item} == item
        assert set(found["found"]["items"][name]["events"]) == set(item["cases"])
        assert set(found["found"]["items"][name]["justifying"]) == set(item.get("justified", []))
    of_items = {case for item in found["found"]["items"].values() for case in item["events"]}
    assert set(found["found"]["events"]) | of_items == set(said["cases"])
    for events in (*found["found"]["events"].values(), *found["found"]["justifying"].values()):
        assert events


def test_a_wrong_expectation_is_named_and_ends_with_exit_code_1(demo: Demo, tmp_path: Path) -> None:
    content = json.loads((ROOT / "examples/incomplete.json").read_text())
    content["expect"] |= {"ledger": "conform", "items": {"OD": {"verdict": "incomplete", "cases": ["PRICE_SHIFT"]}}}
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(content))
    done = play(demo, file)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "FAIL wrong.json: A sale under way"
    assert "     differs: ledger: expected conform, found incomplete" in lines
    assert "     differs: OD cases: expected PRICE_SHIFT, found none" in lines
    assert lines[-1] == "0 of 1 as expected"


def test_what_justifies_is_named_by_its_kind_or_as_the_file_calls_it(demo: Demo, tmp_path: Path) -> None:
    content = json.loads((ROOT / "examples/cancelled-before-making.json").read_text())
    content["acts"][-1]["do"][0]["called"] = "ending"
    content["expect"]["assurance"] = "optician_only"
    file = tmp_path / "cancelled.json"
    for named, said in (("@ending", None), ("cancelled", None), ("returned", "expected returned, found cancelled")):
        content["expect"]["justified_by"] = content["expect"]["items"]["OD"]["justified_by"] = [named]
        file.write_text(json.dumps(content))
        done = play(demo, file)
        lines = done.stdout.splitlines()
        assert (
            lines[1]
            == "     ledger justified (expected justified), claim none (expected none), assurance optician_only"
        )
        assert lines[3].startswith("     OD: justified (expected justified), optician_only; justified by cancelled ")
        assert (done.returncode, len(lines)) == ((0, 5) if said is None else (1, 7))
        differs = [] if said is None else [f"     differs: {where}justified_by: {said}" for where in ("", "OD ")]
        assert lines[4:-1] == differs


def changed(place: str, value: object) -> Callable[[Json], None]:
    """A change of a scenario at a place in it."""

    def change(content: Json) -> None:
        *path, last = place.split("/")
        inner: Any = content
        for name in path:
            inner = inner[int(name) if isinstance(inner, list) else name]
        inner[last] = value

    return change


WRONG = {
    "another form": (changed("format", "secret/1"), "at /format: Input should be 'optitrace.scenario/1'"),
    "a word too many": (changed("items/OD/secret", 1), "at /items/OD/secret: Extra inputs are not permitted"),
    "no such verdict": (changed("expect/ledger", "secret"), "at /expect/ledger: Input should be 'conform'"),
    "two things at once": (changed("acts/0/check", {}), "at /acts/0: write either do or check or erase"),
    "nothing of this name": (
        lambda content: content["acts"][0]["do"].append({"type": "ordered", "item": "@secret"}),
        "at /acts/0/do/1/item: nothing before this has the name after @",
    ),
    "no such dossier": (changed("items/OD/dossier", "secret"), "at /items/OD/dossier: no dossier has this name"),
    "justified by nothing there is": (
        changed("expect/justified_by", ["cancelled", "secret"]),
        "at /expect/justified_by/1: no kind of step has this name, and no event was called so",
    ),
    "justified by what nothing is called": (
        changed("expect/items/OD/justified_by", ["@secret"]),
        "at /expect/items/OD/justified_by/0: no kind of step has this name, and no event was called so",
    ),
    "an item not there": (
        changed("expect/items/secrets", {"verdict": "conform"}),
        "at /expect/items/secrets: no item has this name",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_malformed_file_is_refused_with_its_name_and_the_place(demo: Demo, tmp_path: Path, name: str) -> None:
    change, said = WRONG[name]
    content = json.loads((ROOT / "examples/incomplete.json").read_text())
    change(content)
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(content))
    done = play(demo, file)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"optitrace: {file} {said}")


def test_what_is_no_file_of_scenarios_is_refused(demo: Demo, tmp_path: Path) -> None:
    text = tmp_path / "text.json"
    text.write_text("{'secret'}")
    empty = tmp_path / "empty"
    empty.mkdir()
    for path, said in (
        (text, "is not written in JSON"),
        (tmp_path / "none.json", "cannot be read: No such file or directory"),
        (empty, "holds no scenario: no file whose name ends in .json"),
    ):
        done = play(demo, path)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", f"optitrace: {path} {said}\n")
