"""No single key can do anything to the contracts; two of the council's three can, some of it only after 48 hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import ContractLogicError
from web3.types import RPCEndpoint

from app.chain import deployment as deploying
from app.chain.artifacts import artifact
from app.chain.council import Admission, Council
from app.chain.deployment import Deployment, DeploymentFailed, contract, deploy
from app.chain.relayer import Call, Relayer
from tests.support.chain import connected, running_chain
from tests.support.governance import Door, Filling, changing, doors, implementation, pass_time, refusal

PARTY = 4_000_000_001
OPTICIAN, OPERATOR = 1, 5
# Errors that mean: you may not. `GS…` are those of the Safe: signatures, owners, modules, itself only, set up already.
MAY_NOT = {
    "AccessManagedUnauthorized",
    "AccessManagerUnauthorizedAccount",
    "AccessManagerUnauthorizedCall",
    "AccessManagerUnauthorizedCancel",
    "AccessManagerUnauthorizedConsume",
    "AccessManagerBadConfirmation",
    "InvalidInitialization",
    "UUPSUnauthorizedCallContext",
    "GS020",
    "GS026",
    "GS031",
    "GS104",
    "GS200",
}
# For everybody: recording signed steps; and of the Safe an approval by one owner, which alone moves nothing, and a
# simulation that always reverts.
OPEN = {"EquipmentLedger.submit", "SafeL2.approveHash", "SafeL2.simulateAndRevert"}
# These two find nothing announced, or a caller that is no contract, before they ask who calls.
NOTHING_THERE = {
    "AccessManager.cancel": "AccessManagerNotScheduled",
    "AccessManager.consumeScheduledOp": "execution reverted",
}
# What the council's Safe itself may not do: it is no module of itself, and set-up is over.
CLOSED = {"initialize", "setAuthority", "setup", "execTransaction", "consumeScheduledOp", "cancel", "renounceRole"}
CLOSED |= {"execTransactionFromModule", "execTransactionFromModuleReturnData"}


@dataclass(frozen=True, slots=True)
class World:
    """A chain with a deployment, and everybody's keys."""

    node: Web3
    deployment: Deployment
    deployer: LocalAccount
    owners: list[LocalAccount]
    party: LocalAccount
    stranger: LocalAccount

    def council(self, *owners: LocalAccount) -> Council:
        """The council, as far as `owners` sign; without any, the first two."""
        relayer = Relayer(self.node, self.stranger)
        return Council(relayer, self.deployment, owners or self.owners[:2])

    def keys(self) -> dict[str, ChecksumAddress]:
        """Everybody who has one key."""
        single = {f"owner {number}": owner.address for number, owner in enumerate(self.owners)}
        return single | {
            "deployer": self.deployer.address,
            "party": self.party.address,
            "stranger": self.stranger.address,
        }

    def doors(self) -> list[Door]:
        """Every function that changes something, on proxies, implementations, access manager and Safe."""
        here = self.deployment
        places = [
            ("PartyRegistry", here.registry),
            ("EquipmentLedger", here.ledger),
            ("PartyRegistry", implementation(self.node, here.registry)),
            ("EquipmentLedger", implementation(self.node, here.ledger)),
            ("AccessManager", here.access_manager),
            ("SafeL2", here.council),
        ]
        council, stranger = self.council(), self.stranger.address
        upgrade = council.registry("upgradeToAndCall", implementation(self.node, here.registry), b"")
        grant = council.manager("grantRole", deploying.COUNCIL, stranger, 0)
        filling = Filling(stranger, upgrade, grant.data)
        found = [door for place in places for door in doors(self.node, *place, filling)]
        return [door for door in found if str(door) not in OPEN]


@pytest.fixture(scope="module")
def chain() -> Iterator[World]:
    with running_chain() as url, connected(url) as node:
        deployer, party, stranger = Account.create(), Account.create(), Account.create()
        owners = [Account.create() for _ in range(3)]
        deployment = deploy(node, deployer, [owner.address for owner in owners], 2)
        world = World(node, deployment, deployer, owners, party, stranger)
        world.council().admit(Admission(PARTY, OPTICIAN, party.address))
        yield world


