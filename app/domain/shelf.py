"""
Where the rules find what is recorded and leave what follows: a shelf.

The ledger's rules read and write facts by identifier and know no table. A gateway puts its database behind this; tests
and a batch that is tried out put memory behind it.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from app.domain.facts import NOBODY, DossierState, ItemState, LotState, Nullifier
from app.domain.kinds import WITH_NULLIFIER, Kind
from app.domain.steps import Step

Identity = tuple[bytes, Kind, int, int]
"""Subject, kind, author and occurrence: recorded once."""


class Facts(Protocol):
    """Facts by identifier, read. What was never put is None, or empty."""

    def role(self, party: int) -> str | None:
        """The label of the role that the party was admitted in, whatever its state now; None for nobody."""

    def item(self, name: bytes) -> ItemState | None:
        """What is known of an item."""

    def dossier(self, name: bytes) -> DossierState | None:
        """What is known of a dossier."""

    def lot(self, name: bytes) -> LotState | None:
        """What is known of a lot."""

    def nullifier(self, value: bytes) -> Nullifier:
        """What a nullifier stands behind."""

    def step(self, subject: bytes, kind: Kind, author: int, occurrence: int) -> Step | None:
        """The recorded step of this identity."""

    def steps_on(self, subject: bytes, kinds: Collection[Kind]) -> Sequence[tuple[int, Step]]:
        """Author and step of every recorded step of these kinds with this subject, in the order of recording."""

    def steps_with(self, nullifier: bytes) -> Sequence[Step]:
        """Every recorded step that has this nullifier."""

    def items_of(self, dossier: bytes) -> Sequence[bytes]:
        """The items quoted under a dossier."""


class Shelf(Facts, Protocol):
    """Facts by identifier, read and written."""

    def put_item(self, name: bytes, state: ItemState) -> None:
        """Keep the state of an item."""

    def put_dossier(self, name: bytes, state: DossierState) -> None:
        """Keep the state of a dossier."""

    def put_lot(self, name: bytes, state: LotState) -> None:
        """Keep the state of a lot."""

    def put_nullifier(self, value: bytes, state: Nullifier) -> None:
        """Keep what a nullifier stands behind."""

    def put_step(self, author: int, step: Step) -> None:
        """Keep a recorded step under its identity."""


def known_item(shelf: Facts, name: bytes) -> ItemState:
    """An item that the rules have seen to be known."""
    state = shelf.item(name)
    if state is None:
        raise KeyError("the item is not known")
    return state


def known_dossier(shelf: Facts, name: bytes) -> DossierState:
    """The state of a dossier; an empty one before its first step."""
    return shelf.dossier(name) or DossierState()


def optician_of(name: bytes) -> int:
    """The party that made an item, dossier or lot."""
    return int.from_bytes(name[:4], "big")


def first_of(shelf: Facts, item: ItemState) -> ItemState | None:
    """The item that this one was exchanged for; None if it was not exchanged."""
    return None if item.first == NOBODY else shelf.item(item.first)


def holds(shelf: Facts, lot: bytes, party: int) -> bool:
    """Whether the party holds a lot: it was shipped to it, or a holder and the party both signed the transfer."""
    state = shelf.lot(lot)
    if state is not None and state.buyer == party:
        return True
    # Only a holder is recorded as naming another, so whoever named the party was one.
    signed = {author == party for author, step in shelf.steps_on(lot, (Kind.LOT_TRANSFERRED,)) if step.number == party}
    return len(signed) == 2


class MemoryShelf:
    """A shelf in memory; with `below`, what is not here is looked for there, and nothing is put there."""

    def __init__(self, roles: dict[int, str] | None = None, below: Facts | None = None) -> None:
        self._roles = roles or {}
        self._below = below
        self.items: dict[bytes, ItemState] = {}
        self.dossiers: dict[bytes, DossierState] = {}
        self.lots: dict[bytes, LotState] = {}
        self.nullifiers: dict[bytes, Nullifier] = {}
        self.steps: dict[Identity, Step] = {}
        self._with_nullifier: dict[bytes, list[Step]] = {}

    def role(self, party: int) -> str | None:
        """The role given at the start, or the one below."""
        found = self._roles.get(party)
        return self._below.role(party) if found is None and self._below else found

    def item(self, name: bytes) -> ItemState | None:
        """What is known of an item."""
        found = self.items.get(name)
        return self._below.item(name) if found is None and self._below else found

    def dossier(self, name: bytes) -> DossierState | None:
        """What is known of a dossier."""
        found = self.dossiers.get(name)
        return self._below.dossier(name) if found is None and self._below else found

    def lot(self, name: bytes) -> LotState | None:
        """What is known of a lot."""
        found = self.lots.get(name)
        return self._below.lot(name) if found is None and self._below else found

    def nullifier(self, value: bytes) -> Nullifier:
        """What a nullifier stands behind."""
        if value in self.nullifiers:
            return self.nullifiers[value]
        return self._below.nullifier(value) if self._below else Nullifier()

    def step(self, subject: bytes, kind: Kind, author: int, occurrence: int) -> Step | None:
        """The recorded step of this identity."""
        found = self.steps.get((subject, kind, author, occurrence))
        return self._below.step(subject, kind, author, occurrence) if found is None and self._below else found

    def steps_on(self, subject: bytes, kinds: Collection[Kind]) -> Sequence[tuple[int, Step]]:
        """Author and step of every recorded step of these kinds with this subject, in the order of recording."""
        below = self._below.steps_on(subject, kinds) if self._below else ()
        here = [
            (author, each)
            for (about, kind, author, _), each in self.steps.items()
            if about == subject and kind in kinds
        ]
        return [*below, *here]

    def steps_with(self, nullifier: bytes) -> Sequence[Step]:
        """Every recorded step that has this nullifier."""
        below = self._below.steps_with(nullifier) if self._below else ()
        return [*below, *self._with_nullifier.get(nullifier, ())]

    def items_of(self, dossier: bytes) -> Sequence[bytes]:
        """The items quoted under a dossier."""
        below = self._below.items_of(dossier) if self._below else ()
        here = (name for name, state in self.items.items() if state.dossier == dossier)
        return sorted({*below, *here})

    def put_item(self, name: bytes, state: ItemState) -> None:
        """Keep the state of an item."""
        self.items[name] = state

    def put_dossier(self, name: bytes, state: DossierState) -> None:
        """Keep the state of a dossier."""
        self.dossiers[name] = state

    def put_lot(self, name: bytes, state: LotState) -> None:
        """Keep the state of a lot."""
        self.lots[name] = state

    def put_nullifier(self, value: bytes, state: Nullifier) -> None:
        """Keep what a nullifier stands behind."""
        self.nullifiers[value] = state

    def put_step(self, author: int, step: Step) -> None:
        """Keep a recorded step under its identity."""
        self.steps[(step.subject, step.kind, author, step.occurrence)] = step
        if step.kind in WITH_NULLIFIER and step.nullifier is not None:
            self._with_nullifier.setdefault(step.nullifier, []).append(step)
