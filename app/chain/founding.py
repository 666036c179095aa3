"""
Puts a network into service from a plan: keys and passwords first, then contracts, council and parties.

Everything lies under one folder, in parts that are mounted apart, so that each process sees what it needs and no more:

    network/            public: network.json, which every gateway pins, and parties.json
    council/            a development council's keys; empty where the council is real
    parties/NAME/       one party's: signing.key, exchange.key, vault.keys, parties.json, pgpass
    relayers/NAME/      relayer.key, which that party's worker alone needs
    database/           the passwords of the database's users, by their names

Both steps may be repeated: what is there stays, and what a longer plan names is added.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from requests.exceptions import RequestException
from web3 import Web3
from web3.exceptions import Web3Exception

from app.chain.council import Admission, Council
from app.chain.deployment import Deployment, DeploymentFailed, code_hash, contract, deploy
from app.chain.key_files import kept_account, kept_password, kept_secret, kept_vault_keys, write_file
from app.chain.plan import ROLES, Plan, PlannedParty
from app.chain.proposals import propose
from app.chain.relayer import Relayer
from app.domain.exchange_keys import exchange_public

DATABASE_ADMINISTRATOR = "postgres"
# The database server runs under another user, in the same group.
_SHARED = 0o640
_PUBLIC = 0o644
_EXCHANGE = {"exchange_key_file": "exchange.key"}


@dataclass(frozen=True, slots=True)
class Member:
    """A party as the plan and its files have it."""

    name: str
    role: str
    number: int
    key: ChecksumAddress
    exchange: tuple[bytes, bytes] | None
    gateway: str


@dataclass(frozen=True, slots=True)
class Founding:
    """The plan of a network and the folder where it takes shape."""

    plan: Plan
    folder: Path

    def make_keys(self) -> list[Member]:
        """Make the keys and passwords that are missing; the chain is not asked."""
        for part in ("network", "council", "database", "parties", "relayers"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        kept_password(self._password(DATABASE_ADMINISTRATOR), _SHARED)
        self._owners()
        return [self._member(party) for party in self.plan.parties]

    def open(self, node: Web3, patience_seconds: float) -> Path | None:
        """
        Deploy, unless that was done, and admit the parties that the registry does not know.

        A real council does the latter itself: then this returns the file with the proposal for its owners to sign,
        or None if there is nothing to propose. Raises `DeploymentFailed` if the chain does not come up within
        `patience_seconds`, or is another than the one that was deployed to.
        """
        _wait_for_blocks(node, patience_seconds)
        members = self.make_keys()
        deployment = self._deployment(node)
        waiting = [each for each in members if _is_unknown(node, deployment, each)]
        public = [{"name": m.name, "role": m.role, "number": m.number, "key": m.key} for m in members]
        _write_json(self.folder / "network" / "parties.json", public, _PUBLIC)
        return self._admit(node, deployment, waiting) if waiting else None

    def _admit(self, node: Web3, deployment: Deployment, members: Sequence[Member]) -> Path | None:
        owners = self._owners()[: self.plan.council.threshold]
        council = Council(Relayer(node, Account.create()), deployment, owners)
        admissions = [
            Admission(m.number, ROLES[m.role], m.key, exchange=m.exchange, gateway=m.gateway) for m in members
        ]
        if self.plan.development:
            council.admit(*admissions)
            return None
        file = self.folder / "network" / "proposal.json"
        propose(node, deployment, council.admissions(*admissions)).save(file)
        return file

    def _deployment(self, node: Web3) -> Deployment:
        """The deployment in network.json, if the chain is that one; a new one if there is no such file."""
        file = self.folder / "network" / "network.json"
        if file.exists():
            deployment = Deployment.from_dict(json.loads(file.read_text(encoding="utf-8")))
            genesis = node.eth.get_block(0)["hash"].to_0x_hex()
            if genesis != deployment.genesis or code_hash(node, deployment.ledger) != deployment.ledger_code_hash:
                raise DeploymentFailed("the chain is not the one that network.json names")
            return deployment
        # The deployer's key is forgotten here: after the deployment it is worth nothing.
        addresses = self.plan.council.owners or tuple(owner.address for owner in self._owners())
        deployment = deploy(node, Account.create(), addresses, self.plan.council.threshold)
        _write_json(file, {**deployment.as_dict(), "development": self.plan.development}, _PUBLIC)
        return deployment

    def _owners(self) -> list[LocalAccount]:
        """The keys of a development council."""
        return [
            kept_account(self.folder / "council" / f"council-{number}.key")
            for number in range(1, (self.plan.council.size or 0) + 1)
        ]

    def _member(self, party: PlannedParty) -> Member:
        if party.key is not None and party.number is not None:
            keys = None if party.exchange is None else bytes.fromhex(party.exchange)
            exchange = None if keys is None else (keys[:32], keys[32:])
            return Member(party.name, party.role, party.number, party.key, exchange, party.gateway)
        folder = self.folder / "parties" / party.name
        folder.mkdir(exist_ok=True)
        signing = kept_account(folder / "signing.key")
        relayer = self.folder / "relayers" / party.name
        relayer.mkdir(exist_ok=True)
        kept_account(relayer / "relayer.key")
        kept_vault_keys(folder / "vault.keys")
        exchange = exchange_public(kept_secret(folder / "exchange.key"))
        entry = _kept_entry(folder / "parties.json", party)
        password = kept_password(self._password(party.name), _SHARED)
        write_file(folder / "pgpass", f"*:*:{party.name}:{party.name}:{password}\n")
        return Member(party.name, party.role, entry["number"], signing.address, exchange, party.gateway)

    def _password(self, user: str) -> Path:
        return self.folder / "database" / f"{user}.password"


def _kept_entry(file: Path, party: PlannedParty) -> dict[str, Any]:
    """The party's line of its gateway's parties file, with a random number if the plan gives none."""
    if not file.exists():
        number = party.number or secrets.randbelow((1 << 32) - 1) + 1
        _write_json(file, [{"number": number, "role": party.role, "key_file": "signing.key", **_EXCHANGE}])
    (entry,) = json.loads(file.read_text(encoding="utf-8"))
    return dict(entry)


def _wait_for_blocks(node: Web3, patience_seconds: float) -> None:
    """Wait until the chain goes on: validators need each other before the first block."""
    end = time.monotonic() + patience_seconds
    while True:
        try:
            if node.eth.block_number > 0:
                return
        except (RequestException, Web3Exception):
            pass  # The node is still starting.
        if time.monotonic() > end:
            raise DeploymentFailed("the chain makes no blocks: see whether enough validators are up")
        time.sleep(0.5)


def _is_unknown(node: Web3, deployment: Deployment, member: Member) -> bool:
    _role, state = contract(node, "PartyRegistry", deployment.registry).functions.partyOf(member.number).call()
    return bool(state == 0)


def _write_json(file: Path, content: Any, mode: int = 0o600) -> None:
    write_file(file, json.dumps(content, indent=2) + "\n", mode)