@pytest.fixture
def world(chain: World) -> Iterator[World]:
    """The chain, put back as it was when the test is over."""
    snapshot = chain.node.provider.make_request(RPCEndpoint("evm_snapshot"), [])["result"]
    yield chain
    chain.node.provider.make_request(RPCEndpoint("evm_revert"), [snapshot])


def test_every_privileged_call_is_refused_to_every_single_key(world: World) -> None:
    refusals = {
        (str(door), who): refusal(world.node, door.call, key)
        for door in world.doors()
        for who, key in world.keys().items()
    }
    other = {door: reason for (door, _), reason in refusals.items() if reason not in MAY_NOT}
    assert other == NOTHING_THERE
    named = {door for door, _ in refusals}
    assert {"PartyRegistry.admit", "EquipmentLedger.pause", "AccessManager.grantRole", "SafeL2.swapOwner"} <= named
    assert {f"{name}.upgradeToAndCall" for name in ("PartyRegistry", "EquipmentLedger")} <= named


def test_the_same_calls_from_the_safe_are_not_refused_for_want_of_power(world: World) -> None:
    here = world.deployment
    behind = {implementation(world.node, here.registry), implementation(world.node, here.ledger)}
    for door in world.doors():
        if door.function not in CLOSED and door.call.to not in behind:
            reason = refusal(world.node, door.call, here.council)
            assert reason not in MAY_NOT, str(door)


def test_the_functions_of_the_council_are_all_that_can_change_a_contract() -> None:
    for name in ("PartyRegistry", "EquipmentLedger"):
        known = {*deploying.COUNCIL_FUNCTIONS[name], deploying.UPGRADE, "initialize", "setAuthority"}
        assert {entry["name"] for entry in changing(name)} - known == {
            door.partition(".")[2] for door in OPEN if door.startswith(name)
        }


def test_one_owner_cannot_make_the_safe_act(world: World) -> None:
    call = world.council().registry("admit", 7, OPTICIAN)
    safe = world.deployment.safe(world.node)
    for owner in world.owners:
        signed = safe.sign([call], [owner])
        for sender in world.keys().values():
            assert refusal(world.node, signed, sender) == "GS020"


def test_one_owner_does_not_count_twice_and_nobody_else_counts(world: World) -> None:
    call = world.council().registry("admit", 7, OPTICIAN)
    safe = world.deployment.safe(world.node)
    for owner in world.owners:
        for other in (owner, world.stranger, world.party, world.deployer):
            assert refusal(world.node, safe.sign([call], [owner, other]), owner.address) == "GS026"


def test_a_real_transaction_of_one_owner_changes_nothing(world: World) -> None:
    owner = world.owners[0]
    with pytest.raises(ContractLogicError):
        Relayer(world.node, owner).transact(world.council().registry("suspend", PARTY))
    assert contract(world.node, "PartyRegistry", world.deployment.registry).functions.partyOf(PARTY).call() == [1, 1]


@pytest.mark.parametrize("pair", list(combinations(range(3), 2)))
def test_any_two_of_three_owners_can_do_all_that_the_council_does(world: World, pair: tuple[int, int]) -> None:
    council = world.council(*(world.owners[number] for number in pair))
    key, second = Account.create().address, Account.create().address
    operator = Admission(8, OPERATOR, Account.create().address)
    council.admit(operator, Admission(9, OPTICIAN, key))
    registry = contract(world.node, "PartyRegistry", world.deployment.registry)
    for function, arguments in {
        "suspend": (9,),
        "reinstate": (9,),
        "addKey": (9, second, operator.party),
        "retireKey": (key,),
        "revokeKey": (second,),
        "revoke": (9,),
    }.items():
        council.act(council.registry(function, *arguments))
    assert registry.functions.partyOf(9).call() == [OPTICIAN, 3]
    assert registry.functions.authorityOf(key).call()[3] == 2
    assert registry.functions.authorityOf(second).call()[3] == 3
    council.act(council.ledger("pause", world.node.eth.get_block("latest")["timestamp"] + 3600))


