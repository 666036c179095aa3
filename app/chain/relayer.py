"""
An account that pays nothing: the chains this runs on take a gas price of zero.

For setting up and for the council's acts, where one process sends a few transactions and waits for each
outcome. The steps of parties go another way, which survives being killed at any moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from hexbytes import HexBytes
from web3 import Web3
from web3.types import TxParams, TxReceipt, Wei

_POLL_SECONDS = 0.1
_WAIT_SECONDS = 120.0


class TransactionReverted(Exception):
    """A transaction that could be expected to succeed is in a block, and changed nothing."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of `to` with `data`; `to` is None where `data` is the code of a contract to be created."""

    to: ChecksumAddress | None
    data: HexBytes


class Relayer:
    """Sends transactions of `account` through `node`. Nothing else sends with the same account meanwhile."""

    def __init__(self, node: Web3, account: LocalAccount) -> None:
        self.node = node
        self.account = account
        self._chain_id = node.eth.chain_id

    def send(self, call: Call) -> HexBytes:
        """
        Send `call` and return its hash at once.

        A call that would revert in the latest block is not sent: the node's `ContractLogicError` says why.
        """
        transaction: TxParams = {
            "chainId": self._chain_id,
            "data": call.data,
            "gasPrice": Wei(0),
            "nonce": self.node.eth.get_transaction_count(self.account.address, "pending"),
            "value": Wei(0),
        }
        if call.to is not None:
            transaction["to"] = call.to
        # What the call needs may grow a little with the blocks before its own.
        needed = self.node.eth.estimate_gas({**transaction, "from": self.account.address})
        transaction["gas"] = needed * 5 // 4
        signed = self.account.sign_transaction(cast(dict[str, Any], transaction))
        return self.node.eth.send_raw_transaction(signed.raw_transaction)

    def receipts(self, hashes: Iterable[HexBytes]) -> list[TxReceipt]:
        """Wait until all of `hashes` are in blocks; `TransactionReverted` if one of them reverted there."""
        found = [self.node.eth.wait_for_transaction_receipt(each, _WAIT_SECONDS, _POLL_SECONDS) for each in hashes]
        for receipt in found:
            if receipt["status"] != 1:
                raise TransactionReverted(f"transaction {receipt['transactionHash'].to_0x_hex()} reverted")
        return found

    def transact(self, *calls: Call) -> list[TxReceipt]:
        """Send `calls`, none of which needs another's effect, and wait for all."""
        return self.receipts([self.send(call) for call in calls])
