"""What every use case stands on: the database, the keys, the clock and the network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from app.domain.mapping import Mappings
from app.domain.retention import DEFAULT_DAYS
from app.domain.steps import domain_separator
from app.errors import NotFound
from app.exchange.keys import ExchangeKeys
from app.ports import Clock, Network, Signer
from app.randomness import random_bytes
from app.store.database import Database
from app.store.registry import Role

LEASE_SECONDS: Final = 15


def not_found(where: str | None = None) -> NotFound:
    """The one answer for what does not exist and for what is another party's."""
    return NotFound("there is no such thing, or none that concerns you", where, "Check the identifier.")


@dataclass(frozen=True, slots=True)
class Ground:
    """
    Shared parts of one gateway.

    `roles` gives the role of each party that it serves, `mappings` are its tables, `retention` is days by group,
    `exchange` are the keys of those parties that exchange packages by themselves, `lease_seconds` is how long after its
    death a worker's place stays taken.
    """

    database: Database
    signer: Signer
    clock: Clock
    network: Network
    roles: Mapping[int, Role]
    random: Callable[[int], bytes] = field(default=random_bytes)
    mappings: Mappings = field(default_factory=Mappings)
    retention: Mapping[str, int] = field(default_factory=lambda: DEFAULT_DAYS)
    exchange: Mapping[int, ExchangeKeys] = field(default_factory=dict)
    lease_seconds: int = LEASE_SECONDS

    @property
    def separator(self) -> bytes:
        """EIP-712 domain of the ledger."""
        return domain_separator(self.network.chain_id, bytes.fromhex(self.network.ledger))
