"""Pipelines turned by hand: real chain, real databases, and a worker that does one round when told to."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from web3.types import RPCEndpoint

from app.api.schemas.documents import read_events
from app.chain.client import NodeChain
from app.chain.signer import KeySigner
from app.domain.packages import package_json
from app.pipeline.worker import Worker
from app.ports import Network
from app.queries.gateway import Caller
from app.services.give_package import About, give_package
from app.services.ground import Ground
from app.services.record_events import record_events
from app.services.take_package import take_package
from app.store import ledger_tables as tables
from app.store import outbox, read_model
from app.store.database import Database
from app.store.outbox import EventRow
from app.store.tables import transactions
from app.wiring import HostedGateway, SystemClock
from tests.support.chain import connected
from tests.support.gateways import Ground0, deployed_chain
from tests.support.keys import KEYS
from tests.support.worlds import ROLES, actor_of

MIRROR = (
    tables.ledger_steps,
    tables.ledger_items,
    tables.ledger_dossiers,
    tables.ledger_concerns,
    tables.ledger_skips,
    tables.ledger_registry,
    tables.ledger_outages,
    tables.ledger_mapping_tables,
)


class ShiftedClock(SystemClock):
    """The machine's clock, so many seconds ahead."""

    def __init__(self, ahead: int = 0) -> None:
        self.ahead = ahead

    def now(self) -> int:
        """Seconds since 1970."""
        return super().now() + self.ahead


@dataclass
class Pipeline:
    """One gateway's database and worker. Nothing runs unless a test turns it."""

    ground: Ground
    chain: NodeChain
    worker: Worker

    def record(self, party: int, *events: Mapping[str, Any]) -> list[EventRow]:
        """Have events accepted."""
        drafts = read_events(json.dumps(list(events)).encode())
        return self.events(party, record_events(self.ground, actor_of(party), drafts, None))

    def events(self, party: int, ids: list[str]) -> list[EventRow]:
        """Events as they are now."""
        with self.ground.database.reading() as connection:
            found = outbox.events_by_id(connection, party, ids)
        return [found[each] for each in ids]

    def hand(self, sender: int, recipient: int, dossier: str, to: Pipeline | None = None) -> None:
        """Carry a package from one party to another."""
        take_package((to or self).ground, actor_of(recipient), self.package(sender, recipient, dossier))

    def package(self, sender: int, recipient: int, dossier: str) -> Any:
        """A package as it is handed over."""
        given = give_package(self.ground, actor_of(sender), recipient, About(dossier=dossier))
        return json.loads(json.dumps(package_json(given)))

    def turn(self, most: int = 40) -> None:
        """Turn until nothing is on its way, or so often."""
        for _ in range(most):
            busy = self.worker.turn()
            if not busy and self.waiting() == 0:
                return

    @property
    def desk(self) -> HostedGateway:
        """What the API is served from."""
        return HostedGateway(self.ground, None)

    def caller(self, party: int) -> Caller:
        """A client of a party."""
        return Caller(party, self.ground.roles[party].label, "0000abcd")

    def transactions(self) -> list[tuple[str, int, str]]:
        """Relayer, nonce and status of every transaction, in the order they were made."""
        with self.ground.database.reading() as connection:
            rows = connection.execute(select(transactions).order_by(transactions.c.id))
            return [(row.relayer, row.nonce, row.status) for row in rows]

    def waiting(self) -> int:
        """How many events are neither anchored nor refused."""
        with self.ground.database.reading() as connection:
            return outbox.waiting(connection)[0]

    def mirror(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of the mirror, but for the cursor."""
        with self.ground.database.reading() as connection:
            return {
                table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
                for table in MIRROR
            }

    def cursor(self) -> int:
        """The last block read."""
        with self.ground.database.reading() as connection:
            last = read_model.last_block(connection)
        return last[0] if last else -1


@dataclass
class Bench:
    """A chain with nine parties, and as many pipelines on it as a test wants."""

    chain: Ground0
    database_url: Callable[[], str]
    stack: ExitStack

    def pipeline(
        self,
        *,
        url: str | None = None,
        database: str | None = None,
        relayer: bytes | None = None,
        clock: Any = None,
        keys: Mapping[int, bytes] | None = None,
        network: Network | None = None,
    ) -> Pipeline:
        """A gateway that serves all parties, through the node at `url`."""
        store = Database(database or self.database_url(), KEYS)
        if database is not None:
            store.migrate()
        signer, network = KeySigner(keys or self.chain.keys), network or self.chain.network
        ground = Ground(store, signer, clock or SystemClock(), network, self.chain.roles)
        node = NodeChain(url or self.chain.url, network, relayer or secrets.token_bytes(32))
        self.stack.callback(store.close)
        self.stack.callback(node.close)
        return Pipeline(ground, node, Worker(ground, node))

    def replay(self) -> dict[str, list[tuple[Any, ...]]]:
        """The mirror as a fresh gateway reads it from genesis."""
        fresh = self.pipeline()
        fresh.worker.turn()
        return fresh.mirror()

    def ask(self, method: str, *parameters: Any) -> Any:
        """Ask the node something that only a development chain answers."""
        with connected(self.chain.url) as node:
            answer: Any = node.provider.make_request(RPCEndpoint(method), list(parameters))
        assert "error" not in answer, answer
        return answer["result"]

    def mine(self, blocks: int) -> None:
        """Let so many empty blocks be made."""
        self.ask("anvil_mine", hex(blocks))

    def head(self) -> int:
        """Number of the newest block."""
        return int(self.ask("eth_blockNumber"), 16)

    def newest_holds(self) -> int:
        """How many transactions are in the newest block."""
        return int(self.ask("eth_getBlockTransactionCountByNumber", "latest"), 16)


@contextmanager
def bench(new_database: Callable[[], str]) -> Iterator[Bench]:
    """A bench on a chain of its own, with databases of this release from `new_database`."""
    with deployed_chain(roles=ROLES) as chain, ExitStack() as stack:
        yield Bench(chain, new_database, stack)
