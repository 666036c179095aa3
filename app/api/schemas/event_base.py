"""What the events have in common that a party may post."""

from abc import abstractmethod

from pydantic import Field

from app.api.schemas.base import Identifier, Moment, Strict, seconds
from app.api.schemas.groups import Values
from app.services.drafts import EventDraft, RawValues

MAX_ITEMS = 16
"""Items that one dossier step may list; the ledger's own bound."""


def groups_of(**values: Values | None) -> dict[str, RawValues]:
    """The values of each group given, by the group's name."""
    return {name: group.raw() for name, group in values.items() if group is not None}


class EventRequest(Strict):
    """What all events have: when it happened, if that was not just now."""

    occurred_at: Moment | None = Field(default=None, description="left out: now")

    @abstractmethod
    def to_draft(self, where: str) -> EventDraft:
        """The event as the core takes it; `where` is its place in the body."""

    def _occurred(self) -> int | None:
        return None if self.occurred_at is None else seconds(self.occurred_at)


class BareEvent(EventRequest):
    """An event about one item that says nothing more."""

    type: str
    item: Identifier

    def to_draft(self, where: str) -> EventDraft:
        return EventDraft(kind=self.type, occurred_at=self._occurred(), item=self.item, groups={}, where=where)