def test_several_acts_are_made_all_or_none(world: World) -> None:
    council = world.council()
    with pytest.raises(ContractLogicError):
        council.act(council.registry("admit", 7, OPTICIAN), council.registry("admit", PARTY, OPTICIAN))
    registry = contract(world.node, "PartyRegistry", world.deployment.registry)
    assert registry.functions.partyOf(7).call() == [0, 0]


def test_a_signed_act_serves_once(world: World) -> None:
    council = world.council()
    signed = world.deployment.safe(world.node).sign([council.registry("suspend", PARTY)], world.owners[:2])
    council.relayer.transact(signed)
    council.act(council.registry("reinstate", PARTY))
    assert refusal(world.node, signed, world.stranger.address) == "GS026"


def _new_implementation(world: World, name: str) -> ChecksumAddress:
    # The ledger's code names the contract with its rarer rules; any address will do here.
    arguments = bytes(12) + b"\x11" * 20 if name == "EquipmentLedger" else b""
    creation = Call(None, HexBytes(artifact(name).bytecode + arguments))
    (receipt,) = Relayer(world.node, world.stranger).transact(creation)
    assert receipt["contractAddress"] is not None
    return receipt["contractAddress"]


@pytest.mark.parametrize("name", ["PartyRegistry", "EquipmentLedger"])
def test_an_upgrade_waits_48_hours_in_public(world: World, name: str) -> None:
    council, here = world.council(), world.deployment
    new = _new_implementation(world, name)
    of_registry = name == "PartyRegistry"
    proxy = here.registry if of_registry else here.ledger
    upgrade = (council.registry if of_registry else council.ledger)("upgradeToAndCall", new, b"")
    with pytest.raises(ContractLogicError):
        council.act(upgrade)
    council.announce(upgrade)
    pass_time(world.node, deploying.DELAY_SECONDS - 60)
    with pytest.raises(ContractLogicError):
        council.carry_out(upgrade)
    pass_time(world.node, 120)
    for key in world.keys().values():
        assert refusal(world.node, upgrade, key) == "AccessManagedUnauthorized"
    council.carry_out(upgrade)
    assert implementation(world.node, proxy) == new
    registry = contract(world.node, "PartyRegistry", here.registry)
    assert registry.functions.partyOf(PARTY).call() == [OPTICIAN, 1]


def test_the_council_can_cancel_what_it_announced(world: World) -> None:
    council = world.council()
    upgrade = council.registry("upgradeToAndCall", _new_implementation(world, "PartyRegistry"), b"")
    council.announce(upgrade)
    cancel = council.manager("cancel", world.deployment.council, upgrade.to, upgrade.data)
    for key in world.keys().values():
        assert refusal(world.node, cancel, key) == "AccessManagerUnauthorizedCancel"
    council.act(cancel)
    pass_time(world.node, deploying.DELAY_SECONDS + 60)
    with pytest.raises(ContractLogicError):
        council.carry_out(upgrade)


def test_a_role_is_given_only_after_48_hours_and_then_shows(world: World) -> None:
    council = world.council()
    owners = [owner.address for owner in world.owners]
    deploying.verify_governance(world.node, world.deployment, owners, 2)
    grant = council.manager("grantRole", deploying.COUNCIL, world.stranger.address, 0)
    council.announce(grant)
    with pytest.raises(ContractLogicError):
        council.carry_out(grant)
    pass_time(world.node, deploying.DELAY_SECONDS + 60)
    council.carry_out(grant)
    with pytest.raises(DeploymentFailed):
        deploying.verify_governance(world.node, world.deployment, owners, 2)


def test_after_deployment_only_the_safe_has_roles(world: World) -> None:
    safe = world.deployment.council
    assert deploying.role_holders(world.node, world.deployment) == {
        (deploying.COUNCIL, safe, 0),
        (deploying.UPGRADER, safe, 48 * 3600),
        (deploying.ADMIN, safe, 48 * 3600),
    }


def test_a_safe_of_others_or_with_another_threshold_shows(world: World) -> None:
    owners = [owner.address for owner in world.owners]
    with pytest.raises(DeploymentFailed):
        deploying.verify_governance(world.node, world.deployment, owners, 1)
    with pytest.raises(DeploymentFailed):
        deploying.verify_governance(world.node, world.deployment, [*owners[:2], world.stranger.address], 2)
