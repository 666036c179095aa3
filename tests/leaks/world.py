"""
A network that plays every scenario with marked values, and every place that anything may have come to.

Eight parties on a real chain, on four gateways with a database each: one for each role, which hosts all of this role.
The gateways exchange packages by themselves, all HTTP is real, and everything is logged at level debug.
"""

from __future__ import annotations

import io
import json
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
from app.client import ClientFailed, Place
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
from tests.support.listening import Heard, debugging
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
on_postgresql: Final = pytest.mark.parametrize("new_database", ["postgresql"], indirect=True, scope="module")
"""Of a test that has nothing to look at on SQLite."""
_NODES_CLIENT: Final = ("web3", "urllib3")
"""They log whatever goes to the node and comes from it, which is searched itself, and number and measure it."""
_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
_AT_ONCE: Final = 8


@dataclass(frozen=True)
class Played:
    """A scenario that was played, the word that is in all of its references, and what was marked in it."""

    scenario: Scenario
    run: str
    marked: Marked
    identifiers: set[str] = field(default_factory=set)
    """Of its items, its dossiers and its lots."""

    def concerns(self, party: int) -> bool:
        """Whether a party takes part; an insurer also does if nobody else is named where one is."""
        name = next((each for each, number in PLAYERS.items() if number == party), None)
        for act in self.scenario.acts:
            if act.as_ == name or f'"@{name}"' in json.dumps(act.do):
                return True
            if name == "insurer" and any(do["type"] == "invoiced" and "insurers" not in do for do in act.do or ()):
                return True
        return name == "glassmaker" and any(each.glassmaker for each in self.scenario.items.values())

    @property
    def references(self) -> set[str]:
        """What a shop and an insurer call its dossiers and items among themselves."""
        found = {
            each for dossier in self.scenario.dossiers.values() for each in (dossier.reference, dossier.cover_number)
        }
        for name in self.scenario.items:
            found.add(f"{self.scenario.dossiers[self.scenario.dossier_of(name)].reference}-{name}")
        return {each for each in found if each is not None}


@dataclass
class World:
    """What was played, by whom, and what was written meanwhile."""

    net: Network4
    log: io.StringIO
    marked: Marked = field(default_factory=Marked)
    items: set[str] = field(default_factory=set)
    dossiers: set[str] = field(default_factory=set)
    lots: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    apps: dict[int, FastAPI] = field(default_factory=dict)
    differences: dict[str, tuple[str, ...]] = field(default_factory=dict)
    urls: set[bytes] = field(default_factory=set)
    """Of all requests to any of its gateways, whoever asked: a party's software, another gateway, a test."""
    played: list[Played] = field(default_factory=list)
    log_before: str = ""
    """The last file of PostgreSQL's write-ahead log that has nothing of this world but empty databases."""

    def server(self, request: pytest.FixtureRequest) -> Server | None:
        """The server that its databases are on; None with SQLite."""
        dialect = self.net[OPTICIAN].gateway.ground.database.engine.dialect.name
        return None if dialect == "sqlite" else request.getfixturevalue("postgres")

    def play(self, files: Sequence[Path] = EXAMPLES) -> None:
        """Play these scenarios, as the seven of them who take part."""
        for number, file in enumerate(files):
            run, marked = "ZQX" + _LETTERS[number // 20] + _LETTERS[number % 20], Marked()
            self.played.append(Played(marked.scenario(file, run), run, marked))
            self.marked.add(marked)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for each, identifiers in zip(
                self.played, pool.map(self.play_one, [each.scenario for each in self.played]), strict=True
            ):
                each.identifiers.update(identifiers)

    def play_one(self, scenario: Scenario) -> set[str]:
        """Play a scenario as it is; gives the identifiers of its items, dossiers and lots."""
        lots: set[str] = set()

        def note(_player: Player, recorded: Sequence[Json]) -> None:
            self.events |= {str(event["id"]) for event in recorded}
            lots.update(str(event["dossier"]) for event in recorded if event["type"] == "lot_shipped")

        with ExitStack() as stack:
            players = {
                name: stack.enter_context(closing(Player(name, number, self._place(number))))
                for name, number in PLAYERS.items()
            }
            playing = Playing(scenario, players, "", noted=note)
            try:
                self.differences[scenario.name] = playing.run().differences
            except ClientFailed as error:
                # The log is kept to be searched, so nobody else shows what a gateway says of its own fault.
                error.add_note("\n".join(each for each in self.log.getvalue().splitlines() if '"failed"' in each))
                raise
        items = {str(playing.bound[name]) for name in scenario.items if name in playing.bound}
        dossiers = {str(playing.bound[name]) for name in scenario.dossiers}
        self.items |= items
        self.dossiers |= dossiers
        self.lots |= lots
        return items | dossiers | lots

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
    app.add_middleware(Heard, urls=found.urls)
    for number in numbers:
        found.apps[number] = app
        key = create_api_key(hosted.ground, number)
        client = stack.enter_context(served(app))
        client.headers["Authorization"] = f"Bearer {key}"
        found.net.parties[number] = Party(number, hosted, client, key)
        chain.register(number, str(client.base_url))
        allowed.add(client.base_url.netloc.decode())
