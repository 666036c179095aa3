"""A gateway that hosts many parties behind the API, on a chosen database, whose ledger is what the test mirrors."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import event

from app.api.app import BODY_SECONDS, create_app
from app.api.limits import Gate, Rate
from app.api.waiting import SECONDS, Waiting
from app.chain.client import NodeChain
from app.chain.signer import KeySigner
from app.domain.exchange_keys import exchange_public
from app.exchange import sealed
from app.exchange.keys import ExchangeKeys
from app.exchange.letters import Letter, letter_json
from app.pipeline.worker import Worker
from app.ports import Clock, ExchangeKeysChanged, KeyChanged, PartyChanged, Place, Recorded
from app.services.api_keys import create_api_key, id_of
from app.services.ground import Ground
from app.services.seal_package import keys_of
from app.store import mirror, outbox
from app.store.database import Database
from app.store.registry import KEY_ACTIVE, PartyState, Role, registered_party
from app.wiring import HostedGateway, SystemClock
from tests.api.serving import served
from tests.support.grounds import NETWORK
from tests.support.keys import KEYS

NOBODY_LISTENS = "http://127.0.0.1:9"
PLENTY = Rate(1_000_000, 1_000_000)
"""So that no test is about rates that is not meant to be."""


@dataclass
class House:
    """One gateway that hosts `roles`, and a client of it."""

    client: httpx.Client
    gateway: HostedGateway
    roles: Mapping[int, Role]
    keys: dict[int, str] = field(default_factory=dict)
    _height: int = 0
    _mirrored: int = 0

    def by(self, key: str | None, method: str, path: str, **more: Any) -> httpx.Response:
        """Send a request with one certain key, or with none."""
        shown = {} if key is None else {"Authorization": f"Bearer {key}"}
        return self.client.request(method, path, headers=shown | dict(more.pop("headers", {})), **more)

    def send(self, party: int, method: str, path: str, **more: Any) -> httpx.Response:
        """Send a request as one of the parties."""
        return self.by(self.keys[party], method, path, **more)

    def record(self, party: int, *events: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Have events accepted, and let the ledger show them."""
        answer = self.send(party, "POST", "/v1/events", json=list(events))
        assert answer.status_code == 202, answer.text
        found: list[dict[str, Any]] = answer.json()["events"]
        self._mirror(party, [each["id"] for each in found])
        return found

    def hand(self, sender: int, recipient: int, dossier: str) -> Any:
        """Carry a package from one party to another; gives the package."""
        answer = self.send(sender, "GET", f"/v1/dossiers/{dossier}/package", params={"for": recipient})
        assert answer.status_code == 200, answer.text
        taken = self.send(recipient, "POST", "/v1/packages", json=answer.json())
        assert taken.status_code == 201, taken.text
        return answer.json()

    def set_state(self, state: PartyState, *parties: int) -> None:
        """Let the registry show parties in another state from now on."""
        with self.gateway.ground.database.writing() as connection:
            for party in parties:
                mirror.add_registry_change(connection, PartyChanged(self._place(), party, None, int(state)), 0)

    def give_exchange_keys(self, *parties: int) -> None:
        """Let parties exchange sealed packages: their private keys are here, the registry shows the public ones."""
        ground = self.gateway.ground
        exchange: dict[int, ExchangeKeys] = ground.exchange  # type: ignore[assignment]  # only this house changes it
        with ground.database.writing() as connection:
            for party in parties:
                secret = secrets.token_bytes(32)
                exchange[party] = ExchangeKeys.of(secret)
                public = (key.hex() for key in exchange_public(secret))
                mirror.add_registry_change(connection, ExchangeKeysChanged(self._place(), party, *public), 0)

    def carry(self, sender: int, recipient: int, package: Mapping[str, object]) -> Mapping[str, Any]:
        """Post a package as the sender's gateway signs and seals it; gives what the receipt says."""
        ground = self.gateway.ground
        with ground.database.reading() as connection:
            keys = keys_of(registered_party(connection, recipient))
        content = letter_json(Letter(sender, recipient, ground.clock.now(), package))
        text = sealed.sealed(keys, sealed.signed(ground.exchange[sender], sealed.PACKAGE, content))
        shown = {"Content-Type": "application/jose"}
        answer = self.by(None, "POST", "/v1/exchange", content=text.encode(), headers=shown)
        assert answer.status_code == 200, answer.text
        return sealed.claimed(answer.text)

    def admit(self) -> None:
        """Let the registry know the parties, and make an API key for each."""
        ground = self.gateway.ground
        with ground.database.writing() as connection:
            for party, role in self.roles.items():
                admitted = PartyChanged(self._place(), party, int(role), int(PartyState.ACTIVE))
                mirror.add_registry_change(connection, admitted, 0)
                key = KeyChanged(self._place(), party, ground.signer.address(party), KEY_ACTIVE, 0)
                mirror.add_registry_change(connection, key, 0)
        self.keys.update({party: create_api_key(ground, party) for party in self.roles})

    def key_ids(self) -> dict[int, str]:
        """The public id of each party's key."""
        return {party: id_of(key) for party, key in self.keys.items()}

    def _mirror(self, party: int, events: list[str]) -> None:
        """Write into the mirror what the indexer would, had the events reached the chain."""
        with self.gateway.ground.database.writing() as connection:
            found = outbox.events_by_id(connection, party, events)
            for name in events:
                self._mirrored += 1
                number = self._mirrored
                mirror.add_step(connection, Recorded(self._place(), party, number, found[name].step, ()), 1)

    def _place(self) -> Place:
        self._height += 1
        return Place(self._height, bytes(32), self._height.to_bytes(32, "big"), 0)


def _hurry(connection: Any, _record: object) -> None:
    """Nothing here is about a power failure: do not wait for the disk."""
    connection.execute("PRAGMA synchronous=OFF")


@contextmanager
def house(
    database_url: str,
    roles: Mapping[int, Role],
    gate: Gate | None = None,
    body_seconds: float = BODY_SECONDS,
    clock: Clock | None = None,
    wait_seconds: float = SECONDS,
) -> Iterator[House]:
    """Serve a gateway for `roles` with the database at `database_url`; its chain is one that nobody can reach."""
    database = Database(database_url, KEYS)
    if database.engine.dialect.name == "sqlite":
        event.listen(database.engine, "connect", _hurry)
    database.migrate()
    signer = KeySigner({number: secrets.token_bytes(32) for number in roles})
    ground = Ground(database, signer, clock or SystemClock(), NETWORK, roles)
    chain = NodeChain(NOBODY_LISTENS, NETWORK, secrets.token_bytes(32))
    gateway = HostedGateway(ground, Worker(ground, chain))
    app = create_app(gateway, production=False, gate=gate or Gate(PLENTY), body_seconds=body_seconds)
    app.state.waiting = Waiting(gateway, seconds=wait_seconds)
    with served(app) as client:
        found = House(client, gateway, roles)
        found.admit()
        yield found
    gateway.stop()
    chain.close()
