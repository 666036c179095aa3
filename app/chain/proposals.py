"""
What a council's owners are asked to sign, as a file that goes from one to the next.

Each owner signs at home, with a key that never leaves. The file says only which calls the Safe shall make; what they
mean is read from the calls themselves each time, so nobody signs a sentence that somebody else wrote.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.address import to_canonical_address
from hexbytes import HexBytes
from web3 import Web3
from web3.types import TxReceipt

from app.chain.council import Council
from app.chain.deployment import Deployment, contract
from app.chain.key_files import write_file
from app.chain.relayer import Call, Relayer


class ProposalRefused(Exception):
    """The proposal cannot be read, signed or carried out; the message says why."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Calls that the council's Safe shall make, all or none, as its transaction `nonce`; signatures by owner."""

    nonce: int
    calls: tuple[Call, ...]
    signatures: Mapping[ChecksumAddress, str] = field(default_factory=dict)

    def save(self, file: Path) -> None:
        """Write it as JSON; it holds no secret."""
        calls = [{"to": call.to, "data": call.data.to_0x_hex()} for call in self.calls]
        content = {"nonce": self.nonce, "calls": calls, "signatures": dict(self.signatures)}
        write_file(file, json.dumps(content, indent=2) + "\n", 0o644)


def load_proposal(file: Path) -> Proposal:
    """Read what `save` wrote; raises ProposalRefused."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        calls = tuple(Call(Web3.to_checksum_address(each["to"]), HexBytes(each["data"])) for each in content["calls"])
        signatures = {Web3.to_checksum_address(who): str(what) for who, what in content["signatures"].items()}
        return Proposal(int(content["nonce"]), calls, signatures)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProposalRefused(f"{file.name} is no proposal") from error


def propose(node: Web3, deployment: Deployment, calls: Sequence[Call]) -> Proposal:
    """A proposal for the council's next transaction, signed by nobody yet."""
    return Proposal(deployment.safe(node).nonce(), tuple(calls))


def propose_exchange(
    node: Web3, deployment: Deployment, party: int, keys: tuple[bytes, bytes] | None, gateway: str | None
) -> Proposal:
    """A proposal to set what a party exchanges packages with, and where; None leaves it as it is."""
    council = Council(Relayer(node, Account.create()), deployment, ())
    return propose(node, deployment, council.exchanges(party, keys, gateway))


def propose_outage(node: Web3, deployment: Deployment, start: int, end: int) -> Proposal:
    """A proposal to declare that the chain could not be reached between two moments, in seconds since 1970."""
    council = Council(Relayer(node, Account.create()), deployment, ())
    return propose(node, deployment, [council.registry("declareOutage", start, end)])


def propose_table(node: Web3, deployment: Deployment, name: str, root: bytes) -> Proposal:
    """A proposal to publish the root of a mapping table under its name and version."""
    council = Council(Relayer(node, Account.create()), deployment, ())
    return propose(node, deployment, [council.registry("publishTable", root, name)])


def load_deployment(file: Path) -> Deployment:
    """The deployment that gateways pin, from its file; raises ProposalRefused."""
    try:
        return Deployment.from_dict(json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise ProposalRefused(f"{file.name} is no network.json") from error


def told(node: Web3, deployment: Deployment, proposal: Proposal) -> list[str]:
    """What a proposal does and who has signed, in lines; raises ProposalRefused for a call that cannot be read."""
    signatures = len(proposal.signatures)
    return [
        *acts(node, deployment, proposal),
        f"Transaction {proposal.nonce} of the council, signed by {signatures}.",
    ]


def acts(node: Web3, deployment: Deployment, proposal: Proposal) -> list[str]:
    """What the calls do, one line each; raises ProposalRefused for a call that cannot be read."""
    known = {
        deployment.registry: "PartyRegistry",
        deployment.ledger: "EquipmentLedger",
        deployment.access_manager: "AccessManager",
    }
    lines = []
    for call in proposal.calls:
        if call.to not in known:
            raise ProposalRefused("it calls something that is no part of the network")
        name = known[call.to]
        try:
            function, arguments = contract(node, name, call.to).decode_function_input(call.data)
        except Exception as error:
            # The library raises errors of half a dozen kinds for bytes that are no call.
            raise ProposalRefused(f"a call of {name} cannot be read") from error
        given = ", ".join(f"{each}={_shown(value)}" for each, value in arguments.items())
        lines.append(f"{name}.{function.fn_name}({given})")
    return lines


def signed(node: Web3, deployment: Deployment, proposal: Proposal, owner: LocalAccount) -> Proposal:
    """The proposal with the signature of `owner`; raises ProposalRefused if it is not one of the council."""
    acts(node, deployment, proposal)
    safe = contract(node, "SafeL2", deployment.council)
    if owner.address not in safe.functions.getOwners().call():
        raise ProposalRefused("the key is not that of an owner of the council's Safe")
    message = deployment.safe(node).message(proposal.calls, proposal.nonce)
    signature = HexBytes(owner.sign_message(message).signature).to_0x_hex()
    return replace(proposal, signatures={**proposal.signatures, owner.address: signature})


def carry_out(node: Web3, deployment: Deployment, proposal: Proposal) -> TxReceipt:
    """
    Let the Safe do it; raises ProposalRefused where signatures lack or the Safe's number has passed.

    Who hands it in has no say, and gas is free: a key made for the purpose does it.
    """
    safe = deployment.safe(node)
    acts(node, deployment, proposal)
    if safe.nonce() != proposal.nonce:
        raise ProposalRefused("the council acted otherwise meanwhile: propose and sign again")
    needed = contract(node, "SafeL2", deployment.council).functions.getThreshold().call()
    if len(proposal.signatures) < needed:
        raise ProposalRefused(f"{len(proposal.signatures)} of {needed} signatures are there")
    ordered = sorted(proposal.signatures.items(), key=lambda each: to_canonical_address(each[0]))
    packed = b"".join(HexBytes(signature) for _, signature in ordered)
    (receipt,) = Relayer(node, Account.create()).transact(safe.transaction(proposal.calls, packed))
    return receipt


def _shown(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
