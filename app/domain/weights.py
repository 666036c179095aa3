"""
What a step costs at most, in gas: how lists are cut and transactions filled.

A list must fit one transaction with every step at its dearest, and a transaction stays under 16.7 million gas, the
limit that later forks set for one transaction. The figures are upper bounds; a test on a real chain holds them.
"""

from collections.abc import Iterable

from app.domain.steps import Kind, Step

TRANSACTION_GAS = 16_000_000
LIST_GAS = 8_000_000
TRANSACTION_BASE = 60_000
LIST_BASE = 50_000

_STEP: dict[Kind, int] = {
    Kind.QUOTED: 80_000,
    Kind.ORDERED: 45_000,
    Kind.MANUFACTURED: 70_000,
    Kind.SHIPPED: 22_000,
    Kind.RECEIVED: 22_000,
    Kind.DELIVERED: 40_000,
    Kind.INVOICED: 35_000,
    Kind.VERIFIED: 50_000,
    Kind.ACKNOWLEDGED: 22_000,
    Kind.MOUNTED: 22_000,
    Kind.DRAWN: 160_000,
    Kind.SUBSTITUTED: 145_000,
    Kind.CANCELLED: 85_000,
    Kind.REFUSED_ON_ARRIVAL: 30_000,
    Kind.BROKEN_AT_EDGING: 30_000,
    Kind.RETURNED: 30_000,
    Kind.CREDITED: 50_000,
    Kind.EXCHANGED: 100_000,
    Kind.ERROR_DECLARED: 140_000,
    Kind.BREAKAGE_REPLACED: 90_000,
    Kind.WITHDRAWN: 60_000,
}
_OTHER = 80_000
_EACH_ITEM: dict[Kind, int] = {Kind.INVOICED: 45_000, Kind.WITHDRAWN: 45_000}
_SHOWN = 26_000
"""A nullifier that `delivered` shows takes a slot of its own."""


def step_gas(step: Step) -> int:
    """The most that recording this step can cost."""
    shown = _SHOWN if step.kind is Kind.DELIVERED and len(step.words) > 1 else 0
    return _STEP.get(step.kind, _OTHER) + shown + _EACH_ITEM.get(step.kind, 0) * len(step.items)


def list_gas(steps: Iterable[Step]) -> int:
    """The most that recording a list of these steps can cost, beside the transaction's own base."""
    return LIST_BASE + sum(step_gas(step) for step in steps)
