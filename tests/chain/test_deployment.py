"""A deployment says where everything stands, and can be used at once."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from eth_account import Account
from web3 import Web3

from app.chain.artifacts import artifact
from app.chain.council import Admission, Council
from app.chain.deployment import Deployment, code_hash, contract, deploy
from app.chain.relayer import Relayer
from tests.support.chain import connected, running_chain
from tests.support.governance import implementation

OWNERS = [Account.from_key(bytes(31) + bytes([number])) for number in (1, 2, 3)]


@pytest.fixture(scope="module")
def node() -> Iterator[Web3]:
    with running_chain() as url, connected(url) as connection:
        yield connection


@pytest.fixture(scope="module")
def deployment(node: Web3) -> Deployment:
    return deploy(node, Account.create(), [owner.address for owner in OWNERS], 2)


def test_a_deployment_survives_being_written_down(deployment: Deployment) -> None:
    assert Deployment.from_dict(json.loads(json.dumps(deployment.as_dict()))) == deployment


def test_it_pins_the_chain_and_the_code(node: Web3, deployment: Deployment) -> None:
    assert deployment.chain_id == node.eth.chain_id
    assert deployment.genesis == node.eth.get_block(0)["hash"].to_0x_hex()
    assert deployment.ledger_code_hash == code_hash(node, deployment.ledger) != code_hash(node, deployment.council)
    assert deployment.registry_code_hash == code_hash(node, deployment.registry)
    assert node.eth.get_code(deployment.ledger, deployment.deployed_block - 1) == b""


def test_the_ledger_asks_the_registry_of_the_same_deployment(node: Web3, deployment: Deployment) -> None:
    ledger = contract(node, "EquipmentLedger", deployment.ledger)
    assert ledger.functions.registry().call() == deployment.registry
    for name, proxy in (("PartyRegistry", deployment.registry), ("EquipmentLedger", deployment.ledger)):
        assert contract(node, name, proxy).functions.authority().call() == deployment.access_manager


@pytest.mark.parametrize("name", ["PartyRegistry", "EquipmentLedger"])
def test_the_code_behind_a_proxy_is_the_artifact(node: Web3, deployment: Deployment, name: str) -> None:
    proxy = deployment.registry if name == "PartyRegistry" else deployment.ledger
    code = bytes(node.eth.get_code(implementation(node, proxy)))
    compiled = artifact(name).deployed_bytecode
    assert len(code) == len(compiled)
    # Where the two differ the artifact has zeros: there the constructor put an immutable value.
    assert all(ours in (theirs, 0) for ours, theirs in zip(compiled, code, strict=True))


def test_a_chain_takes_several_deployments(node: Web3, deployment: Deployment) -> None:
    second = deploy(node, Account.create(), [owner.address for owner in OWNERS], 2)
    assert {second.ledger, second.registry, second.council}.isdisjoint(
        {deployment.ledger, deployment.registry, deployment.council}
    )


def test_parties_are_admitted_with_their_keys_in_one_transaction(node: Web3, deployment: Deployment) -> None:
    council = Council(Relayer(node, Account.create()), deployment, OWNERS[:2])
    admissions = [Admission(100 + role, role, Account.create().address) for role in (1, 2, 3, 4)]
    before = node.eth.block_number
    council.admit(*admissions)
    registry = contract(node, "PartyRegistry", deployment.registry)
    assert node.eth.block_number == before + 1
    for each in admissions:
        authority = registry.functions.authorityOf(each.key).call()
        assert authority == (each.party, each.role, 1, 1, 0, 0)


def test_it_works_on_a_chain_that_makes_a_block_a_second() -> None:
    with running_chain(block_seconds=1) as url, connected(url) as node:
        deployed = deploy(node, Account.create(), [owner.address for owner in OWNERS], 2)
        assert contract(node, "EquipmentLedger", deployed.ledger).functions.count().call() == 0
