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
    Kind.QUOTED: 110_000,
    Kind.ORDERED: 60_000,
    Kind.MANUFACTURED: 120_000,
    Kind.SHIPPED: 35_000,
    Kind.RECEIVED: 35_000,
    Kind.DELIVERED: 90_000,
    Kind.INVOICED: 60_000,
    Kind.VERIFIED: 60_000,
    Kind.DRAWN: 160_000,
    Kind.SUBSTITUTED: 130_000,
    Kind.ERROR_DECLARED: 130_000,
    Kind.EXCHANGED: 130_000,
    Kind.BREAKAGE_REPLACED: 90_000,
}
_OTHER = 80_000
_EACH_ITEM: dict[Kind, int] = {Kind.INVOICED: 50_000, Kind.WITHDRAWN: 60_000}


def step_gas(step: Step) -> int:
    """The most that recording this step can cost."""
    return _STEP.get(step.kind, _OTHER) + _EACH_ITEM.get(step.kind, 0) * len(step.items)


def list_gas(steps: Iterable[Step]) -> int:
    """The most that recording a list of these steps can cost, beside the transaction's own base."""
    return LIST_BASE + sum(step_gas(step) for step in steps)
