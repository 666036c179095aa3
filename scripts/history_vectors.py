"""
The content of `tests/vectors/histories.json`: whole histories that a second ledger, or reader of one, must judge alike.

Of each step the file has party, head, words, the witness that its relayer adds, and its outcome; of a recorded one the
states that the ledger logs with it and the items whose duplicates it finds. After the last step it has what the ledger
shows of every item and dossier, and the verdict of whoever reads then.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from history_stories import HONEST, Story
from history_trade import NOW, PARTIES, Trade
from history_wrongs import DISHONEST

from app.domain.conformity import Finding, dossier_findings, judged_dossier, judged_item
from app.domain.folding import record
from app.domain.justification import bits_of
from app.domain.lifecycle import outcome
from app.domain.outcomes import Outcome
from app.domain.reading import Reading
from app.domain.shelf import MemoryShelf
from app.domain.steps import Step
from app.domain.witness import witness

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "tests" / "vectors" / "histories.json"


@dataclass(frozen=True, slots=True)
class Seen:
    """A recorded step as a reader sees it."""

    party: int
    step: Step
    block_time: int = NOW


def vectors() -> dict[str, Any]:
    """Give everything that the file holds."""
    return {
        "protocol": 1,
        "now": NOW,
        "parties": {str(number): role for number, role in PARTIES.items()},
        "histories": [*_histories(HONEST, honest=True), *_histories(DISHONEST, honest=False)],
    }


def text() -> str:
    """Give the content of the file."""
    return json.dumps(vectors(), indent=1, ensure_ascii=True) + "\n"


def _histories(stories: tuple[Story, ...], *, honest: bool) -> Iterator[dict[str, Any]]:
    for story in stories:
        history = {"name": story.name, "honest": honest, **_played(story)}
        first = next(iter(history["dossiers"].values()))
        found = {*first["cases"], *(case for item in history["items"].values() for case in item["cases"])}
        outcomes = {place: step["outcome"] for place, step in enumerate(history["steps"])}
        refused = {place: each for place, each in outcomes.items() if each != "recorded"}
        if refused != {place: each.name.lower() for place, each in story.refused.items()}:
            raise AssertionError(f"{story.name}: refused {refused}")
        if first["verdict"] != story.verdict.label or found != {case.name.lower() for case in story.cases}:
            raise AssertionError(f"{story.name}: {first['verdict']}, {sorted(found)}")
        yield history


def _played(story: Story) -> dict[str, Any]:
    trade, shelf, seen = Trade(story.name), MemoryShelf(dict(PARTIES)), []
    story.tell(trade)
    steps = []
    for party, step in trade.steps:
        added, found = witness(shelf, step), outcome(shelf, party, step, NOW)
        one: dict[str, Any] = {
            "party": party,
            "kind": step.kind.label,
            "head": _hex(step.head),
            "words": [_hex(word) for word in step.words],
            "witness": [_hex(word) for word in added],
            "outcome": found.name.lower(),
        }
        if found is Outcome.RECORDED:
            seen.append(Seen(party, step))
            effect = record(shelf, party, step)
            one["states"] = [_word(state) for state in effect.states]
            one["duplicates"] = [[_hex(item), _word(state)] for item, state in effect.duplicates]
        steps.append(one)
    reading = Reading(NOW, seen)
    return {
        "steps": steps,
        "items": {_hex(name): _item(shelf, name, reading) for name in shelf.items},
        "dossiers": {_hex(name): _dossier(shelf, name, reading) for name in shelf.dossiers},
    }


def _item(shelf: MemoryShelf, name: bytes, reading: Reading) -> dict[str, Any]:
    item, bits, judgement = shelf.items[name], bits_of(shelf, name), judged_item(shelf, name, reading)
    return {
        "state": _word(item.packed),
        "exceptions": _word(item.exceptions),
        "mismatches": bits.mismatches,
        "justified": bits.justified,
        "verdict": judgement.verdict.label,
        "cases": _cases(judgement.findings),
    }


def _dossier(shelf: MemoryShelf, name: bytes, reading: Reading) -> dict[str, Any]:
    return {
        "state": _word(shelf.dossiers[name].packed),
        "verdict": judged_dossier(shelf, name, reading).label,
        "cases": _cases(dossier_findings(shelf, name)),
    }


def _cases(findings: tuple[Finding, ...]) -> list[str]:
    """Those that nothing justifies."""
    return sorted({finding.case.name.lower() for finding in findings if not finding.justified})


def _word(value: int) -> str:
    return f"0x{value:064x}"


def _hex(value: bytes) -> str:
    return "0x" + value.hex()
