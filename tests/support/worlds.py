"""Gateways without a chain: what accepts, keeps and hands over, on a real database."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from app.api.schemas.documents import read_events
from app.chain.signer import KeySigner
from app.domain.access import Actor
from app.domain.exchange_keys import exchange_public
from app.domain.packages import package_json
from app.domain.steps import list_hash, signing_hash
from app.exchange.keys import ExchangeKeys
from app.ports import ExchangeKeysChanged, GatewayChanged, KeyChanged, Network, PartyChanged, Place
from app.services.drafts import Idempotency
from app.services.give_package import About, give_package
from app.services.ground import Ground
from app.services.record_events import record_events
from app.services.seal_package import seal_package
from app.services.take_package import Taken, take_package
from app.store import access_log, mirror, outbox
from app.store.database import Database
from app.store.outbox import EventRow, StoredList
from app.store.registry import KEY_ACTIVE, PartyState, Role
from app.store.tables import events, metadata
from tests.support.grounds import NETWORK, SetClock

SHOP, OTHER_SHOP, THIRD_SHOP = 1001001001, 1001001002, 1001001003
MAKER, OTHER_MAKER, AUDITOR = 2002002002, 2002002003, 4004004004
INSURER, OTHER_INSURER, THIRD_INSURER = 3003003003, 3003003004, 3003003005
ROLES = {
    SHOP: Role.OPTICIAN,
    OTHER_SHOP: Role.OPTICIAN,
    THIRD_SHOP: Role.OPTICIAN,
    MAKER: Role.GLASSMAKER,
    OTHER_MAKER: Role.GLASSMAKER,
    INSURER: Role.INSURER,
    OTHER_INSURER: Role.INSURER,
    THIRD_INSURER: Role.INSURER,
    AUDITOR: Role.AUDITOR,
}


@dataclass
class World:
    """One gateway that hosts nine parties, and knows the registry as the chain would show it."""

    database: Database
    clock: SetClock = field(default_factory=SetClock)
    network: Network = NETWORK
    keys: Mapping[int, bytes] = field(default_factory=lambda: {number: secrets.token_bytes(32) for number in ROLES})

    def __post_init__(self) -> None:
        self.signer = KeySigner(self.keys)
        self.exchange = {number: ExchangeKeys.of(_secret(number)) for number in ROLES}
        self.ground = Ground(self.database, self.signer, self.clock, self.network, ROLES, exchange=self.exchange)
        with self.database.writing() as connection:
            for at, (number, role) in enumerate(ROLES.items()):
                admitted = PartyChanged(_place(2 * at), number, int(role), int(PartyState.ACTIVE))
                mirror.add_registry_change(connection, admitted, 0)
                key = KeyChanged(_place(2 * at + 1), number, self.signer.address(number), KEY_ACTIVE, 0)
                mirror.add_registry_change(connection, key, 0)
                keys = (half.hex() for half in exchange_public(_secret(number)))
                mirror.add_registry_change(connection, ExchangeKeysChanged(_place(100 + at), number, *keys), 0)

    def set_exchange(self, party: int, secret: bytes | None, block: int) -> None:
        """Let the registry show other exchange keys of a party, or none, from `block` on."""
        keys = ("", "") if secret is None else tuple(half.hex() for half in exchange_public(secret))
        with self.database.writing() as connection:
            place = Place(block, bytes(32), bytes(32), 1)
            mirror.add_registry_change(connection, ExchangeKeysChanged(place, party, keys[0], keys[1]), 0)

    def set_gateway(self, party: int, url: str, block: int) -> None:
        """Let the registry show an address of a party's gateway from `block` on."""
        with self.database.writing() as connection:
            place = Place(block, bytes(32), bytes(32), 2)
            mirror.add_registry_change(connection, GatewayChanged(place, party, url), 0)

    def refuse(self, event: EventRow) -> None:
        """Let an event have been refused by the ledger."""
        with self.database.writing() as connection:
            outbox.settle_events(connection, {event.id: ("refused", "not_allowed")})

    def acts(self, party: int) -> list[str]:
        """What the access log of a party has, oldest first."""
        with self.database.reading() as connection:
            return [str(kept.row.deed.act) for kept in access_log.whole_log(connection, party)]

    def done(self, party: int) -> list[str]:
        """Ids of the events of a party that were accepted."""
        with self.database.reading() as connection:
            return list(connection.execute(select(events.c.id).where(events.c.party == party)).scalars())

    def set_state(self, party: int, state: PartyState, block: int) -> None:
        """Let the registry show a party in another state from `block` on."""
        with self.database.writing() as connection:
            place = Place(block, bytes(32), bytes(32), 0)
            mirror.add_registry_change(connection, PartyChanged(place, party, None, int(state)), 0)

    def set_key(self, party: int, state: int, block: int) -> None:
        """Let the registry show a party's key in another state from `block` on."""
        with self.database.writing() as connection:
            place = Place(block, bytes(32), bytes(32), 0)
            changed = KeyChanged(place, party, self.signer.address(party), state, 0)
            mirror.add_registry_change(connection, changed, 0)

    def record(self, party: int, *events: Mapping[str, Any], key: str | None = None) -> list[EventRow]:
        """Have events accepted, as the API hands them on, and give them."""
        body = json.dumps(list(events)).encode()
        named = Idempotency(key, body) if key else None
        ids = record_events(self.ground, actor_of(party), read_events(body), named)
        with self.database.reading() as connection:
            found = outbox.events_by_id(connection, party, ids)
        return [found[each] for each in ids]

    def give(self, party: int, recipient: int, *, item: str | None = None, dossier: str | None = None) -> Any:
        """A package as JSON."""
        about = About([] if item is None else [item], dossier)
        package = give_package(self.ground, actor_of(party), recipient, about)
        return json.loads(json.dumps(package_json(package)))

    def seal(self, party: int, recipient: int, *, item: str | None = None, dossier: str | None = None) -> str:
        """A package as a sealed file."""
        return seal_package(self.ground, actor_of(party), recipient, About([] if item is None else [item], dossier))

    def take(self, party: int, package: Mapping[str, object]) -> Taken:
        """Take a package in."""
        return take_package(self.ground, actor_of(party), package)

    def signing_hash(self, one: StoredList) -> bytes:
        """What the party signed for a list."""
        struct = list_hash(one.signed.party, one.signed.deadline, [step.digest for step in one.signed.steps])
        return signing_hash(self.ground.separator, struct)

    def rows(self) -> dict[str, int]:
        """How many rows each table holds, but for the access log, which also has what changed nothing."""
        with self.database.reading() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
                if table.name != "access_log"
            }


def actor_of(party: int) -> Actor:
    """A client of a party."""
    return Actor(party, "0000abcd", "test")


def _secret(number: int) -> bytes:
    """What the exchange keys of a party are made from in these tests."""
    return number.to_bytes(32)


def _place(index: int) -> Place:
    return Place(0, bytes(32), bytes(32), index)
