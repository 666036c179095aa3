"""A whole network for tests: a real chain with the contracts, and a gateway with a database for each party."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from eth_account import Account
from web3 import Web3

from app.api.app import create_app
from app.chain.client import NodeChain
from app.chain.council import Admission, Council
from app.chain.deployment import Deployment, deploy
from app.chain.relayer import Relayer
from app.chain.signer import KeySigner
from app.domain.exchange_keys import exchange_public
from app.domain.mapping import Mappings
from app.exchange.addresses import Directory
from app.exchange.keys import ExchangeKeys
from app.exchange.post import Post
from app.pipeline.courier import Courier
from app.pipeline.worker import Worker
from app.ports import Network
from app.services.api_keys import create_api_key
from app.services.ground import Ground
from app.store.database import Database
from app.store.registry import Role
from app.wiring import HostedGateway, SystemClock
from tests.api.serving import served
from tests.support.chain import connected, running_chain
from tests.support.keys import KEYS

OPTICIAN, GLASSMAKER, INSURER, AUDITOR = 1001001001, 2002002002, 3003003003, 4004004004
ROLES = {
    OPTICIAN: Role.OPTICIAN,
    GLASSMAKER: Role.GLASSMAKER,
    INSURER: Role.INSURER,
    AUDITOR: Role.AUDITOR,
}


@dataclass
class Ground0:
    """A chain with the contracts on it and the parties admitted."""

    url: str
    deployment: Deployment
    network: Network
    council: Council
    keys: Mapping[int, bytes]
    roles: Mapping[int, Role]
    exchange: Mapping[int, bytes]
    """The secrets that exchange keys are made from; the registry has none of these keys yet."""

    def register(self, party: int, gateway: str, secret: bytes | None = None) -> None:
        """Let the council set a party's exchange keys and the address of its gateway."""
        keys = exchange_public(secret or self.exchange[party])
        calls = self.council.exchanges(party, keys, gateway)
        self.council.act(*calls)


@dataclass
class Party:
    """One party's gateway, and a client that holds its API key."""

    number: int
    gateway: HostedGateway
    client: httpx.Client
    api_key: str

    def get(self, path: str, status: int = 200, **query: object) -> Any:
        """The JSON answer of a GET."""
        answer = self.client.get(path, params={name: str(value) for name, value in query.items()})
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, path: str, body: object, status: int, headers: Mapping[str, str] | None = None) -> Any:
        """The JSON answer of a POST."""
        answer = self.client.post(path, json=body, headers=dict(headers or {}))
        assert answer.status_code == status, answer.text
        return answer.json()

    def record(self, *events: Mapping[str, object]) -> list[dict[str, Any]]:
        """Post events and wait until they are on the chain."""
        found = self.post("/v1/events?wait=anchored", list(events), 200)["events"]
        assert [each["status"] for each in found] == ["anchored"] * len(events), found
        return list(found)


@dataclass
class Network4:
    """The four parties of a test network."""

    ground: Ground0
    parties: dict[int, Party] = field(default_factory=dict)

    def __getitem__(self, number: int) -> Party:
        return self.parties[number]

    def hand(self, sender: int, recipient: int, **about: str) -> Any:
        """Carry a package from one gateway to another."""
        ((kind, name),) = about.items()
        package = self[sender].get(f"/v1/{kind}s/{name}/package", **{"for": recipient})
        return self[recipient].post("/v1/packages", package, 201)


@contextmanager
def deployed_chain(block_seconds: int | None = None, roles: Mapping[int, Role] = ROLES) -> Iterator[Ground0]:
    """A chain with the contracts, the council and these parties."""
    with running_chain(block_seconds=block_seconds) as url, connected(url) as node:
        yield deployed_on(node, url, roles)


def deployed_on(node: Web3, url: str, roles: Mapping[int, Role] = ROLES) -> Ground0:
    """The contracts, the council and these parties on the chain at `url`; the council acts through `node`."""
    owners = [Account.create() for _ in range(3)]
    relayer_key = Account.create()
    deployment = deploy(node, relayer_key, [owner.address for owner in owners], 2)
    council = Council(Relayer(node, relayer_key), deployment, owners[:2])
    keys, exchange = ({number: secrets.token_bytes(32) for number in roles} for _ in range(2))
    council.admit(
        *(Admission(number, int(role), Account.from_key(keys[number]).address) for number, role in roles.items())
    )
    return Ground0(url, deployment, network_of(deployment), council, keys, roles, exchange)


def network_of(deployment: Deployment) -> Network:
    """What a gateway pins of a deployment."""
    return Network(
        deployment.chain_id,
        bytes.fromhex(deployment.genesis[2:]),
        deployment.ledger.lower()[2:],
        deployment.registry.lower()[2:],
        bytes.fromhex(deployment.ledger_code_hash[2:]),
        deployment.deployed_block,
        development=True,
    )


@contextmanager
def gateway(
    ground: Ground0,
    numbers: list[int],
    database_url: str,
    clock: Any = None,
    *,
    mappings: Mappings | None = None,
    allowed: Collection[str] = (),
) -> Iterator[HostedGateway]:
    """A started gateway that serves these parties, and may call the gateways at `allowed`."""
    database = Database(database_url, KEYS)
    database.migrate()
    signer = KeySigner({number: ground.keys[number] for number in numbers})
    roles = {number: ground.roles[number] for number in numbers}
    exchange = {number: ExchangeKeys.of(ground.exchange[number]) for number in numbers}
    clock, tables = clock or SystemClock(), mappings or Mappings()
    parts = Ground(database, signer, clock, ground.network, roles, mappings=tables, exchange=exchange)
    chain = NodeChain(ground.url, ground.network, secrets.token_bytes(32))
    hosted = HostedGateway(parts, Worker(parts, chain, Courier(parts, Directory(allowed, plain=True), Post())))
    hosted.start()
    try:
        yield hosted
    finally:
        hosted.stop()
        chain.close()


@contextmanager
def network(
    new_database: Callable[[], str],
    block_seconds: int | None = None,
    mappings: Mappings | None = None,
    *,
    exchanging: bool = False,
) -> Iterator[Network4]:
    """
    A chain and one gateway for each of the four parties, on databases of their own.

    Those that are `exchanging` are registered with keys and addresses, and may call each other.
    """
    allowed: set[str] = set()
    with ExitStack() as stack:
        ground = stack.enter_context(deployed_chain(block_seconds))
        found = Network4(ground)
        for number in ROLES:
            hosted = stack.enter_context(gateway(ground, [number], new_database(), mappings=mappings, allowed=allowed))
            key = create_api_key(hosted.ground, number)
            client = stack.enter_context(served(create_app(hosted, production=False)))
            client.headers["Authorization"] = f"Bearer {key}"
            found.parties[number] = Party(number, hosted, client, key)
            allowed.add(client.base_url.netloc.decode())
            if exchanging:
                ground.register(number, str(client.base_url))
        yield found
