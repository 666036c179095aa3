"""
Put the contracts on a chain, under a council that no single key can replace.

Registry and ledger ask an access manager who may call what; the access manager obeys the council's Safe
alone. Three roles are given out, all to the Safe and to nobody else:

    COUNCIL   parties, keys, notices, pauses  at once
    UPGRADER  the code behind both proxies    48 hours after it was announced on chain
    ADMIN     who has which role              48 hours after it was announced on chain

The deployer's account administers until the last transaction, which hands everything over and renounces in
one step.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.abi import function_abi_to_4byte_selector
from hexbytes import HexBytes
from web3 import Web3
from web3.contract import Contract
from web3.logs import DISCARD
from web3.types import TxReceipt

from app.chain.artifacts import artifact
from app.chain.relayer import Call, Relayer
from app.chain.safe import NOBODY, Safe

ADMIN, COUNCIL, UPGRADER = 0, 1, 2
DELAY_SECONDS = 48 * 3600
UPGRADE = "upgradeToAndCall"
COUNCIL_FUNCTIONS = {
    "PartyRegistry": (
        "admit",
        "suspend",
        "reinstate",
        "revoke",
        "addKey",
        "retireKey",
        "revokeKey",
        "setExchangeKeys",
        "setGateway",
        "declareOutage",
        "publishTable",
    ),
    "EquipmentLedger": ("pause",),
}
# What nodes answer in one request for logs, whatever their brand.
_LOG_BLOCKS = 5_000


class DeploymentFailed(Exception):
    """What stands on chain is not what was meant; it must not be used."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """
    Where everything stands on one chain: what a gateway pins.

    `genesis` and the hashes of the code at `registry` and `ledger` are 32 bytes in hexadecimal, addresses are
    checksummed, `council` is that of its Safe, `deployed_block` is the first one that holds anything of this
    deployment.
    """

    chain_id: int
    genesis: str
    deployed_block: int
    registry: ChecksumAddress
    registry_code_hash: str
    ledger: ChecksumAddress
    ledger_code_hash: str
    access_manager: ChecksumAddress
    council: ChecksumAddress
    multi_send: ChecksumAddress

    def as_dict(self) -> dict[str, Any]:
        """The deployment as JSON has it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """Read what `as_dict` wrote; `KeyError` if something is missing."""
        return cls(**{field.name: content[field.name] for field in fields(cls)})

    def safe(self, node: Web3) -> Safe:
        """The council's Safe, as `node` shows it."""
        return Safe(node, self.council, self.multi_send)


def deploy(node: Web3, deployer: LocalAccount, council: Sequence[ChecksumAddress], threshold: int) -> Deployment:
    """
    Deploy all contracts and hand them to the `council`, any `threshold` of whom act together.

    The transactions go out in waves, each waiting for the one before. If the process dies between them
    nothing that was deployed is of use, and the next deployment begins anew.
    """
    relayer = Relayer(node, deployer)
    fixed = _create(
        relayer,
        ("AccessManager", deployer.address),
        ("PartyRegistry",),
        ("RareSteps",),
        ("SafeL2",),
        ("SafeProxyFactory",),
        ("MultiSendCallOnly",),
    )
    manager, registry_logic, rare, singleton, factory, multi_send = map(_address, fixed)
    (ledger_logic,) = map(_address, _create(relayer, ("EquipmentLedger", rare)))
    (registry,) = map(_address, _create(relayer, _proxy(node, "PartyRegistry", registry_logic, manager)))
    (ledger,) = map(_address, _create(relayer, _proxy(node, "EquipmentLedger", ledger_logic, manager, registry)))
    deployment = Deployment(
        chain_id=node.eth.chain_id,
        genesis=HexBytes(node.eth.get_block(0)["hash"]).to_0x_hex(),
        deployed_block=min(receipt["blockNumber"] for receipt in fixed),
        registry=registry,
        registry_code_hash=code_hash(node, registry),
        ledger=ledger,
        ledger_code_hash=code_hash(node, ledger),
        access_manager=manager,
        council=_new_safe(relayer, factory, singleton, council, threshold),
        multi_send=multi_send,
    )
    relayer.transact(_hand_over(node, deployment, deployer.address))
    verify_governance(node, deployment, council, threshold)
    return deployment


def verify_governance(node: Web3, deployment: Deployment, council: Sequence[ChecksumAddress], threshold: int) -> None:
    """Raise `DeploymentFailed` unless the council's Safe, and it alone, has the roles that it should."""
    safe = contract(node, "SafeL2", deployment.council)
    if set(safe.functions.getOwners().call()) != set(council) or safe.functions.getThreshold().call() != threshold:
        raise DeploymentFailed("the Safe has other owners or another threshold")
    expected = {
        (COUNCIL, deployment.council, 0),
        (UPGRADER, deployment.council, DELAY_SECONDS),
        (ADMIN, deployment.council, DELAY_SECONDS),
    }
    if role_holders(node, deployment) != expected:
        raise DeploymentFailed("the access manager's roles are not those of the council alone")


