"""Plays a scenario as separate parties would: each speaks to its own gateway, and these send each other packages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.scenario.bodies import Bodies
from app.scenario.form import ROLES, Act, Json, Scenario
from app.scenario.found import Called, whole_found
from app.scenario.player import Player

Noted = Callable[[Player, Sequence[Json]], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a play, in the form in which a scenario says what it expects, and how the two differ."""

    found: Json
    differences: tuple[str, ...]


class Playing:
    """
    One play of `scenario` by `players`; `run` is what tells its references from those of every other play.

    `noted` is told of what each party recorded.
    """

    def __init__(
        self,
        scenario: Scenario,
        players: Mapping[str, Player],
        run: str,
        say: Callable[[str], None] = lambda _: None,
        noted: Noted = lambda _player, _recorded: None,
    ) -> None:
        self.scenario = scenario
        self.bound: dict[str, Any] = {role: players[role].number for role in ROLES}
        self.answer: Json | None = None
        self._bodies = Bodies(scenario, self.bound, run)
        self._players = players
        self._say = say
        self._noted = noted
        self._block = 0
        self._called: dict[int, str] = {}

    @property
    def dossier(self) -> str:
        """The identifier of the dossier that the scenario expects something of."""
        return str(self.bound[self.scenario.expect.dossier or self.scenario.first])

    def run(self) -> Outcome:
        """Play it to the end and compare what came of it with what is expected."""
        for act in self.scenario.acts:
            player = self._players[act.as_]
            if act.say is not None:
                self._say(act.say)
            player.wait_indexed(self._block)
            recorded = self._acted(player, act)
            self._block = max([self._block, *(event["block"] for event in recorded)])
            player.wait_indexed(self._block)
            player.wait_sent({event["dossier"] for event in recorded})
            self._noted(player, recorded)
        for player in self._players.values():
            player.wait_indexed(self._block)
        found = self._found()
        return Outcome(found, tuple(self._differences(found)))

    def _acted(self, player: Player, act: Act) -> list[Json]:
        if act.erase is not None:
            erased = player.erase(self._bodies.written(act.erase))
            self._block = max(self._block, erased["block"] or 0)
            return []
        return self._check(player, act) if act.do is None else self._record(player, act.do)

    def _record(self, player: Player, acts: Sequence[Json]) -> list[Json]:
        recorded = player.record([self._bodies.event(do) for do in acts])
        for do, event in zip(acts, recorded, strict=True):
            if "called" in do:
                # A lot is named as a whole, as a sale is; the event's answer has it where others have the dossier.
                self.bound[str(do["called"])] = event["dossier" if do.get("type") == "lot_shipped" else "id"]
                self._called[event["sequence"]] = str(do["called"])
            if do.get("type") == "quoted":
                name = str(do["item"])[1:]
                self.bound[name] = event["item"]
                self.bound[self.scenario.dossier_of(name)] = event["dossier"]
        return recorded

    def _check(self, player: Player, act: Act) -> list[Json]:
        self.answer = player.verify(self._bodies.check(act))
        return [] if self.answer["event"] is None else [player.anchored(self.answer["event"]["id"])]

    def _found(self) -> Json:
        seen = self.keeper(self.dossier).get(f"/v1/dossiers/{self.dossier}")
        known = [name for name in self.scenario.items if name in self.bound]
        items = {name: self.keeper(self.bound[name]).get(f"/v1/items/{self.bound[name]}") for name in known}
        parties = {player.number: role for role, player in self._players.items()}
        return whole_found(seen, self.answer, items, self.scenario.expect, Called(parties, self._called))

    def keeper(self, name: str) -> Player:
        """The optician who created an item or a dossier."""
        return next(player for player in self._players.values() if player.number == int(name[:8], 16))

    def _differences(self, found: Json) -> list[str]:
        expect = self.scenario.expect
        pairs: list[tuple[str, object, object]] = [
            ("ledger", expect.ledger, found["ledger"]),
            ("claim", expect.claim, found["claim"]),
            ("cases", sorted(expect.cases), found["cases"]),
        ]
        pairs += _pairs("", {"assurance": expect.assurance, "justified_by": expect.justified_by}, found)
        for name, item in expect.items.items():
            pairs += _pairs(f"{name} ", item.model_dump(), found["items"].get(name, {}))
        return [f"{what}: expected {_shown(one)}, found {_shown(other)}" for what, one, other in pairs if one != other]


def _pairs(of: str, expected: Json, found: Json) -> list[tuple[str, object, object]]:
    """What is expected beside what was found; None is not compared."""
    return [
        (f"{of}{what}", sorted(value) if isinstance(value, list) else value, found.get(what))
        for what, value in expected.items()
        if value is not None
    ]


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
