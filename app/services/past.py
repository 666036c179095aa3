"""
What a party has done so far: its accepted events, and its steps that the ledger shows.

Both count. After a database was restored from a copy, the ledger may know more than the events here; a step that
stands there cannot be recorded again.
"""

from app.domain.steps import DOSSIER_KINDS, Kind, Step
from app.store import outbox, read_model
from app.store.database import Connection


class Past:
    """The steps of one party about the subjects that are asked for; each subject is read once."""

    def __init__(self, connection: Connection, party: int) -> None:
        self._connection = connection
        self._party = party
        self._read: set[str] = set()
        self._done: set[tuple[str, Kind, int]] = set()
        self._invoiced: set[bytes] = set()
        self._checks: set[tuple[bytes, bytes]] = set()

    def add(self, step: Step) -> None:
        """Count a step that is about to be signed."""
        self._done.add((step.subject.hex(), step.kind, step.occurrence))
        if step.kind is Kind.INVOICED:
            self._invoiced.update(step.items)
        if step.kind is Kind.VERIFIED:
            self._checks.add((step.subject, step.detail))

    def has(self, kind: Kind, subject: str) -> bool:
        """Whether the party did this to the item."""
        self._look_up(subject)
        return (subject, kind, 0) in self._done

    def free_occurrence(self, kind: Kind, subject: str) -> int:
        """The lowest number that no step of this kind about the subject has; 0 for kinds that happen once."""
        if kind not in DOSSIER_KINDS:
            return 0
        self._look_up(subject)
        number = 0
        while (subject, kind, number) in self._done:
            number += 1
        return number

    def invoiced(self, dossier: str, item: str) -> bool:
        """Whether an invoice of the dossier lists the item."""
        self._look_up(dossier)
        return bytes.fromhex(item) in self._invoiced

    def checked(self, dossier: str, detail: bytes) -> bool:
        """Whether the party recorded a check of the dossier with exactly this content."""
        self._look_up(dossier)
        return (bytes.fromhex(dossier), detail) in self._checks

    def _look_up(self, subject: str) -> None:
        if subject in self._read:
            return
        self._read.add(subject)
        for event in outbox.events_of(self._connection, self._party, subjects=[subject], dossiers=[subject]):
            self.add(event.step)
        for step in read_model.steps_by(self._connection, self._party, subject):
            self.add(step)
