"""
Transactions of the council's Safe, a contract that acts when enough of its owners have signed.

Owners sign the hash of what shall be done, by EIP-712, each at home and in any order. Anybody may then hand
it in; who does has no say. The Safe counts its transactions, so a signature serves once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.address import to_canonical_address
from hexbytes import HexBytes
from web3 import Web3
from web3.contract import Contract

from app.chain.artifacts import artifact
from app.chain.relayer import Call

NOBODY = Web3.to_checksum_address("0x" + "00" * 20)
_CALL, _DELEGATE_CALL = 0, 1
# What a Safe may refund to who hands a transaction in. Gas is free here, so all of it is zero.
_NO_REFUND = {"safeTxGas": 0, "baseGas": 0, "gasPrice": 0, "gasToken": NOBODY, "refundReceiver": NOBODY}
_TYPES = {
    "SafeTx": [
        {"name": "to", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "data", "type": "bytes"},
        {"name": "operation", "type": "uint8"},
        {"name": "safeTxGas", "type": "uint256"},
        {"name": "baseGas", "type": "uint256"},
        {"name": "gasPrice", "type": "uint256"},
        {"name": "gasToken", "type": "address"},
        {"name": "refundReceiver", "type": "address"},
        {"name": "nonce", "type": "uint256"},
    ]
}


@dataclass(frozen=True, slots=True)
class Safe:
    """The Safe at `address`, and the library at `multi_send` that makes several calls in one transaction."""

    node: Web3
    address: ChecksumAddress
    multi_send: ChecksumAddress

    def message(self, calls: Sequence[Call], nonce: int) -> SignableMessage:
        """What owners sign so that the Safe makes `calls`, all or none, as its transaction number `nonce`."""
        to, data, operation = self._bundle(calls)
        return encode_typed_data(
            domain_data={"chainId": self.node.eth.chain_id, "verifyingContract": self.address},
            message_types=_TYPES,
            message_data={
                "to": to,
                "value": 0,
                "data": data,
                "operation": operation,
                **_NO_REFUND,
                "nonce": nonce,
            },
        )

    def transaction(self, calls: Sequence[Call], signatures: bytes) -> Call:
        """The call that makes the Safe act, for any relayer to send."""
        to, data, operation = self._bundle(calls)
        contract = self._contract()
        arguments = [to, 0, data, operation, *_NO_REFUND.values(), signatures]
        return Call(self.address, HexBytes(contract.encode_abi("execTransaction", arguments)))

    def nonce(self) -> int:
        """The number of the Safe's next transaction."""
        return int(self._contract().functions.nonce().call())

    def sign(self, calls: Sequence[Call], owners: Sequence[LocalAccount]) -> Call:
        """Let `owners` sign that the Safe makes `calls` next; too few of them and the Safe refuses."""
        message = self.message(calls, self.nonce())
        return self.transaction(calls, signatures(message, owners))

    def _contract(self) -> Contract:
        return self.node.eth.contract(address=self.address, abi=artifact("SafeL2").abi)

    def _bundle(self, calls: Sequence[Call]) -> tuple[ChecksumAddress, bytes, int]:
        if len(calls) == 1 and calls[0].to is not None:
            return calls[0].to, bytes(calls[0].data), _CALL
        library = self.node.eth.contract(abi=artifact("MultiSendCallOnly").abi)
        packed = b"".join(_packed(call) for call in calls)
        return self.multi_send, bytes(HexBytes(library.encode_abi("multiSend", [packed]))), _DELEGATE_CALL


def signatures(message: SignableMessage, owners: Sequence[LocalAccount]) -> bytes:
    """One signature of 65 bytes per owner, in rising order of their addresses, as the Safe wants them."""
    ordered = sorted(owners, key=lambda owner: to_canonical_address(owner.address))
    return b"".join(bytes(owner.sign_message(message).signature) for owner in ordered)


def _packed(call: Call) -> bytes:
    """One call as the multi-send library reads it: operation, address, value, length of the data, data."""
    if call.to is None:
        raise ValueError("a Safe creates no contract")
    data = bytes(call.data)
    return bytes([_CALL]) + to_canonical_address(call.to) + bytes(32) + len(data).to_bytes(32, "big") + data
