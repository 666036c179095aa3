"""The published histories are what the rules make of them, read as a stranger reads them: from the file alone."""

from __future__ import annotations

from typing import Any

import history_vectors
import pytest

from app.domain.folding import record
from app.domain.justification import bits_of
from app.domain.lifecycle import outcome
from app.domain.outcomes import Outcome
from app.domain.shelf import MemoryShelf
from app.domain.steps import Step
from tests.differential.published import HISTORIES, VECTORS, raw


def test_making_the_histories_again_gives_the_committed_file() -> None:
    assert history_vectors.text() == history_vectors.FILE.read_text(encoding="utf-8")


def test_a_dozen_are_honest_and_a_dozen_are_not() -> None:
    honest = [each for each in HISTORIES if each["honest"]]
    assert len(honest) >= 12
    assert len(HISTORIES) - len(honest) >= 12
    assert len({each["name"] for each in HISTORIES}) == len(HISTORIES)


def test_honest_ones_are_recorded_whole_and_show_no_case() -> None:
    for history in HISTORIES:
        if history["honest"]:
            assert {step["outcome"] for step in history["steps"]} == {"recorded"}, history["name"]
            kept = [*history["items"].values(), *history["dossiers"].values()]
            assert all(each["cases"] == [] and each["verdict"] != "non_conform" for each in kept), history["name"]


def test_of_the_others_each_is_refused_something_or_shows_a_case() -> None:
    for history in HISTORIES:
        if not history["honest"]:
            refused = {step["outcome"] for step in history["steps"]} != {"recorded"}
            kept = [*history["items"].values(), *history["dossiers"].values()]
            assert refused or any(each["cases"] for each in kept), history["name"]


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history["name"])
def test_the_rules_make_of_a_published_history_what_the_file_says(history: dict[str, Any]) -> None:
    shelf = MemoryShelf({int(number): role for number, role in VECTORS["parties"].items()})
    for place, said in enumerate(history["steps"]):
        step = Step.from_parts(raw(said["head"]), [raw(word) for word in said["words"]])
        assert outcome(shelf, said["party"], step, VECTORS["now"]) is Outcome[said["outcome"].upper()], place
        if said["outcome"] == "recorded":
            effect = record(shelf, said["party"], step)
            assert [f"0x{state:064x}" for state in effect.states] == said["states"], place
    for name, item in history["items"].items():
        bits = bits_of(shelf, raw(name))
        assert (bits.mismatches, bits.justified) == (item["mismatches"], item["justified"])
    assert {"0x" + name.hex() for name in shelf.dossiers} == history["dossiers"].keys()