def role_holders(node: Web3, deployment: Deployment) -> set[tuple[int, ChecksumAddress, int]]:
    """Who was ever given a role and has it now: role, account, delay in seconds before each act."""
    manager = contract(node, "AccessManager", deployment.access_manager)
    last = node.eth.block_number
    granted = set()
    for first in range(deployment.deployed_block, last + 1, _LOG_BLOCKS):
        window = (first, min(first + _LOG_BLOCKS - 1, last))
        for entry in manager.events.RoleGranted().get_logs(from_block=window[0], to_block=window[1]):
            granted.add((entry["args"]["roleId"], entry["args"]["account"]))
    answers = {(role, account): manager.functions.hasRole(role, account).call() for role, account in granted}
    return {(role, account, delay) for (role, account), (has, delay) in answers.items() if has}


def contract(node: Web3, name: str, address: ChecksumAddress) -> Contract:
    """The contract `name` at `address`."""
    return node.eth.contract(address=address, abi=artifact(name).abi)


def code_hash(node: Web3, address: ChecksumAddress) -> str:
    """Keccak-256 of the code at `address`, in hexadecimal."""
    return Web3.keccak(node.eth.get_code(address)).to_0x_hex()


def _create(relayer: Relayer, *wanted: tuple[Any, ...]) -> list[TxReceipt]:
    """Create contracts: of each its name, then the arguments of its constructor."""
    return relayer.transact(*(Call(None, _creation(relayer.node, *each)) for each in wanted))


def _creation(node: Web3, name: str, *arguments: Any) -> HexBytes:
    factory = node.eth.contract(abi=artifact(name).abi, bytecode=artifact(name).bytecode)
    return HexBytes(factory.constructor(*arguments).data_in_transaction)


def _proxy(node: Web3, name: str, logic: ChecksumAddress, *arguments: Any) -> tuple[Any, ...]:
    """A proxy before `logic`, initialised by the transaction that creates it: nobody can come between."""
    return ("ERC1967Proxy", logic, _encoded(node, name, "initialize", *arguments))


def _new_safe(
    relayer: Relayer,
    factory: ChecksumAddress,
    singleton: ChecksumAddress,
    council: Sequence[ChecksumAddress],
    threshold: int,
) -> ChecksumAddress:
    """A Safe of the `council`, without modules, guard or fallback handler."""
    node = relayer.node
    setup = _encoded(node, "SafeL2", "setup", list(council), threshold, NOBODY, b"", NOBODY, NOBODY, 0, NOBODY)
    data = _encoded(node, "SafeProxyFactory", "createProxyWithNonce", singleton, setup, secrets.randbits(256))
    (receipt,) = relayer.transact(Call(factory, data))
    (created,) = contract(node, "SafeProxyFactory", factory).events.ProxyCreation().process_receipt(receipt, DISCARD)
    return Web3.to_checksum_address(created["args"]["proxy"])


def _hand_over(node: Web3, deployment: Deployment, deployer: ChecksumAddress) -> Call:
    """One transaction after which the Safe has every role, and the `deployer` none."""
    safe = deployment.council
    steps: list[tuple[Any, ...]] = [("labelRole", COUNCIL, "COUNCIL"), ("labelRole", UPGRADER, "UPGRADER")]
    for name, target in (("PartyRegistry", deployment.registry), ("EquipmentLedger", deployment.ledger)):
        selectors = [_selector(node, name, function) for function in COUNCIL_FUNCTIONS[name]]
        steps.append(("setTargetFunctionRole", target, selectors, COUNCIL))
        steps.append(("setTargetFunctionRole", target, [_selector(node, name, UPGRADE)], UPGRADER))
    steps += [
        ("grantRole", COUNCIL, safe, 0),
        ("grantRole", UPGRADER, safe, DELAY_SECONDS),
        ("grantRole", ADMIN, safe, DELAY_SECONDS),
        ("renounceRole", ADMIN, deployer),
    ]
    calls = [_encoded(node, "AccessManager", *step) for step in steps]
    return Call(deployment.access_manager, _encoded(node, "AccessManager", "multicall", calls))


def _encoded(node: Web3, name: str, function: str, *arguments: Any) -> HexBytes:
    return HexBytes(node.eth.contract(abi=artifact(name).abi).encode_abi(function, list(arguments)))


def _selector(node: Web3, name: str, function: str) -> HexBytes:
    return HexBytes(
        function_abi_to_4byte_selector(node.eth.contract(abi=artifact(name).abi).get_function_by_name(function).abi)
    )


def _address(receipt: TxReceipt) -> ChecksumAddress:
    """Where the contract that a transaction created stands."""
    address = receipt["contractAddress"]
    if address is None:
        raise DeploymentFailed("a transaction that should create a contract created none")
    return address
