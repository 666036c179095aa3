"""What came of a play, in the form in which a scenario says what it expects."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.scenario.form import Expected, Json


@dataclass(frozen=True, slots=True)
class Called:
    """The names that a scenario gave to parties and events: parties by number, events by their place on the ledger."""

    parties: Mapping[int, str]
    events: Mapping[int, str]

    def justifying(self, steps: Iterable[Json], expected: Sequence[str] | None) -> list[str]:
        """What justifies: the name of an event where it is expected by its name, else the kind of step."""
        names = {f"@{name}": sequence for sequence, name in self.events.items()}
        wanted = {names[each]: each for each in expected or () if each in names}
        return sorted({str(wanted.get(step["sequence"], step["kind"])) for step in steps})


def whole_found(seen: Json, answer: Json | None, items: Mapping[str, Json], expect: Expected, called: Called) -> Json:
    """What came of a dossier: `seen` is its view, `answer` that of the last check, `items` are views by name."""
    opened = [case for case in (answer or {"cases": []})["cases"] if case["found_by"] == "claim"]
    # What a case of the dossier or of a claim is shown by may be any step of the sale.
    labels = {
        step["sequence"]: _label(step) for view in (seen, *seen["items"], *items.values()) for step in view["steps"]
    }
    cases = [*seen["cases"], *opened]
    found = {name: _item_found(name, view, expect, called) for name, view in items.items()}
    justifying = [*_justifying(cases), *(step for view in seen["items"] for step in view["justified_by"])]
    return {
        "ledger": seen["verdict"],
        "claim": answer and answer["claim_verdict"],
        "assurance": seen["assurance"]["level"],
        "cases": codes(cases),
        "justified_by": called.justifying(justifying, expect.justified_by),
        **_events([case for case in cases if case["item"] is None or case["found_by"] == "claim"], labels),
        "items": found,
    }


def _item_found(name: str, view: Json, expect: Expected, called: Called) -> Json:
    cases, expected = view["cases"], expect.items.get(name)
    standing = [case for case in cases if not case["justified"]]
    beside = view["justified_by"]
    erased = {each["party"] for each in view["erasures"] if each["groups"] is None}
    shown = _events(cases, {step["sequence"]: _label(step) for step in view["steps"]})
    return {
        "verdict": view["verdict"],
        "assurance": view["assurance"]["level"],
        "cases": codes(cases),
        "justified": sorted({*codes(cases)} - {*codes(standing)}),
        "justified_by": called.justifying([*_justifying(cases), *beside], expected.justified_by if expected else None),
        "erased_by": sorted({role for number, role in called.parties.items() if number in erased}),
        **shown,
        "verdict_by": [_label(step) for step in beside],
    }


def _justifying(cases: Iterable[Json]) -> list[Json]:
    return [step for case in cases for step in case["justified_by"]]


def _events(cases: Sequence[Json], labels: Mapping[int, str]) -> Json:
    """For each case the steps that show it, and for each justified one those that justify it."""
    shown: dict[str, dict[int, str]] = {}
    justifying: dict[str, dict[int, str]] = {}
    for case in cases:
        by = {step["sequence"]: _label(step) for step in case["justified_by"]}
        shown.setdefault(case["code"], {}).update(
            {number: labels[number] for number in case["events"] if number in labels and number not in by}
        )
        if by:
            justifying.setdefault(case["code"], {}).update(by)
    return {"events": _in_order(shown), "justifying": _in_order(justifying)}


def _in_order(steps: Mapping[str, Mapping[int, str]]) -> dict[str, list[str]]:
    return {code: [each[number] for number in sorted(each)] for code, each in sorted(steps.items())}


def _label(step: Mapping[str, Any]) -> str:
    """A step in short: its kind, and its number on the ledger."""
    return f"{step['kind']} {step['sequence']}"


def codes(cases: Iterable[Json]) -> list[str]:
    """The codes of cases, each once."""
    return sorted({case["code"] for case in cases})
