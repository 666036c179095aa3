"""A glassmaker's file of 10,000 lenses: pulled from its gateway, and given back as made."""

from __future__ import annotations

import json
import secrets
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from unittest import mock

from typer.testing import CliRunner

from app import cli_party
from app.cli import app
from app.settings import Settings
from app.store.database import Database
from tests.gateway.sales import RIGHT, manufactured, ordered, quoted_lens
from tests.support.keys import KEYS
from tests.support.worlds import MAKER, SHOP, World

LENSES, OF_A_DOSSIER = 10_000, 16


def figures() -> Iterator[str]:
    """What pulling and answering take for all lenses, beside a tenth of them in the same run."""
    with tempfile.TemporaryDirectory() as name:
        tenth, whole = (_bulk(Path(name) / str(count), count) for count in (LENSES // 10, LENSES))
    for act, seconds in whole.items():
        yield (
            f"{act}: {LENSES} lenses in {seconds:.1f} s, {LENSES / seconds:.0f} a second; "
            f"each takes {seconds / tenth[act] / 10:.2f} times what it takes among {LENSES // 10}"
        )


def _bulk(folder: Path, count: int) -> Mapping[str, float]:
    folder.mkdir()
    database = Database(f"sqlite:///{folder}/gateway.db", KEYS)
    database.migrate()
    world = World(database)
    for start in range(0, count, OF_A_DOSSIER):
        _order(world, start, min(start + OF_A_DOSSIER, count))
    orders, made = folder / "orders.ndjson", folder / "made.ndjson"
    seconds = {"pull": _run(world, "pull", orders)}
    items = [json.loads(line)["item"] for line in orders.read_text(encoding="utf-8").splitlines()]
    events = [manufactured(item, RIGHT, secrets.token_hex(8)) for item in items]
    made.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    seconds["answer"] = _run(world, "answer", made)
    _run(world, "pull", orders)
    if len(set(items)) != count or len(world.done(MAKER)) != count or orders.read_text(encoding="utf-8"):
        raise SystemExit(f"of {count} lenses, {len(items)} were pulled and {len(world.done(MAKER))} made")
    database.close()
    return seconds


def _order(world: World, start: int, end: int) -> None:
    name = f"D-{start:05}"
    quotes = world.record(SHOP, *[quoted_lens(f"L-{each:05}", name) for each in range(start, end)])
    world.record(SHOP, *[ordered(str(quote.item), RIGHT) for quote in quotes])
    world.take(MAKER, world.give(SHOP, MAKER, dossier=str(quotes[0].dossier)))


def _run(world: World, act: str, file: Path) -> float:
    """Seconds of the command beside the gateway of that world, as it is typed."""
    with (
        mock.patch.object(cli_party, "ground_of", return_value=world.ground),
        mock.patch.object(Settings, "from_environment"),
        mock.patch.object(world.database, "close"),
    ):
        began = time.perf_counter()
        done = CliRunner().invoke(app, ["party", "orders", act, str(file), "--party", str(MAKER)])
        seconds = time.perf_counter() - began
    if done.exit_code != 0:
        raise SystemExit(done.stderr)
    return seconds
