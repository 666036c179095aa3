"""The commands `optitrace party orders …`: what came in goes out as a file, and a file comes back, once."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app import cli_party
from app.cli import app
from app.domain.records import group_values
from app.store import arrivals, vault
from app.store.database import Database
from tests.gateway.sales import RIGHT, manufactured, ordered, quoted_lens
from tests.support.keys import KEYS
from tests.support.worlds import MAKER, SHOP, World

Run = Callable[..., Result]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = Database(f"sqlite:///{tmp_path}/gateway.db", KEYS)
    database.migrate()
    yield World(database)
    database.close()


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `optitrace party orders …` beside the gateway of that world."""

    def run(*arguments: object, party: int = MAKER) -> Result:
        return CliRunner().invoke(app, ["party", "orders", *map(str, arguments), "--party", str(party)])

    monkeypatch.setattr(cli_party, "ground_of", lambda _settings: world.ground)
    monkeypatch.setattr("app.cli_party.Settings.from_environment", lambda: None)
    monkeypatch.setattr(world.database, "close", lambda: None)
    return run


def handed(world: World, name: str, lenses: int) -> list[str]:
    """So many lenses of one dossier, ordered, and handed to the glassmaker; gives the items."""
    quotes = world.record(SHOP, *[quoted_lens(f"{name}/{number}", name) for number in range(lenses)])
    items = [str(quote.item) for quote in quotes]
    world.record(SHOP, *[ordered(item, RIGHT) for item in items])
    for item in items:
        world.take(MAKER, world.give(SHOP, MAKER, item=item))
    return items


def read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def written(file: Path, events: list[dict[str, Any]]) -> Path:
    file.write_text("".join(json.dumps(event) + "\n" for event in events))
    return file


def test_orders_are_written_for_their_owner_alone_and_the_next_time_only_what_is_new(
    world: World, run: Run, tmp_path: Path
) -> None:
    items = handed(world, "A", 2)
    file = tmp_path / "orders.ndjson"
    told = run("pull", file).stdout
    assert [(each["item"], each["optician"]) for each in read(file)] == [(item, SHOP) for item in items]
    assert read(file)[0]["groups"].keys() == {"product", "supplements", "correction"}
    assert read(file)[0]["groups"]["correction"]["sphere"] == "-250"
    assert file.stat().st_mode & 0o777 == 0o600
    assert told == "2 orders, the last in package 2\n"

    fresh = handed(world, "B", 1)
    run("pull", file, "--after", 2)
    assert [each["item"] for each in read(file)] == fresh
    assert world.acts(MAKER).count("listed") == 2


def test_what_is_made_is_not_pulled_again(world: World, run: Run, tmp_path: Path) -> None:
    made, waiting = handed(world, "A", 2)
    world.record(MAKER, manufactured(made, RIGHT, "V1"))
    run("pull", tmp_path / "orders.ndjson")
    assert [each["item"] for each in read(tmp_path / "orders.ndjson")] == [waiting]


def test_a_file_is_accepted_in_parts_with_progress_and_once_however_often(
    world: World, run: Run, tmp_path: Path
) -> None:
    items = handed(world, "A", 4)
    events = [manufactured(item, RIGHT, f"V{number}") for number, item in enumerate(items)]
    file = written(tmp_path / "made.ndjson", events)
    first, again = run("answer", file), run("answer", file)
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert first.stderr == again.stderr == "4 of 4 lines accepted\n"
    assert len(world.done(MAKER)) == 4


def test_a_line_that_is_refused_is_named_and_its_part_leaves_nothing(world: World, run: Run, tmp_path: Path) -> None:
    items = handed(world, "A", 3)
    events = [manufactured(item, RIGHT, f"V{number}") for number, item in enumerate(items)]
    events[1]["correction"] = RIGHT | {"axis": 999}
    result = run("answer", written(tmp_path / "made.ndjson", events))
    assert result.exit_code == 1
    assert result.stderr.startswith("optitrace: line 2, /correction/axis: ")
    assert "999" not in result.stderr
    assert world.done(MAKER) == []
    events[1]["correction"] = RIGHT
    assert run("answer", written(tmp_path / "made.ndjson", events)).exit_code == 0
    assert len(world.done(MAKER)) == 3


def test_a_thousand_lines_go_in_one_part_and_the_next_in_another(world: World, run: Run, tmp_path: Path) -> None:
    events = [quoted_lens(f"I/{number}", f"D/{number // 8}") for number in range(1001)]
    kind, events[1000]["type"] = events[1000]["type"], "melted"
    file = tmp_path / "quotes.ndjson"
    result = run("answer", written(file, events), party=SHOP)
    assert result.stderr.splitlines()[0] == "1000 of 1001 lines accepted"
    assert result.stderr.splitlines()[1].startswith("optitrace: line 1001")
    assert result.stderr.splitlines()[2] == "1000 lines before are accepted"
    assert len(world.done(SHOP)) == 1000
    events[1000]["type"] = kind
    assert run("answer", written(file, events), "--from-line", 1001, party=SHOP).exit_code == 0
    assert len(world.done(SHOP)) == 1001


def test_each_thousand_orders_pulled_is_told(world: World, run: Run, tmp_path: Path) -> None:
    correction = group_values("optics.lens/1", "correction", RIGHT, "")
    with world.database.writing(MAKER) as connection:
        for number in range(1001):
            item, digest = f"{SHOP:08x}{number:024x}", f"{number:064x}"
            vault.add_openings(connection, MAKER, [vault.Opening(digest, item, correction)])
            arrivals.add_package(connection, MAKER, SHOP, item, [digest], 0)
    result = run("pull", tmp_path / "orders.ndjson")
    assert result.stderr == "1000 orders\n"
    assert result.stdout == "1001 orders, the last in package 1001\n"
    assert len(read(tmp_path / "orders.ndjson")) == 1001


def test_who_is_no_glassmaker_has_no_orders(run: Run, tmp_path: Path) -> None:
    result = run("pull", tmp_path / "orders.ndjson", party=SHOP)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert not (tmp_path / "orders.ndjson").exists()
