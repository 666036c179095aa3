"""One sale of the demonstration: a scenario, played, and told step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.scenario.form import Scenario
from app.scenario.play import Playing
from app.scenario.player import Player

Json = dict[str, Any]


class Sale:
    """One sale being played as the `number`th."""

    def __init__(
        self, scenario: Scenario, number: int, players: Mapping[str, Player], say: Callable[[str], None]
    ) -> None:
        self._scenario = scenario
        self._players = players
        self._playing = Playing(scenario, players, str(number), say, self._note)
        self._verdicts: dict[int, str] = {}
        named = scenario.expect.dossier or scenario.first
        self.reference = scenario.dossiers[named].reference.replace("{run}", str(number))

    def run(self) -> Json:
        """Play it to the end and tell what came of it."""
        self._playing.run()
        answer = self._playing.answer or {}
        dossier = self._playing.keeper(self._playing.dossier).get(f"/v1/dossiers/{self._playing.dossier}")
        lines = {self._playing.bound[line]: line for line in self._scenario.items if line in self._playing.bound}
        parties = {player.number: role for role, player in self._players.items()}
        steps = self._players["auditor"].get(f"/v1/audit/events?dossier={self._playing.dossier}&limit=200")["events"]
        seen = {item["item"]: item for item in dossier["items"]}
        return {
            "title": self._scenario.name,
            "story": self._scenario.story,
            "reference": self.reference,
            "dossier": self._playing.dossier,
            "ledger_verdict": answer.get("ledger_verdict", dossier["verdict"]),
            "claim_verdict": answer.get("claim_verdict"),
            "assurance": answer.get("assurance", dossier["assurance"]),
            "cases": answer.get("cases", dossier["cases"]),
            "items": [
                {"line": line, **{key: seen[item][key] for key in ("item", "verdict", "assurance", "cases")}}
                for item, line in lines.items()
                if item in seen
            ],
            "events": [
                {
                    **step,
                    "role": parties[step["party"]],
                    "line": lines.get(step["item"]),
                    # Nobody records an erasure as an event, and it changes no verdict.
                    "verdict": self._verdicts.get(step["sequence"], seen.get(step["item"], dossier)["verdict"]),
                }
                for step in steps
            ],
        }

    def _note(self, player: Player, recorded: Sequence[Json]) -> None:
        """Note the verdict on each event's item, or on the dossier: the ledger's, and a check's own."""
        for event in recorded:
            seen = player.get(f"/v1/dossiers/{event['dossier']}")
            by_item = {item["item"]: item["verdict"] for item in seen["items"]}
            verdict = by_item.get(event["item"], seen["verdict"])
            if event["type"] == "verified" and self._playing.answer is not None:
                verdict = self._playing.answer["claim_verdict"] or verdict
            self._verdicts[event["sequence"]] = str(verdict)
