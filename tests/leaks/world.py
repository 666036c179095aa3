"""
A network that plays every scenario with marked values, and every place that anything may have come to.

Eight parties on a real chain, on four gateways with a database each: one for each role, which hosts all of this role.
The gateways exchange packages by themselves, all HTTP is real, and everything is logged at level debug.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from fastapi import FastAPI

from app.api.app import create_app
from app.api.limits import Gate
from app.client import Place
from app.scenario.form import Json, Scenario
from app.scenario.play import Playing
from app.scenario.player import Player
from app.services.api_keys import create_api_key
from app.store.registry import Role
from tests.api.serving import served
from tests.hostile.house import PLENTY
from tests.leaks.marking import EXAMPLES, Marked
from tests.support.gateways import (
    AUDITOR,
    GLASSMAKER,
    INSURER,
    OPTICIAN,
    Ground0,
    Network4,
    Party,
    deployed_chain,
    gateway,
)
from tests.support.listening import debugging
from tests.support.postgres import Server

NEIGHBOUR: Final = 1001001002
"""A shop that takes no part, hosted on the optician's gateway."""
OTHER_SHOP: Final = 1001001003
OTHER_MAKER: Final = 2002002003
OTHER_INSURER: Final = 3003003004
ROLES: Final = {
    OPTICIAN: Role.OPTICIAN,
    NEIGHBOUR: Role.OPTICIAN,
    OTHER_SHOP: Role.OPTICIAN,
    GLASSMAKER: Role.GLASSMAKER,
    OTHER_MAKER: Role.GLASSMAKER,
    INSURER: Role.INSURER,
    OTHER_INSURER: Role.INSURER,
    AUDITOR: Role.AUDITOR,
}
HOSTED: Final = ((OPTICIAN, NEIGHBOUR, OTHER_SHOP), (GLASSMAKER, OTHER_MAKER), (INSURER, OTHER_INSURER), (AUDITOR,))
PLAYERS: Final = {
    "optician": OPTICIAN,
    "glassmaker": GLASSMAKER,
    "insurer": INSURER,
    "auditor": AUDITOR,
    "other_optician": OTHER_SHOP,
    "other_glassmaker": OTHER_MAKER,
    "other_insurer": OTHER_INSURER,
}
_NODES_CLIENT: Final = ("web3", "urllib3")
"""They log whatever goes to the node and comes from it, which is searched itself, and number and measure it."""
_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
_AT_ONCE: Final = 8


@dataclass
class World:
    """What was played, by whom, and what was written meanwhile."""

    net: Network4
    log: io.StringIO
    marked: Marked = field(default_factory=Marked)
    items: set[str] = field(default_factory=set)
    dossiers: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    apps: dict[int, FastAPI] = field(default_factory=dict)
    differences: dict[str, tuple[str, ...]] = field(default_factory=dict)
    log_before: str = ""
    """The last file of PostgreSQL's write-ahead log that has nothing of this world but empty databases."""

    def server(self, request: pytest.FixtureRequest) -> Server | None:
        """The server that its databases are on; None with SQLite."""
        dialect = self.net[OPTICIAN].gateway.ground.database.engine.dialect.name
        return None if dialect == "sqlite" else request.getfixturevalue("postgres")

    def play(self, files: Sequence[Path] = EXAMPLES) -> None:
        """Play these scenarios, as the seven of them who take part."""
        scenarios = [
            self.marked.scenario(file, "ZQX" + _LETTERS[number // 20] + _LETTERS[number % 20])
            for number, file in enumerate(files)
        ]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(self.play_one, scenarios))

    def play_one(self, scenario: Scenario) -> None:
        """Play a scenario as it is."""
        with ExitStack() as stack:
            players = {
                name: stack.enter_context(closing(Player(name, number, self._place(number))))
                for name, number in PLAYERS.items()
            }
            playing = Playing(scenario, players, "", noted=self._note)
            self.differences[scenario.name] = playing.run().differences
            self.items |= {str(playing.bound[name]) for name in scenario.items if name in playing.bound}
            self.dossiers |= {str(playing.bound[name]) for name in scenario.dossiers}

    def _note(self, _player: Player, recorded: Sequence[Json]) -> None:
        self.events |= {str(event["id"]) for event in recorded}

    def _place(self, party: int) -> Place:
        found = self.net[party]
        return Place(str(found.client.base_url), found.api_key, local=True)


@contextmanager
def world(new_database: Callable[[], str]) -> Iterator[World]:
    """The network, before anything was played."""
    with debugging(*_NODES_CLIENT) as log, deployed_chain(roles=ROLES) as chain, ExitStack() as stack:
        found = World(Network4(chain), log)
        allowed: set[str] = set()
        for numbers in HOSTED:
            _serve(found, chain, numbers, new_database(), allowed, stack)
        yield found


def _serve(
    found: World, chain: Ground0, numbers: tuple[int, ...], database: str, allowed: set[str], stack: ExitStack
) -> None:
    hosted = stack.enter_context(gateway(chain, list(numbers), database, allowed=allowed))
    app = create_app(hosted, production=False, gate=Gate(PLENTY))
    for number in numbers:
        found.apps[number] = app
        key = create_api_key(hosted.ground, number)
        client = stack.enter_context(served(app))
        client.headers["Authorization"] = f"Bearer {key}"
        found.net.parties[number] = Party(number, hosted, client, key)
        chain.register(number, str(client.base_url))
        allowed.add(client.base_url.netloc.decode())
