"""
Plays a sale as four separate clients would: each speaks to its own gateway, and packages go from gateway to gateway.

The steps and the order they come in are those of a shop: quote, order, make, ship, receive, hand over, invoice, check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from demo.client import Client
from demo.sale import Line, Sale

Json = dict[str, Any]
Say = Callable[[str], None]


@dataclass(slots=True)
class Play:
    """One sale being played under `reference`; `items` gives the item of each line, by the line's name."""

    sale: Sale
    reference: str
    clients: Mapping[str, Client]
    say: Say
    dossier: str = ""
    items: dict[str, str] = field(default_factory=dict)
    verdicts: dict[str, str] = field(default_factory=dict)
    """The verdict after each event, by the event's digest."""

    def run(self) -> Json:
        """Play it to the end and tell what came of it."""
        lenses = [line for line in self.sale.lines if line.is_lens]
        self._quote()
        self._order(lenses)
        self._make_and_ship(lenses)
        self._receive_and_hand_over(lenses)
        self._invoice()
        return self._result(self._check())

    def _quote(self) -> None:
        self.say("the optician quotes")
        glassmaker = self.clients["glassmaker"].number
        events = [line.quoted(self.reference, glassmaker) for line in self.sale.lines]
        quoted = self.clients["optician"].record(events)
        self.dossier = quoted[0]["dossier"]
        self.items = {line.name: event["item"] for line, event in zip(self.sale.lines, quoted, strict=True)}
        self._note("optician", quoted)

    def _order(self, lenses: Sequence[Line]) -> None:
        self.say("the optician orders the lenses; the gateways bring the order's openings to the glassmaker")
        self._record("optician", [line.order_of(self.items[line.name]) for line in lenses])
        self.clients["glassmaker"].wait_package(self.dossier, self.clients["optician"].number)

    def _make_and_ship(self, lenses: Sequence[Line]) -> None:
        self.say(
            "the glassmaker makes the lenses and ships them; the gateways bring the device numbers to the optician"
        )
        self._record("glassmaker", [line.manufacture_of(self.items[line.name]) for line in lenses])
        self._record("glassmaker", [{"type": "shipped", "item": self.items[line.name]} for line in lenses])
        self.clients["optician"].wait_package(self.dossier, self.clients["glassmaker"].number)

    def _receive_and_hand_over(self, lenses: Sequence[Line]) -> None:
        self.say("the optician receives the lenses and hands everything over to the wearer")
        self._record("optician", [{"type": "received", "item": self.items[line.name]} for line in lenses])
        self._record("optician", [line.delivery_of(self.items[line.name]) for line in self.sale.lines])

    def _invoice(self) -> None:
        self.say("the optician invoices; the gateways bring the invoice's openings to the insurer")
        insurer = self.clients["insurer"]
        invoice: Json = {
            "type": "invoiced",
            "dossier": self.dossier,
            "partial": False,
            "insurers": [insurer.number],
            "claim": self.sale.claim(self.reference),
            "items": [line.invoice_of(self.items[line.name]) for line in self.sale.lines],
        }
        if self.sale.renewal is not None:
            invoice["renewal"] = self.sale.renewal
        (invoiced,) = self._record("optician", [invoice])
        insurer.wait_indexed(invoiced["block"])
        insurer.wait_package(self.dossier, self.clients["optician"].number)

    def _check(self) -> Json:
        self.say("the insurer checks its claim and records what it found")
        insurer, auditor = self.clients["insurer"], self.clients["auditor"]
        answer = insurer.verify(
            {
                "dossier": self.dossier,
                "record": True,
                "claim": self.sale.claim(self.reference),
                "items": [line.claim_of(self.items[line.name]) for line in self.sale.lines],
            }
        )
        verified = insurer.anchored(answer["event"]["id"])
        self.verdicts[verified["digest"]] = str(answer["claim_verdict"] or answer["ledger_verdict"])
        auditor.wait_indexed(verified["block"])
        self.clients["optician"].wait_indexed(verified["block"])
        return answer

    def _record(self, role: str, events: Sequence[Json]) -> list[Json]:
        recorded = self.clients[role].record(events)
        self._note(role, recorded)
        return recorded

    def _note(self, role: str, recorded: Sequence[Json]) -> None:
        """Note the verdict that the ledger gives of each event's item, or of the dossier, now."""
        seen = self.clients[role].dossier(self.dossier)
        by_item = {item["item"]: item["verdict"] for item in seen["items"]}
        for event in recorded:
            self.verdicts[event["digest"]] = str(by_item.get(event["item"], seen["verdict"]))

    def _result(self, answer: Json) -> Json:
        dossier = self.clients["optician"].dossier(self.dossier)
        seen = {item["item"]: item for item in dossier["items"]}
        parties = {client.number: role for role, client in self.clients.items()}
        lines = {item: line for line, item in self.items.items()}
        return {
            "title": self.sale.title,
            "story": self.sale.story,
            "reference": self.reference,
            "dossier": self.dossier,
            "ledger_verdict": answer["ledger_verdict"],
            "claim_verdict": answer["claim_verdict"],
            "assurance": answer["assurance"],
            "cases": answer["cases"],
            "items": [
                {"line": line, **{key: seen[item][key] for key in ("item", "verdict", "assurance", "cases")}}
                for line, item in self.items.items()
            ],
            "events": [
                {
                    **step,
                    "role": parties[step["party"]],
                    "line": lines.get(step["item"]),
                    "verdict": self.verdicts[step["digest"]],
                }
                for step in self.clients["auditor"].audit(self.dossier)
            ],
        }
