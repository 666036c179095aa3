"""The larger form of a test goes on where it was, and counts only what passed at this commit."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import nightly
import pytest
import suite
from nightly import Campaign, Job, State


def campaign(folder: Path, program: str = "pass", whole: int = 10) -> Campaign:
    """Slices of 4 that each add a line with their place to a file, then run `program`."""
    lines = folder / "lines"

    def job(done: int, size: int) -> Job:
        return Job(["-c", f"open({str(lines)!r}, 'a').write('{done} {size}\\n'); {program}"])

    return Campaign("a test", "histories", whole, 4, job)


def played(folder: Path) -> list[str]:
    return (folder / "lines").read_text().splitlines()


def test_slices_follow_each_other_until_all_is_done(tmp_path: Path) -> None:
    state = State("abc")
    assert nightly.go_on(campaign(tmp_path), state, tmp_path / "1.json", 1) == 0
    assert played(tmp_path) == ["0 4", "4 4", "8 2"]
    assert State.at(tmp_path / "1.json", "abc") == state
    assert (state.done, state.failed) == (10, None)


def test_another_time_goes_on_where_the_last_one_stopped(tmp_path: Path) -> None:
    State("abc", done=4).save(tmp_path / "1.json")
    nightly.go_on(campaign(tmp_path), State.at(tmp_path / "1.json", "abc"), tmp_path / "1.json", 1)
    assert played(tmp_path) == ["4 4", "8 2"]


def test_another_commit_begins_at_nothing(tmp_path: Path) -> None:
    State("abc", done=4, seconds=9).save(tmp_path / "1.json")
    assert State.at(tmp_path / "1.json", "def") == State("def")


def test_a_slice_that_fails_ends_the_run_is_not_counted_and_is_played_again(tmp_path: Path) -> None:
    state, file = State("abc", done=4), tmp_path / "1.json"
    assert nightly.go_on(campaign(tmp_path, "raise SystemExit(3)"), state, file, 1) == 3
    assert (state.done, json.loads(file.read_text())["failed"]) == (4, 4)
    assert "the slice from 4 on failed" in nightly.line("1", campaign(tmp_path), state)
    assert nightly.go_on(campaign(tmp_path), state, file, 1) == 0
    assert played(tmp_path) == ["4 4", "4 4", "8 2"]
    assert "failed" not in nightly.line("1", campaign(tmp_path), state)


def test_no_slice_is_begun_that_would_pass_the_end(tmp_path: Path) -> None:
    state = State("abc", longest=30)
    nightly.go_on(campaign(tmp_path, "import time; time.sleep(1)"), state, tmp_path / "1.json", 0.51)
    assert played(tmp_path) == ["0 4"]


def test_a_job_sees_its_own_variables(tmp_path: Path) -> None:
    asks = "import os; raise SystemExit(os.environ['FOUNDRY_FUZZ_SEED'] != '7')"
    one = dataclasses.replace(campaign(tmp_path), job=lambda _, __: Job(["-c", asks], {"FOUNDRY_FUZZ_SEED": "7"}))
    assert nightly.go_on(one, State("abc"), tmp_path / "1.json", 1) == 0


def test_two_slices_of_the_catalogue_never_have_one_seed() -> None:
    for one in nightly.CAMPAIGNS.values():
        jobs = [one.job(done, one.slice) for done in (0, one.slice)]
        if one.whole == one.slice:
            continue
        drawn_anew = any("--draws" in argument for argument in jobs[0].arguments)
        assert drawn_anew or jobs[0] != jobs[1], one.subject


def test_a_number_that_has_no_larger_form_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        suite.main(["--nightly", "99"])
    assert "invalid choice" in capsys.readouterr().err


def test_without_a_number_it_says_how_far_each_has_come(capsys: pytest.CaptureFixture[str]) -> None:
    assert suite.main(["--nightly"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [each.split()[0] for each in lines] == list(nightly.CAMPAIGNS)
