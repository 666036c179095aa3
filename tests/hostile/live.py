"""A gateway that hosts many parties as one runs for real: with a chain, and a worker that brings events on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from app.api.app import create_app
from app.api.limits import Gate
from app.services.api_keys import create_api_key
from tests.api.serving import served
from tests.hostile.house import PLENTY, House
from tests.hostile.trade import ROLES
from tests.support.gateways import deployed_chain, gateway


class Anchored(House):
    """The same as a house without a chain, but that what is recorded is on one."""

    def record(self, party: int, *events: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Have events accepted, and wait until they are read back."""
        answer = self.send(party, "POST", "/v1/events", params={"wait": "anchored"}, json=list(events))
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["events"]
        return found


@contextmanager
def anchored_house(database_url: str) -> Iterator[House]:
    """Serve a gateway for all parties of the trade, on a chain of its own."""
    with deployed_chain(roles=ROLES) as chain, gateway(chain, list(ROLES), database_url) as hosted:
        app = create_app(hosted, production=False, gate=Gate(PLENTY))
        with served(app) as client:
            yield Anchored(client, hosted, ROLES, {party: create_api_key(hosted.ground, party) for party in ROLES})
