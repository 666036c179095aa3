"""A party's own software as a scenario needs it: it speaks to its gateway and to nothing else."""

import secrets
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from app.client import Client, ClientFailed, Json, Place, Unreachable

SECONDS = 120.0
"""How long what is awaited may take: a step to the chain, a package to its recipient."""
_POLL_SECONDS = 0.2
_PAUSES = (1.0, 2.0, 4.0, 8.0)
Answer = TypeVar("Answer")


class Player:
    """One party at the gateway of `place`."""

    def __init__(self, role: str, number: int, place: Place) -> None:
        self.role = role
        self.number = number
        self._client = Client(place)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def record(self, events: Sequence[Json]) -> list[Json]:
        """Post `events` in one request, and give what became of them once all are on the chain."""
        # Under one key for all attempts: a gateway that took the events before the connection broke answers again.
        key = secrets.token_hex(16)
        answer = _patiently(lambda: self._client.post("/v1/events?wait=anchored", list(events), key=key))
        return [self.anchored(event["id"]) for event in answer["events"]]

    def anchored(self, event: str) -> Json:
        """The event, once it is on the chain."""
        found = self._until(lambda: self._settled(event), "a step of the {role} did not reach the chain")
        if found["status"] == "refused":
            raise ClientFailed(f"the ledger refused {found['type']} of the {self.role}: {found['reason']['code']}")
        return found

    def erase(self, item: str) -> Json:
        """Erase the record of an item, and give the answer once what it says on the ledger is there."""
        dossier = self.get(f"/v1/items/{item}")["dossier"]
        _patiently(lambda: self._client.delete(f"/v1/items/{item}/record"))
        self._until(
            lambda: not self.get(f"/v1/dossiers/{dossier}")["pending"], "a step of the {role} did not reach the chain"
        )
        return _patiently(lambda: self._client.delete(f"/v1/items/{item}/record"))

    def wait_indexed(self, block: int) -> None:
        """Wait until this party's gateway has read the chain up to `block`."""
        self._until(
            lambda: (self.get("/v1/status")["chain"]["indexed_block"] or 0) >= block,
            "the {role}'s gateway does not read the chain",
        )

    def wait_sent(self, dossiers: set[str]) -> None:
        """Wait until no package about the dossiers is on its way from here to another gateway."""
        self._until(lambda: not self._waiting(dossiers), "a package from the {role}'s gateway did not arrive")

    def verify(self, question: Json) -> Json:
        """Check a dossier."""
        return _patiently(lambda: self._client.post("/v1/verifications", question))

    def get(self, path: str) -> Json:
        """The gateway's answer to a question."""
        return _patiently(lambda: self._client.get(path))

    def _settled(self, event: str) -> Json | None:
        found = self.get(f"/v1/events/{event}")
        return found if found["status"] in ("anchored", "refused") else None

    def _waiting(self, dossiers: set[str]) -> bool:
        sent = self._client.pages("/v1/exchange/outbox", "packages")
        return any(each["status"] == "waiting" and each["dossier"] in dossiers for each in sent)

    def _until(self, ask: Callable[[], Answer | None], failing: str) -> Answer:
        deadline = time.monotonic() + SECONDS
        while not (found := ask()):
            if time.monotonic() > deadline:
                raise ClientFailed(f"{failing.format(role=self.role)} in {SECONDS:.0f} s; see its log")
            time.sleep(_POLL_SECONDS)
        return found


def _patiently(ask: Callable[[], Answer]) -> Answer:
    """Ask again if the gateway is away: the demonstration starts one again that died, and nothing is done twice."""
    for pause in _PAUSES:
        try:
            return ask()
        except Unreachable:
            time.sleep(pause)
    return ask()
