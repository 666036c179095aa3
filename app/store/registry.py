"""The registry of parties as the chain shows it, read from its mirrored log."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import IntEnum

from sqlalchemy import Connection, select

from app.store.ledger_tables import ledger_registry


class Role(IntEnum):
    """What a party does in the trade; numbers and names are the contract's."""

    OPTICIAN = 1
    GLASSMAKER = 2
    INSURER = 3
    AUDITOR = 4
    OPERATOR = 5

    @property
    def label(self) -> str:
        """The role as it is written in JSON and on pages."""
        return self.name.lower()


class PartyState(IntEnum):
    """Whether a party may act; numbers and names are the contract's."""

    ACTIVE = 1
    SUSPENDED = 2
    REVOKED = 3

    @property
    def label(self) -> str:
        """The state as it is written in JSON and on pages."""
        return self.name.lower()


KEY_ACTIVE, KEY_RETIRED, KEY_REVOKED = 1, 2, 3


@dataclass(frozen=True, slots=True)
class RegisteredParty:
    """
    A party as the registry has it now; `keys` gives state and custodian by address.

    `exchange` are the public keys that packages are signed with and sealed to, None where there are none; `gateway` is
    the address that takes them in, empty where there is none.
    """

    party: int
    role: Role
    state: PartyState
    keys: dict[str, tuple[int, int]]
    exchange: tuple[bytes, bytes] | None = None
    gateway: str = ""


def registered_party(connection: Connection, party: int) -> RegisteredParty | None:
    """One party; None if it was never admitted, as far as the chain was read."""
    return registered_parties(connection, [party]).get(party)


def registered_parties(connection: Connection, parties: Collection[int] | None = None) -> dict[int, RegisteredParty]:
    """The parties admitted so far, or those of them that are among `parties`, in the order of their numbers."""
    rows = select(ledger_registry).order_by(ledger_registry.c.block, ledger_registry.c.log_index)
    if parties is not None:
        rows = rows.where(ledger_registry.c.party.in_(parties))
    found: dict[int, RegisteredParty] = {}
    for row in connection.execute(rows):
        if row.role is not None:
            found[row.party] = RegisteredParty(row.party, Role(row.role), PartyState.ACTIVE, {})
        elif row.party_state is not None:
            found[row.party] = replace(found[row.party], state=PartyState(row.party_state))
        elif row.signing_key is not None:
            keys = (bytes.fromhex(row.signing_key), bytes.fromhex(row.encryption_key)) if row.signing_key else None
            found[row.party] = replace(found[row.party], exchange=keys)
        elif row.gateway is not None:
            found[row.party] = replace(found[row.party], gateway=row.gateway)
        else:
            found[row.party].keys[row.key] = (row.key_state, row.custodian)
    return dict(sorted(found.items()))


def anybody_registered(connection: Connection) -> bool:
    """Whether any party was admitted, as far as the chain was read."""
    return connection.execute(select(ledger_registry.c.party).limit(1)).first() is not None
