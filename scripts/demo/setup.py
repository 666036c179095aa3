"""Puts a new chain into service: contracts, council, seven parties, and the files of four gateways."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from eth_account import Account
from web3 import Web3

from app.chain.council import Admission, Council
from app.chain.deployment import Deployment, code_hash, contract, deploy
from app.chain.relayer import Relayer
from app.domain.exchange_keys import exchange_public
from demo.errors import Trouble
from demo.layout import ROOT, Layout, write_json, write_private
from demo.state import GUESTS, RESET, ROLES, Party, State, version

COUNCIL_SIZE = 3
THRESHOLD = 2
# As the registry numbers them.
_ROLE_NUMBERS = {"optician": 1, "glassmaker": 2, "insurer": 3, "auditor": 4}


def set_up(node: Web3, layout: Layout) -> State:
    """
    Deploy, admit four parties and three guests, and write the files that their gateways start from.

    The deployer's key is made here and forgotten here: after set-up it is worth nothing. The council's keys stay in
    the folder, because this council is a demonstration; a real one keeps them apart.
    """
    owners = [layout.account(f"council-{number}") for number in range(1, COUNCIL_SIZE + 1)]
    deployment = deploy(node, Account.create(), [owner.address for owner in owners], THRESHOLD)
    numbers = _numbers(len(ROLES) + len(GUESTS))
    parties = [Party(role, number) for role, number in zip(ROLES, numbers[: len(ROLES)], strict=True)]
    guests = [Party(role, number, guest=True) for role, number in zip(GUESTS, numbers[len(ROLES) :], strict=True)]
    everyone = [*parties, *guests]
    council = Council(Relayer(node, Account.create()), deployment, owners[:THRESHOLD])
    council.admit(
        *(Admission(party.number, _ROLE_NUMBERS[party.role], layout.account(party.name).address) for party in everyone)
    )
    write_json(layout.network, {**deployment.as_dict(), "development": True})
    for party in parties:
        layout.account(_relayer(party))
        served = [each for each in everyone if each.role == party.role]
        write_json(layout.gateway(party.role) / "parties.json", [_entry(layout, each) for each in served])
        write_private(layout.vault_keys(party.role), f"1 {secrets.token_hex(32)}\n")
    return State(version(), deployment, parties, guests)


def _entry(layout: Layout, party: Party) -> dict[str, int | str]:
    """What a gateway is told of a party that it serves; the exchange key is made by that."""
    layout.secret(_exchange(party))
    return {
        "number": party.number,
        "role": party.role,
        "key_file": f"../../keys/{party.name}.key",
        "exchange_key_file": f"../../keys/{_exchange(party)}.key",
    }


def register_gateways(node: Web3, layout: Layout, state: State, urls: Mapping[str, str]) -> None:
    """Let the council set the parties' exchange keys and the addresses of their gateways, where they differ."""
    owners = [layout.account(f"council-{number}") for number in range(1, COUNCIL_SIZE + 1)]
    council = Council(Relayer(node, Account.create()), state.deployment, owners[:THRESHOLD])
    registry = contract(node, "PartyRegistry", state.deployment.registry)
    calls = []
    for party in state.everyone:
        keys, url = exchange_public(layout.secret(_exchange(party))), urls[party.role]
        *known, gateway = registry.functions.exchangeOf(party.number).call()
        changed = None if tuple(known) == keys else keys
        calls += council.exchanges(party.number, changed, None if gateway == url else url)
    if calls:
        council.act(*calls)


def check_chain(node: Web3, deployment: Deployment) -> None:
    """Raise `Trouble` if the chain is not the one that was set up."""
    same_genesis = node.eth.get_block(0)["hash"].to_0x_hex() == deployment.genesis
    if not same_genesis or code_hash(node, deployment.ledger) != deployment.ledger_code_hash:
        raise Trouble(f"the chain is not the one that the gateways know; {RESET}")


def environment(layout: Layout, party: Party, rpc_url: str, port: int, gateways: Sequence[str] = ()) -> dict[str, str]:
    """
    What a party's gateway is started with; nothing of it is inherited from who starts the demonstration.

    It may call the `gateways`, pairs of host and port on this machine, which the registry alone could not make it do.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OPTITRACE_")}
    folder = layout.gateway(party.role)
    return {
        **inherited,
        "PYTHONPATH": str(ROOT),
        "OPTITRACE_DATABASE_URL": f"sqlite:///{folder / 'gateway.db'}",
        "OPTITRACE_RPC_URL": rpc_url,
        "OPTITRACE_NETWORK_FILE": str(layout.network),
        "OPTITRACE_PARTIES_FILE": str(folder / "parties.json"),
        "OPTITRACE_RELAYER_KEY_FILE": str(layout.key(_relayer(party))),
        "OPTITRACE_VAULT_KEY_FILE": str(layout.vault_keys(party.role)),
        "OPTITRACE_EXCHANGE_ALLOW": ",".join(gateways),
        "OPTITRACE_HOST": "127.0.0.1",
        "OPTITRACE_PORT": str(port),
    }


def create_api_keys(layout: Layout, parties: Sequence[Party], rpc_url: str) -> None:
    """Let each party's gateway make an API key, where there is none yet; the databases are made by that too."""
    without = [party for party in parties if party.api_key is None]
    if not without:
        return
    asked = [{"party": each.number, "environment": environment(layout, each, rpc_url, 1)} for each in without]
    made = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("api_keys.py"))],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input="".join(json.dumps(each) + "\n" for each in asked),
        capture_output=True,
        text=True,
        check=False,
    )
    found = made.stdout.split()
    for party, key in zip(without, found, strict=False):
        party.api_key = key
    if len(found) < len(without):
        party = without[len(found)]
        layout.log(party.role).write_text(made.stderr, encoding="utf-8")
        raise Trouble(f"no API key could be made for the {party.name}; see {layout.log(party.role)}")


def _exchange(party: Party) -> str:
    return f"{party.name}-exchange"


def _relayer(party: Party) -> str:
    return f"{party.role}-relayer"


def _numbers(count: int) -> list[int]:
    """Random party numbers, all different: on chain a party has no other name."""
    found: set[int] = set()
    while len(found) < count:
        found.add(secrets.randbelow((1 << 32) - 1) + 1)
    return list(found)
