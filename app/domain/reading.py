"""
What is judged when it is read: times, against now, against blocks, and against each other.

The ledger records claimed times and believes none; an outage window may be anchored afterwards. So none of this is a
state: it follows from the recorded steps, the windows and the present moment.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.domain.kinds import Kind
from app.domain.steps import Step

LATE = 48 * 3600
"""Seconds between claimed time and block after which a step counts as late."""

TOLERANCE = 15 * 60
"""Seconds by which the claimed times of two parties may contradict each other: clocks differ."""

UNMADE = 30 * 24 * 3600
"""Seconds after an invoice from which an item that was never made is called fictitious."""

IN_ORDER: tuple[tuple[Kind, Kind], ...] = (
    (Kind.ORDERED, Kind.ACKNOWLEDGED),
    (Kind.ORDERED, Kind.MANUFACTURED),
    (Kind.MANUFACTURED, Kind.RECEIVED),
    (Kind.SHIPPED, Kind.RECEIVED),
    (Kind.MANUFACTURED, Kind.DELIVERED),
    (Kind.INVOICED, Kind.VERIFIED),
)
"""Two parties' steps of which the first is never claimed after the second."""


class Seen(Protocol):
    """A recorded step with its author and the time of its block."""

    @property
    def step(self) -> Step:
        """The step."""

    @property
    def party(self) -> int:
        """Who signed it."""

    @property
    def block_time(self) -> int:
        """Time of its block, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The moment of reading, the outage windows that the council anchored, and the recorded steps of the dossier."""

    now: int
    steps: Sequence[Seen] = ()
    windows: tuple[tuple[int, int], ...] = ()

    def is_late(self, seen: Seen) -> bool:
        """Whether a step was claimed long before its block, and in no outage."""
        claimed = seen.step.claimed_at
        in_outage = any(start <= claimed <= end for start, end in self.windows)
        return seen.block_time - claimed > LATE and not in_outage

    def about(self, item: bytes) -> list[Seen]:
        """The steps of an item, the invoices of it, and the checks of these."""
        found = [seen for seen in self.steps if item in seen.step.items]
        invoices = {(seen.step.subject, seen.step.occurrence) for seen in found if seen.step.kind is Kind.INVOICED}
        checks = (seen for seen in self.steps if seen.step.kind is Kind.VERIFIED)
        return found + [seen for seen in checks if (seen.step.subject, seen.step.invoice) in invoices]

    def with_head(self, head: bytes) -> Seen | None:
        """The recorded step with this head; None if it is not among those read."""
        return next((seen for seen in self.steps if seen.step.head == head), None)


def contradictions(steps: Iterable[Seen], denied: Iterable[Kind] = ()) -> list[tuple[Kind, Kind]]:
    """
    The pairs of kinds that two parties claim in the wrong order, of the steps about one item.

    Kinds in `denied` are those that both parties say did not occur.
    """
    by_kind: dict[Kind, list[Seen]] = {}
    for seen in steps:
        by_kind.setdefault(seen.step.kind, []).append(seen)
    skipped = set(denied)
    return [
        pair
        for pair in IN_ORDER
        if not skipped & set(pair)
        and any(_contradict(one, other) for one in by_kind.get(pair[0], ()) for other in by_kind.get(pair[1], ()))
    ]


def _contradict(first: Seen, second: Seen) -> bool:
    if second.step.kind is Kind.VERIFIED and second.step.invoice != first.step.occurrence:
        return False
    return first.party != second.party and first.step.claimed_at > second.step.claimed_at + TOLERANCE
