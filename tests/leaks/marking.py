"""
The scenarios of `examples/` with every value marked: the same plot, in values that turn up nowhere by chance.

The same value becomes the same marked one everywhere in a scenario, so that what agreed agrees and what differed
differs. Text gets a mark that tells its group, `ZQ7PRD` of a product; numbers become others that are lawful, and that
nobody wears or pays.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from app.scenario.form import Scenario

EXAMPLES: Final = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.json"))
MARKS: Final[Mapping[str, str]] = {
    "product": "ZQ7PRD",
    "supplements": "ZQ7SUP",
    "coding": "ZQ7COD",
    "device": "ZQ7DEV",
    "reference": "ZQ7REF",
    "claim": "ZQ7CLM",
    "renewal": "ZQ7RNW",
    "grant": "ZQ7GRT",
    "dossier": "ZQ7DOS",
}
"""By group; `dossier` is a shop's own reference, which is part of the claim too."""
SIRET: Final = "91740558110004"
GTIN: Final = "09174055811025"
_SPHERES: Final = {"-3.25": "-28.17", "-3.00": "-26.71", "-2.75": "-27.43", "+1.50": "+31.57", "+1.75": "+32.59"}
_CYLINDERS: Final = {"-0.75": "-11.79", "-0.50": "-11.53", "-0.25": "-10.37"}
_AMOUNTS: Final = {"price": (71_000, "83"), "cover": (61_000, "37"), "grant": (51_000, "59")}
"""By group, how much is added to an amount, and its cents."""
_GROUND: Final[tuple[str, ...]] = ("sphere", "cylinder", "axis", "addition")
_TEXTS: Final[Mapping[str, frozenset[str]]] = {
    "product": frozenset({"maker", "code"}),
    "supplements": frozenset({"codes"}),
    "coding": frozenset({"grouped_code"}),
    "device": frozenset({"number", "lot", "udi"}),
    "reference": frozenset({"order"}),
}


@dataclass
class Marked:
    """What has been marked, by group: the values as they were sent, and each correction whole."""

    values: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    corrections: list[dict[str, str]] = field(default_factory=list)

    @property
    def group_of(self) -> dict[str, str]:
        """The group of each value and of each mark; of a correction, also of the whole as a hunt names it."""
        found = {value: group for group, values in self.values.items() for value in values}
        found |= {mark: group for group, mark in MARKS.items()}
        return found | {" ".join(each.values()): "correction" for each in self.corrections}

    def add(self, other: Marked) -> None:
        """Take in what was marked elsewhere."""
        for group, values in other.values.items():
            self.values[group] |= values
        self.corrections += [each for each in other.corrections if each not in self.corrections]

    def scenario(self, file: Path, run: str) -> Scenario:
        """The scenario of a file with every value marked; `run` tells its references from all others'."""
        content = json.loads(file.read_text(encoding="utf-8").replace("{run}", run))
        for dossier in content["dossiers"].values():
            dossier["reference"] = self._text("dossier", dossier["reference"])
            dossier["cover_number"] = self._text("claim", dossier["cover_number"])
            dossier["siret"] = self._noted("claim", SIRET)
        for part in ("items", "acts"):
            content[part] = self._marked(content[part])
        return Scenario.model_validate(content)

    def _marked(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._marked(each) for each in value]
        if not isinstance(value, dict):
            return value
        return {key: self._group(_group_at(key, value), inner) for key, inner in value.items()}

    def _group(self, group: str, values: Any) -> Any:
        """The values of a group, marked; what is none is looked into."""
        special: dict[str, Callable[[dict[str, Any]], dict[str, Any]]]
        special = {"correction": self._correction, "renewal": self._renewal, "statement": self._statement}
        special |= {each: partial(self._money, each) for each in _AMOUNTS}
        if not isinstance(values, dict) or group not in (*_TEXTS, *special):
            return self._marked(values)
        if group in special:
            return special[group](values)
        if group == "device":
            values = self._device(values)
        return {key: self._text(group, inner) if key in _TEXTS[group] else inner for key, inner in values.items()}

    def _device(self, values: dict[str, Any]) -> dict[str, Any]:
        """Every device with a UDI too, in lower case as its number is not; a trade number becomes another."""
        found = {**values, "udi": f"(21){values['number'].lower()}"} if "number" in values else values
        return found | {"gtin": self._noted("device", GTIN)} if "gtin" in found else found

    def _text(self, group: str, value: Any) -> Any:
        if isinstance(value, list):
            return [self._text(group, each) for each in value]
        return self._noted(group, MARKS[group] + value)

    def _correction(self, values: dict[str, Any]) -> dict[str, Any]:
        found = dict(values)
        for name, others in (("sphere", _SPHERES), ("cylinder", _CYLINDERS)):
            if name in found:
                found[name] = self._noted("correction", others[found[name]])
        whole = {name: str(value) for name, value in found.items()}
        ground = {name: whole[name] for name in _GROUND if name in whole}
        self.corrections += [each for each in (whole, ground) if each not in self.corrections]
        return found

    def _money(self, group: str, values: dict[str, Any]) -> dict[str, Any]:
        more, cents = _AMOUNTS[group]
        found = {**values, "amount": self._noted(group, f"{more + int(values['amount'].split('.')[0])}.{cents}")}
        number = values.get("cover_number")
        return found if number is None else found | {"cover_number": self._text(group, number)}

    def _statement(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "previous_date": self._noted("statement", f"1909{values['previous_date'][4:]}")}

    def _renewal(self, values: dict[str, Any]) -> dict[str, Any]:
        dates = {name: self._noted("renewal", f"1907{day[4:]}") for name, day in values.items() if "date" in name}
        return {"legal_case": self._noted("renewal", f"{MARKS['renewal']}_{values['legal_case']}".lower()), **dates}

    def _noted(self, group: str, value: str) -> str:
        self.values[group].add(value)
        return value


def _group_at(key: str, around: Mapping[str, Any]) -> str:
    """The group that stands under this key; a correction of an error stands under another name."""
    return str(around.get("group", key)) if key == "corrected" else key
