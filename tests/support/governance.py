"""What may be called on a deployment, read from its interfaces, and how a chain refuses a call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode
from eth_typing import ChecksumAddress
from hexbytes import HexBytes
from web3 import Web3
from web3.types import RPCEndpoint

from app.chain.artifacts import NAMES, artifact
from app.chain.relayer import Call

_MESSAGE = bytes.fromhex("08c379a0")
_SOMEBODY = Web3.to_checksum_address("0x" + "11" * 20)
_IMPLEMENTATION_SLOT = 0x360894A13BA1A3210667C828492DB98DCA3E2076CC3735A920A3CA505D382BBC


@dataclass(frozen=True, slots=True)
class Door:
    """A function of the contract `contract` at `address` that changes something, and a lawful call of it."""

    contract: str
    function: str
    call: Call

    def __str__(self) -> str:
        return f"{self.contract}.{self.function}"


@dataclass(frozen=True, slots=True)
class Filling:
    """
    Arguments for calls whose interface alone is known: the mightiest that their types allow.

    `stranger` stands wherever an account can be put in power, `restricted` wherever a call can be handed on, and
    `grant` wherever a contract is told to call itself.
    """

    stranger: ChecksumAddress
    restricted: Call
    grant: HexBytes

    def argument(self, kind: str, name: str) -> Any:
        """A value of the ABI type `kind` for the parameter `name`."""
        if kind == "bytes[]":
            return [bytes(self.grant)]
        if kind.endswith("[]"):
            return [self.argument(kind[:-2], name)]
        by_name = {"target": self.restricted.to, "callerConfirmation": _SOMEBODY, "when": 0}
        by_type = {
            "address": self.stranger,
            "bytes": bytes(self.restricted.data),
            "bytes4": bytes(self.restricted.data[:4]),
            "bytes32": b"\1" * 32,
            "bool": True,
            "string": "label",
        }
        return by_name.get(name, by_type.get(kind, 1))


def changing(name: str) -> list[dict[str, Any]]:
    """The functions in the interface of the contract `name` that can change something."""
    functions = [entry for entry in artifact(name).abi if entry["type"] == "function"]
    return [entry for entry in functions if entry["stateMutability"] not in ("view", "pure")]


def doors(node: Web3, name: str, address: ChecksumAddress, filling: Filling) -> Iterator[Door]:
    """Every function that can change something, unless it takes structures."""
    interface = node.eth.contract(abi=artifact(name).abi)
    for entry in changing(name):
        kinds = [each["type"] for each in entry["inputs"]]
        if any(kind.startswith("tuple") for kind in kinds):
            continue
        arguments = [filling.argument(each["type"], each["name"]) for each in entry["inputs"]]
        data = HexBytes(interface.encode_abi(f"{entry['name']}({','.join(kinds)})", arguments))
        yield Door(name, entry["name"], Call(address, data))


def refusal(node: Web3, call: Call, sender: ChecksumAddress) -> str | None:
    """Why the chain refuses `call` from `sender`: the name of the error or its message; None if it does not."""
    question: Any = {"from": sender, "to": call.to, "data": call.data.to_0x_hex()}
    answer: dict[str, Any] = dict(node.provider.make_request(RPCEndpoint("eth_call"), [question, "latest"]))
    if "error" not in answer:
        return None
    data = bytes(HexBytes(answer["error"].get("data", "0x")))
    if data[:4] == _MESSAGE:
        return str(decode(["string"], data[4:])[0])
    return _ERRORS.get(data[:4], str(answer["error"]["message"]))


def _error_names() -> Iterator[tuple[bytes, str]]:
    for name in NAMES:
        for entry in artifact(name).abi:
            if entry["type"] == "error":
                signature = f"{entry['name']}({','.join(each['type'] for each in entry['inputs'])})"
                yield bytes(Web3.keccak(text=signature)[:4]), entry["name"]


_ERRORS = dict(_error_names())


def implementation(node: Web3, proxy: ChecksumAddress) -> ChecksumAddress:
    """The contract whose code stands behind `proxy` (ERC-1967)."""
    return Web3.to_checksum_address(node.eth.get_storage_at(proxy, _IMPLEMENTATION_SLOT)[-20:])


def pass_time(node: Web3, seconds: int) -> None:
    """Let the chain's clock run ahead."""
    node.provider.make_request(RPCEndpoint("evm_increaseTime"), [seconds])
    node.provider.make_request(RPCEndpoint("evm_mine"), [])
