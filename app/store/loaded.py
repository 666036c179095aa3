"""The facts of dossiers that hang together, read at once: judging them asks for the same rows again and again."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Connection, select

from app.domain.kinds import WITH_NULLIFIER, Kind
from app.domain.steps import Step
from app.store.ledger_tables import ledger_dossiers, ledger_items
from app.store.notices import in_parts
from app.store.read_model import RecordedStep, steps_of_dossiers
from app.store.shelf import StoredFacts, dossier_state, item_state

_Found = TypeVar("_Found")


class LoadedFacts(StoredFacts):
    """
    The facts of all of `dossiers` up to the step `until`; states of other items and dossiers come from the tables.

    `dossiers` must be whole: with each of them, all that are linked to it (`app.store.links.linked`). Where steps or
    items of others are asked for, they are not, and LookupError is raised.
    """

    def __init__(self, connection: Connection, dossiers: Collection[str], until: int) -> None:
        super().__init__(connection)
        self._seen: dict[str, list[RecordedStep]] = {name: [] for name in dossiers}
        self._on: dict[bytes, list[RecordedStep]] = defaultdict(list)
        self._with: dict[bytes, list[Step]] = defaultdict(list)
        self._inside: dict[bytes, list[bytes]] = {bytes.fromhex(name): [] for name in dossiers}
        self.verdicts: dict[bytes, int] = {}
        """Of each item and dossier, the verdict that its row has."""
        for part in in_parts(dossiers):
            self._load(part, until)

    def _load(self, dossiers: Sequence[str], until: int) -> None:
        items, wholes = (table.c.dossier.in_(dossiers) for table in (ledger_items, ledger_dossiers))
        for row in self._connection.execute(select(ledger_items).where(items).order_by(ledger_items.c.item)):
            name, state = bytes.fromhex(row.item), item_state(row)
            self._items[name], self.verdicts[name] = state, row.verdict
            self._inside[state.dossier].append(name)
        for row in self._connection.execute(select(ledger_dossiers).where(wholes)):
            name = bytes.fromhex(row.dossier)
            self._dossiers[name], self.verdicts[name] = dossier_state(row), row.verdict
        for one in steps_of_dossiers(self._connection, dossiers, until):
            self._seen[one.dossier].append(one)
            self._on[one.step.subject].append(one)
            if one.step.kind in WITH_NULLIFIER and one.step.nullifier is not None:
                self._with[one.step.nullifier].append(one.step)

    def seen(self, dossier: str) -> list[RecordedStep]:
        """The steps of a dossier and of its items, in the order of the ledger."""
        return self._seen[dossier]

    def step(self, subject: bytes, kind: Kind, author: int, occurrence: int) -> Step | None:
        """The recorded step of this identity."""
        wanted = (kind, author, occurrence)
        found = (one.step for one in self._of(subject) if (one.step.kind, one.party, one.step.occurrence) == wanted)
        return next(found, None)

    def steps_on(self, subject: bytes, kinds: Collection[Kind]) -> Sequence[tuple[int, Step]]:
        """Author and step of every recorded step of these kinds with this subject, in the order of recording."""
        return [(one.party, one.step) for one in self._of(subject) if one.step.kind in kinds]

    def steps_with(self, nullifier: bytes) -> Sequence[Step]:
        """Every recorded step that has this nullifier."""
        # Whoever has it is linked to the dossier that it was found in.
        return _known(self._with, nullifier)

    def items_of(self, dossier: bytes) -> Sequence[bytes]:
        """The items quoted under a dossier."""
        return _known(self._inside, dossier)

    def _of(self, subject: bytes) -> Sequence[RecordedStep]:
        item = self._items.get(subject)
        _known(self._inside, subject if item is None else item.dossier)
        return self._on[subject]


def _known(found: Mapping[bytes, Sequence[_Found]], name: bytes) -> Sequence[_Found]:
    if name not in found:
        # An answer from the tables would hide that the dossiers are not whole, and may hold later steps.
        raise LookupError("asked of a dossier that was not loaded with those that it is linked to")
    return found[name]
