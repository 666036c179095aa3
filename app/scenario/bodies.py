"""What an act of a scenario sends: values that it leaves out come from the item or dossier that it names."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain.steps import GROUPS, Kind
from app.scenario.form import MOMENT, Act, Item, Json, Scenario

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_CLAIMED = ("coding", "price")
"""What an insurer sees of an item in a claim."""
_OF_A_DOSSIER: Mapping[str, Json] = {
    "cover_requested": {"insurer": "@insurer"},
    "cover_answered": {},
    "cover_cancelled": {},
    "decided": {},
    "answered": {"party": "@insurer"},
    "opening_demanded": {},
}
"""The events between optician and insurer, and whom they are to where nobody is named."""


class Bodies:
    """Writes the bodies of requests for one play; `bound` has the identifiers and numbers known so far, by name."""

    def __init__(self, scenario: Scenario, bound: Mapping[str, object], run: str) -> None:
        self._scenario = scenario
        self._bound = bound
        self._run = run

    def event(self, do: Json) -> Json:
        """The body of an event."""
        kind, named = str(do.get("type")), _name(do.get("item"))
        body = {key: value for key, value in do.items() if key != "called"}
        if kind == "quoted" and named in self._scenario.items:
            body = {**self._quote(named, body), **{k: v for k, v in body.items() if k != "item"}}
        elif kind == "invoiced":
            body = {**self._invoice(body), **body, "items": self._lines(body.get("items", []), GROUPS[Kind.INVOICED])}
        elif kind == "lot_shipped":
            body = {"buyer": "@optician", **body, "units": [self._unit(each) for each in body.get("units", [])]}
        elif kind == "drawn":
            body = {"unit": 1, **body}
        elif kind in _OF_A_DOSSIER:
            of_item = self._scenario.dossier_of(named) if named in self._scenario.items else self._scenario.first
            body = {"dossier": f"@{of_item}", **_OF_A_DOSSIER[kind], **body}
        elif named in self._scenario.items:
            body = {**self._groups(named, _groups_of(kind)), **body}
        written: Json = self.written(body)
        return written

    def check(self, act: Act) -> Json:
        """The body of a check: with the whole claim if its items are given."""
        asked = {"dossier": f"@{self._scenario.first}", **(act.check or {})}
        if "items" in asked:
            asked = {"claim": self._claim(_name(asked["dossier"])), **asked}
            asked["items"] = self._lines(asked["items"], _CLAIMED)
        written: Json = self.written(asked)
        return written

    def written(self, value: Any) -> Any:
        """`value` with names replaced by what they stand for, and `{run}` by what is new in every play."""
        if isinstance(value, dict):
            return {key: self.written(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.written(inner) for inner in value]
        if not isinstance(value, str):
            return value
        if not value.startswith("@"):
            return value.replace("{run}", self._run)
        moment = MOMENT.fullmatch(value)
        return self._bound[value[1:]] if moment is None else _moment(moment)

    def _quote(self, name: str, body: Json) -> Json:
        item, dossier = self._scenario.items[name], self._scenario.dossiers[self._scenario.dossier_of(name)]
        quote = {
            "schema": item.schema_,
            "glassmaker": "@glassmaker" if item.glassmaker else None,
            "item_reference": f"{dossier.reference}-{name}",
        }
        if "replaces" in body:
            return quote
        return {**quote, "dossier_reference": dossier.reference, **self._groups(name, GROUPS[Kind.QUOTED])}

    def _invoice(self, body: Json) -> Json:
        dossier = body.get("dossier", f"@{self._scenario.first}")
        return {"dossier": dossier, "insurers": ["@insurer"], "claim": self._claim(_name(dossier))}

    def _claim(self, name: str | None) -> Json | None:
        dossier = self._scenario.dossiers.get(name or "")
        if dossier is None:
            return None
        return {
            "siret": dossier.siret,
            "dossier_reference": dossier.reference,
            "cover_number": dossier.cover_number,
        }

    def _lines(self, lines: list[Any], groups: tuple[str, ...]) -> list[Any]:
        """The lines of an invoice or a claim; one that is a name alone says what the item is."""
        full = [{"item": line} if isinstance(line, str) else line for line in lines]
        return [{**self._groups(_name(line.get("item")), groups), **line} for line in full]

    def _unit(self, unit: Any) -> Json:
        """A unit of a lot; one that is a name alone is what the item of this name is."""
        full = {"item": unit} if isinstance(unit, str) else dict(unit)
        name = _name(full.pop("item", None))
        known = self._scenario.items.get(name or "")
        schema = {} if known is None else {"schema": known.schema_}
        return {**schema, **self._groups(name, GROUPS[Kind.DRAWN]), **full}

    def _groups(self, name: str | None, groups: tuple[str, ...]) -> Json:
        item: Item | None = self._scenario.items.get(name or "")
        values = {group: getattr(item, group, None) for group in groups}
        return {group: value for group, value in values.items() if value is not None}


def _groups_of(kind: str) -> tuple[str, ...]:
    return GROUPS[Kind[kind.upper()]] if kind.upper() in Kind.__members__ else ()


def _name(reference: object) -> str | None:
    """The name in `@name`; None for anything else."""
    return reference[1:] if isinstance(reference, str) and re.match("@[A-Za-z]", reference) else None


def _moment(found: re.Match[str]) -> str:
    what, sign, count, unit = found.groups()
    now = datetime.now(UTC)
    if sign is not None:
        away = timedelta(**{_UNITS[unit]: int(count)})
        now = now + away if sign == "+" else now - away
    return now.strftime("%Y-%m-%d" if what == "today" else "%Y-%m-%dT%H:%M:%SZ")
