"""A real gateway that hosts six parties, behind the API, with a chain that nobody can reach."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import func, insert, select

from app.api import examples
from app.api.app import create_app
from app.chain.client import NodeChain
from app.chain.signer import KeySigner
from app.pipeline.worker import Worker
from app.ports import Network
from app.services.api_keys import create_api_key
from app.services.ground import Ground
from app.store.database import Database
from app.store.ledger_tables import ledger_registry
from app.store.registry import KEY_ACTIVE, PartyState, Role
from app.store.tables import access_log, metadata
from app.wiring import HostedGateway, SystemClock
from tests.api.serving import served
from tests.support.keys import KEYS

OPTICIAN, GLASSMAKER, INSURER = examples.OPTICIAN, examples.GLASSMAKER, examples.INSURER
AUDITOR, OTHER, SUSPENDED = 777000222, 222333444, 404404404
ROLES = {
    OPTICIAN: Role.OPTICIAN,
    GLASSMAKER: Role.GLASSMAKER,
    INSURER: Role.INSURER,
    AUDITOR: Role.AUDITOR,
    OTHER: Role.OPTICIAN,
    SUSPENDED: Role.OPTICIAN,
}
NOBODY_LISTENS = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Hosted:
    """One gateway that hosts six parties, and a client for each."""

    client: httpx.Client
    gateway: HostedGateway
    keys: dict[int, str]

    def send(self, method: str, path: str, party: int = OPTICIAN, **more: Any) -> httpx.Response:
        """Send a request as one of the parties."""
        return self.client.request(method, path, headers={"Authorization": f"Bearer {self.keys[party]}"}, **more)

    def record(self, *events: dict[str, Any], party: int = OPTICIAN) -> list[dict[str, Any]]:
        """Have events accepted, and give them."""
        answer = self.send("POST", "/v1/events", party, json=list(events))
        assert answer.status_code == 202, answer.text
        found: list[dict[str, Any]] = answer.json()["events"]
        return found

    def rows(self) -> dict[str, int]:
        """How many rows each table holds, but for the access log: what is refused is noted there."""
        with self.gateway.ground.database.reading() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
                if table is not access_log
            }


@contextmanager
def hosting(database_url: str, *, migrated: bool = True) -> Iterator[Hosted]:
    """Serve a gateway with a database, and the registry as the chain showed it before it went down."""
    database = Database(database_url, KEYS)
    signer = KeySigner({number: secrets.token_bytes(32) for number in ROLES})
    network = Network(31337, bytes(32), "5f" * 20, "6f" * 20, bytes(32), 0, development=True)
    ground = Ground(database, signer, SystemClock(), network, ROLES)
    chain = NodeChain(NOBODY_LISTENS, network, secrets.token_bytes(32))
    gateway = HostedGateway(ground, Worker(ground, chain))
    keys = dict.fromkeys(ROLES, f"ot_{'0' * 8}_{'0' * 64}")
    if migrated:
        database.migrate()
        _admit(ground)
        keys = {number: create_api_key(ground, number) for number in ROLES}
    with served(create_app(gateway, production=False)) as client:
        yield Hosted(client, gateway, keys)
    gateway.stop()
    chain.close()


def _admit(ground: Ground) -> None:
    rows: list[dict[str, object]] = []
    for number, role in ROLES.items():
        rows.append({"party": number, "role": int(role)})
        rows.append({"party": number, "key": ground.signer.address(number), "key_state": KEY_ACTIVE, "custodian": 0})
    rows.append({"party": SUSPENDED, "party_state": int(PartyState.SUSPENDED)})
    with ground.database.writing() as connection:
        for place, row in enumerate(rows):
            connection.execute(insert(ledger_registry).values(block=1, log_index=place, block_time=1, **row))
