"""The facts of dossiers that hang together, read at once: judging them asks for the same rows again and again."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, select

from app.domain.kinds import WITH_NULLIFIER, Kind
from app.domain.steps import Step
from app.store.ledger_tables import ledger_dossiers, ledger_items
from app.store.notices import in_parts
from app.store.read_model import RecordedStep, steps_of_dossiers
from app.store.shelf import StoredFacts, dossier_state, item_state


class LoadedFacts(StoredFacts):
    """
    The facts of all of `dossiers` up to the step `until`; what is asked of others comes from the tables as before.

    `dossiers` must be whole: with each of them, all that are linked to it (`app.store.links.linked`).
    """

    def __init__(self, connection: Connection, dossiers: Collection[str], until: int) -> None:
        super().__init__(connection, until + 1)
        self._seen: dict[str, list[RecordedStep]] = {name: [] for name in dossiers}
        self._on: dict[bytes, list[RecordedStep]] = defaultdict(list)
        self._with: dict[bytes, list[Step]] = defaultdict(list)
        self._inside: dict[bytes, list[bytes]] = {bytes.fromhex(name): [] for name in dossiers}
        self.verdicts: dict[bytes, int] = {}
        """Of each item and dossier, the verdict that its row has."""
        for part in in_parts(dossiers):
            self._load(part)

    def _load(self, dossiers: Sequence[str]) -> None:
        items, wholes = (table.c.dossier.in_(dossiers) for table in (ledger_items, ledger_dossiers))
        for row in self._connection.execute(select(ledger_items).where(items).order_by(ledger_items.c.item)):
            name, state = bytes.fromhex(row.item), item_state(row)
            self._items[name], self.verdicts[name] = state, row.verdict
            self._inside[state.dossier].append(name)
        for row in self._connection.execute(select(ledger_dossiers).where(wholes)):
            name = bytes.fromhex(row.dossier)
            self._dossiers[name], self.verdicts[name] = dossier_state(row), row.verdict
        for one in steps_of_dossiers(self._connection, dossiers, self._before - 1 if self._before else None):
            self._seen[one.dossier].append(one)
            self._on[one.step.subject].append(one)
            if one.step.kind in WITH_NULLIFIER and one.step.nullifier is not None:
                self._with[one.step.nullifier].append(one.step)

    def seen(self, dossier: str) -> list[RecordedStep]:
        """The steps of a dossier and of its items, in the order of the ledger."""
        return self._seen[dossier]

    def step(self, subject: bytes, kind: Kind, author: int, occurrence: int) -> Step | None:
        """The recorded step of this identity."""
        if not self._is_loaded(subject):
            return super().step(subject, kind, author, occurrence)
        wanted = (kind, author, occurrence)
        found = (one.step for one in self._on[subject] if (one.step.kind, one.party, one.step.occurrence) == wanted)
        return next(found, None)

    def steps_on(self, subject: bytes, kinds: Collection[Kind]) -> Sequence[tuple[int, Step]]:
        """Author and step of every recorded step of these kinds with this subject, in the order of recording."""
        if not self._is_loaded(subject):
            return super().steps_on(subject, kinds)
        return [(one.party, one.step) for one in self._on[subject] if one.step.kind in kinds]

    def steps_with(self, nullifier: bytes) -> Sequence[Step]:
        """Every recorded step that has this nullifier."""
        # Whoever has it is linked to the dossier that it was found in.
        return self._with[nullifier] if nullifier in self._with else super().steps_with(nullifier)

    def items_of(self, dossier: bytes) -> Sequence[bytes]:
        """The items quoted under a dossier."""
        return self._inside[dossier] if dossier in self._inside else super().items_of(dossier)

    def _is_loaded(self, subject: bytes) -> bool:
        item = self._items.get(subject)
        return subject in self._inside or (item is not None and item.dossier in self._inside)
