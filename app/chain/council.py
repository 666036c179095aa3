"""
What the council does: admit parties, and everything else that one key alone may not.

At once, or for upgrades and roles in two acts 48 hours apart: announce, then carry out. Between the two
everybody can read on chain what is coming, and the council can cancel it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from hexbytes import HexBytes
from web3.types import TxReceipt

from app.chain.artifacts import artifact
from app.chain.deployment import Deployment
from app.chain.relayer import Call, Relayer


@dataclass(frozen=True, slots=True)
class Admission:
    """
    A party to be admitted: its random number, its role as in the registry, its first signing key.

    With `exchange`, the public keys it exchanges packages with (Ed25519, X25519), and `gateway` these are set too.
    """

    party: int
    role: int
    key: ChecksumAddress
    custodian: int = 0
    exchange: tuple[bytes, bytes] | None = None
    gateway: str = ""


@dataclass(frozen=True, slots=True)
class Council:
    """The council of `deployment`, with the `owners` whose keys are at hand; `relayer` only carries."""

    relayer: Relayer
    deployment: Deployment
    owners: Sequence[LocalAccount]

    def act(self, *calls: Call) -> TxReceipt:
        """Sign and make `calls`, all or none, in one transaction."""
        safe = self.deployment.safe(self.relayer.node)
        (receipt,) = self.relayer.transact(safe.sign(calls, self.owners))
        return receipt

    def admit(self, *admissions: Admission) -> TxReceipt:
        """Admit parties, each with its first key."""
        return self.act(*self.admissions(*admissions))

    def admissions(self, *admissions: Admission) -> list[Call]:
        """The calls that admit parties, for owners to sign."""
        calls = []
        for each in admissions:
            calls.append(self.registry("admit", each.party, each.role))
            calls.append(self.registry("addKey", each.party, each.key, each.custodian))
            calls += self.exchanges(each.party, each.exchange, each.gateway or None)
        return calls

    def exchanges(self, party: int, keys: tuple[bytes, bytes] | None, gateway: str | None) -> list[Call]:
        """The calls that set what a party exchanges packages with, and where; what is not given stays as it is."""
        calls = []
        if keys is not None:
            calls.append(self.registry("setExchangeKeys", party, *keys))
        if gateway is not None:
            calls.append(self.registry("setGateway", party, gateway))
        return calls

    def registry(self, function: str, *arguments: Any) -> Call:
        """A call of the registry."""
        return self._call(self.deployment.registry, "PartyRegistry", function, *arguments)

    def ledger(self, function: str, *arguments: Any) -> Call:
        """A call of the ledger."""
        return self._call(self.deployment.ledger, "EquipmentLedger", function, *arguments)

    def manager(self, function: str, *arguments: Any) -> Call:
        """A call of the access manager."""
        return self._call(self.deployment.access_manager, "AccessManager", function, *arguments)

    def announce(self, call: Call) -> TxReceipt:
        """Announce a call that may be made when the delay of its role has passed."""
        return self.act(self.manager("schedule", call.to, call.data, 0))

    def carry_out(self, call: Call) -> TxReceipt:
        """Make a call that was announced."""
        return self.act(self.manager("execute", call.to, call.data))

    def _call(self, to: ChecksumAddress, name: str, function: str, *arguments: Any) -> Call:
        interface = self.relayer.node.eth.contract(abi=artifact(name).abi)
        return Call(to, HexBytes(interface.encode_abi(function, list(arguments))))
