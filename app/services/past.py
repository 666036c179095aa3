"""
What a party has done so far: its accepted events, and its steps that the ledger shows.

Both count. After a database was restored from a copy, the ledger may know more than the events here; a step that
stands there cannot be recorded again.
"""

from app.domain.kinds import COUNTED
from app.domain.steps import Kind, Step
from app.store import outbox, read_model
from app.store.database import Connection


class Past:
    """The steps of one party about the subjects that are asked for; each subject is read once."""

    def __init__(self, connection: Connection, party: int) -> None:
        self._connection = connection
        self._party = party
        self._read: set[str] = set()
        self._done: dict[tuple[str, Kind, int], Step] = {}
        self._withdrawn: set[tuple[str, int, str]] = set()
        self._replaced: set[str] = set()

    def add(self, step: Step) -> None:
        """Count a step that is about to be signed."""
        subject = step.subject.hex()
        self._done[subject, step.kind, step.occurrence] = step
        if step.kind is Kind.WITHDRAWN:
            self._withdrawn.update((subject, step.invoice, item.hex()) for item in step.items)
        if step.kind is Kind.QUOTED and step.replaces is not None:
            self._replaced.add(step.replaces.hex())

    def step(self, kind: Kind, subject: str, occurrence: int = 0) -> Step | None:
        """What the party did to the item or dossier."""
        self._look_up(subject)
        return self._done.get((subject, kind, occurrence))

    def has(self, kind: Kind, subject: str) -> bool:
        """Whether the party did this to the item."""
        return self.step(kind, subject) is not None

    def free_occurrence(self, kind: Kind, subject: str) -> int:
        """The lowest number that no step of this kind about the subject has; 0 for kinds that happen once."""
        if kind not in COUNTED and kind is not Kind.INVOICED:
            return 0
        self._look_up(subject)
        number = 0
        while (subject, kind, number) in self._done:
            number += 1
        return number

    def invoiced(self, dossier: str, item: str) -> bool:
        """Whether an invoice of the dossier lists the item, and was not withdrawn for it."""
        self._look_up(dossier)
        invoices = [number for subject, kind, number in self._done if (subject, kind) == (dossier, Kind.INVOICED)]
        return any(self.stands(dossier, number, item) for number in invoices)

    def stands(self, dossier: str, invoice: int, item: str) -> bool:
        """Whether this invoice lists the item, and was not withdrawn for it."""
        step = self.step(Kind.INVOICED, dossier, invoice)
        listed = step is not None and bytes.fromhex(item) in step.items
        return listed and (dossier, invoice, item) not in self._withdrawn

    def replaced(self, dossier: str, item: str) -> bool:
        """Whether another item of the dossier was quoted to take the place of this one."""
        self._look_up(dossier)
        return item in self._replaced

    def said(self, kind: Kind, subject: str, detail: bytes, words: tuple[bytes, ...] | None = None) -> bool:
        """Whether the party recorded such a step about the subject with this detail, and with these words if given."""
        return any(step.detail == detail and words in (None, step.words) for step in self.steps(kind, subject))

    def steps(self, kind: Kind, subject: str) -> list[Step]:
        """What the party did of this kind to the item or dossier."""
        self._look_up(subject)
        return [step for (name, each, _), step in self._done.items() if (name, each) == (subject, kind)]

    def _look_up(self, subject: str) -> None:
        if subject in self._read:
            return
        self._read.add(subject)
        for event in outbox.events_of(self._connection, self._party, subjects=[subject], dossiers=[subject]):
            self.add(event.step)
        for step in read_model.steps_by(self._connection, self._party, subject):
            self.add(step)
