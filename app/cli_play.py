"""The command `optitrace play`: scenarios on the running demonstration, and whether they end as they should."""

import json
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from app.cli_reading import RunFile
from app.client import DEMONSTRATION, ClientFailed, Json, Place, gateways_of
from app.scenario.form import ROLES, Scenario, ScenarioUnusable, read
from app.scenario.play import Outcome, Playing
from app.scenario.player import Player

playing = typer.Typer()


@dataclass(frozen=True, slots=True)
class Played:
    """A file, and what came of playing it: an outcome, or a sentence saying why there is none."""

    file: Path
    scenario: Scenario
    outcome: Outcome | None
    failure: str | None

    @property
    def passed(self) -> bool:
        """Whether it was played to its end, which was the expected one."""
        return self.outcome is not None and not self.outcome.differences


@playing.command("play")
def play(
    files: Annotated[list[Path], typer.Argument(help="Scenario files, or folders of them.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    at_once: Annotated[int, typer.Option("--at-once", min=1, max=32, help="How many are played at a time.")] = 6,
    run_file: RunFile = DEMONSTRATION,
) -> None:
    """Play scenarios on the running demonstration; exit code 1 if one does not end as its file expects."""
    try:
        scenarios = {file: read(file) for file in _files(files)}
        gateways = gateways_of(run_file)
        if not gateways.keys() >= {*ROLES}:
            raise ClientFailed("the demonstration that runs is an older one; end it, and start `scripts/run --reset`")
    except (ClientFailed, ScenarioUnusable) as failure:
        typer.echo(f"optitrace: {failure}", err=True)
        raise typer.Exit(1) from None
    with ThreadPoolExecutor(at_once) as pool:
        results = pool.map(lambda file: _played(file, scenarios[file], gateways), scenarios)
        played = list(results) if as_json else list(_told(results))
    if as_json:
        typer.echo(json.dumps([_document(each) for each in played], indent=2, ensure_ascii=False))
    else:
        typer.echo(f"{sum(each.passed for each in played)} of {len(played)} as expected")
    if not all(each.passed for each in played):
        raise typer.Exit(1)


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        found = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not found:
            raise ScenarioUnusable(f"{path} holds no scenario: no file whose name ends in .json")
        yield from found


def _played(file: Path, scenario: Scenario, gateways: dict[str, Json]) -> Played:
    try:
        with ExitStack() as stack:
            players: dict[str, Player] = {}
            for role in ROLES:
                gateway = gateways[role]
                place = Place(gateway["url"], gateway["api_key"], local=True)
                players[role] = stack.enter_context(closing(Player(role, gateway["party"], place)))
            outcome = Playing(scenario, players, _fresh()).run()
    except ClientFailed as failure:
        return Played(file, scenario, None, str(failure))
    return Played(file, scenario, outcome, None)


def _fresh() -> str:
    """What tells one play's references from all others'; letters alone never look like somebody's number."""
    return "".join(secrets.choice("BCDFGHJKLMNPQRSTVWXZ") for _ in range(8))


def _told(results: Iterator[Played]) -> Iterator[Played]:
    for each in results:
        typer.echo(f"{'ok  ' if each.passed else 'FAIL'} {each.file.name}: {each.scenario.name}")
        for line in _lines(each):
            typer.echo(f"     {line}")
        yield each


def _lines(played: Played) -> Iterator[str]:
    if played.outcome is None:
        yield f"not played to its end: {played.failure}"
        return
    found, expect = played.outcome.found, played.scenario.expect
    claim = f"claim {found['claim'] or 'none'} (expected {expect.claim or 'none'})"
    yield f"ledger {found['ledger']} (expected {expect.ledger}), {claim}, assurance {found['assurance']}"
    yield f"cases: {', '.join(found['cases']) or 'none'} (expected {', '.join(sorted(expect.cases)) or 'none'})"
    if found["events"]:
        yield "the sale as a whole, and its claim:"
        yield from _events_of(found)
    for name, item in found["items"].items():
        beside = f"; justified by {', '.join(item['verdict_by'])}" if item["verdict_by"] else ""
        said = f" (expected {expect.items[name].verdict})" if name in expect.items else ""
        yield f"{name}: {item['verdict']}{said}, {item['assurance']}{beside}"
        yield from _events_of(item)
    for difference in played.outcome.differences:
        yield f"differs: {difference}"


def _events_of(found: Json) -> Iterator[str]:
    """The steps that show each case, and those that justify it, of an item or of the dossier and its claim."""
    for code, shown in found["events"].items():
        by = found["justifying"].get(code, [])
        justified = f"; justified by {', '.join(by)}" if by else ""
        yield f"  {code}: {', '.join(shown) or 'no step'}{justified}"


def _document(played: Played) -> Json:
    return {
        "file": str(played.file),
        "name": played.scenario.name,
        "passed": played.passed,
        "expected": played.scenario.expect.model_dump(exclude_none=True),
        "found": played.outcome and played.outcome.found,
        "differences": list(played.outcome.differences) if played.outcome else [],
        "failure": played.failure,
    }
