"""
The form of a scenario file, `optitrace.scenario/1`; docs/scenarios.md explains it.

What an act sends is checked by the gateway that it is sent to; here it is only checked that every name in it is known.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from app.domain.conformity import AssuranceLabel, VerdictLabel
from app.domain.kinds import Kind

Json = dict[str, Any]
Role = Literal["optician", "glassmaker", "insurer", "auditor", "other_optician", "other_glassmaker", "other_insurer"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Who takes part; the other ones are guests on the gateway of the one with the same role."""
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,31}$")]
Case = Annotated[str, StringConstraints(pattern=r"^[A-Z_]{3,40}$")]
Justifying = Annotated[str, StringConstraints(pattern=r"^(@[A-Za-z][A-Za-z0-9_]{0,31}|[a-z_]{3,40})$")]
"""The kind of a step, or `@` with the name that it was called by."""
MOMENT = re.compile(r"@(now|today)(?:([+-])(\d{1,4})([mhd]))?")
"""`@now`, and so many minutes, hours or days before or after it; with `@today` the day (UTC) of that moment."""


class ScenarioUnusable(Exception):
    """A file is no scenario; the message names the file and the place in it, and repeats no value."""


class Part(BaseModel):
    """A part of a scenario: no field more, no type bent."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class Dossier(Part):
    """One sale, and what names it to the insurer."""

    reference: str
    siret: str | None = None
    cover_number: str | None = None


class Item(Part):
    """What an item is, group by group: what an act about it says unless it says otherwise."""

    schema_: str = Field(alias="schema")
    dossier: Name | None = None
    glassmaker: bool = True
    product: Json
    supplements: Json
    coding: Json
    price: Json
    correction: Json | None = None
    device: Json | None = None
    reference: Json | None = None


class Act(Part):
    """What one party does: records events, in one request, checks a dossier, or erases its record of an item."""

    as_: Role = Field(alias="as")
    say: str | None = None
    do: Annotated[list[Json], Field(min_length=1)] | None = None
    check: Json | None = None
    erase: Annotated[str, StringConstraints(pattern=r"^@[A-Za-z][A-Za-z0-9_]{0,31}$")] | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if [self.do, self.check, self.erase].count(None) != 2:
            raise ValueError("write either do or check or erase")
        return self

    @property
    def deed(self) -> tuple[str, Any]:
        """What it does, by its name."""
        parts = (("do", self.do), ("check", self.check), ("erase", self.erase))
        return next((name, part) for name, part in parts if part is not None)


class ExpectedItem(Part):
    """What the ledger has to say of an item; what is left out is not compared."""

    verdict: VerdictLabel
    assurance: AssuranceLabel | None = None
    cases: list[Case] | None = None
    justified: list[Case] | None = None
    justified_by: list[Justifying] | None = None
    erased_by: list[Role] | None = None


class Expected(Part):
    """What has to come of a dossier, the first unless one is named: by the ledger at the end, and by the last check."""

    dossier: Name | None = None
    ledger: VerdictLabel
    claim: VerdictLabel | None = None
    assurance: AssuranceLabel | None = None
    cases: list[Case]
    justified_by: list[Justifying] | None = None
    items: dict[Name, ExpectedItem]


class Scenario(Part):
    """One scenario."""

    format: Literal["optitrace.scenario/1"]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    story: str
    dossiers: Annotated[dict[Name, Dossier], Field(min_length=1)]
    items: Annotated[dict[Name, Item], Field(min_length=1)]
    acts: Annotated[list[Act], Field(min_length=1)]
    expect: Expected

    @property
    def first(self) -> str:
        """The name of the dossier that is meant where none is named."""
        return next(iter(self.dossiers))

    def dossier_of(self, item: str) -> str:
        """The name of the dossier that an item is quoted in."""
        return self.items[item].dossier or self.first


def read(file: Path) -> Scenario:
    """The scenario in a file; ScenarioUnusable says what is wrong, and where."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioUnusable(f"{file} cannot be read: {error.strerror}") from None
    except ValueError:
        raise ScenarioUnusable(f"{file} is not written in JSON") from None
    try:
        scenario = Scenario.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ScenarioUnusable(f"{file} at {_place(*first['loc'])}: {_sentence(first)}") from None
    for place, name in _unknown(scenario):
        raise ScenarioUnusable(f"{file} at {place}: {name}")
    return scenario


def _sentence(error: Any) -> str:
    """What is wrong, in the validator's words for a bound or a choice of ours; never with what was written."""
    return str(error["msg"]).removeprefix("Value error, ")


def _place(*path: object) -> str:
    return "/" + "/".join(map(str, path)) if path else "its top"


def _unknown(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """What names something that the scenario does not have, or not yet: the place, and a sentence."""
    known = {*scenario.items, *scenario.dossiers, *ROLES, "run"}
    if len(known) != len(scenario.items) + len(scenario.dossiers) + len(ROLES) + 1:
        yield "/items", "an item, a dossier or a role has the name of another"
    for name, item in scenario.items.items():
        if item.dossier not in (None, *scenario.dossiers):
            yield f"/items/{name}/dossier", "no dossier has this name"
    for number, act in enumerate(scenario.acts):
        what, said = act.deed
        for place, text in references(said, _place("acts", number, what)):
            if text[1:] not in known and MOMENT.fullmatch(text) is None:
                yield place, "nothing before this has the name after @"
        known |= {str(body["called"]) for body in act.do or () if "called" in body}
    yield from _unknown_expected(scenario)


def _unknown_expected(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """What is expected of something that the scenario does not have, or by a step that there is not."""
    called = {f"@{body['called']}" for act in scenario.acts for body in act.do or () if "called" in body}
    known = {*called, *(kind.label for kind in Kind)}
    expected = scenario.expect
    by = {"/expect": expected.justified_by}
    for name, item in expected.items.items():
        by[f"/expect/items/{name}"] = item.justified_by
        if name not in scenario.items:
            yield f"/expect/items/{name}", "no item has this name"
    for place, justifying in by.items():
        for number, each in enumerate(justifying or ()):
            if each not in known:
                yield f"{place}/justified_by/{number}", "no kind of step has this name, and no event was called so"
    if expected.dossier not in (None, *scenario.dossiers):
        yield "/expect/dossier", "no dossier has this name"


def references(value: object, place: str) -> Iterator[tuple[str, str]]:
    """Every text in `value` that begins with @, with its place."""
    if isinstance(value, str) and value.startswith("@"):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from references(inner, f"{place}/{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from references(inner, f"{place}/{number}")
