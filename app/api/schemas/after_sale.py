"""The events of a sale that follows another one: under breakage warranty, or sooner than the legal delay."""

from typing import Literal

from pydantic import Field

from app.api.schemas.base import Identifier
from app.api.schemas.event_base import EventRequest, groups_of
from app.api.schemas.groups import StatementValues
from app.services.drafts import EventDraft


class BreakageReplaced(EventRequest):
    """An optician says that one sale replaces, under breakage warranty, what was handed over in another."""

    type: Literal["breakage_replaced"]
    dossier: Identifier
    first: Identifier = Field(description="the optician's own dossier whose equipment broke")

    def to_draft(self, where: str) -> EventDraft:
        return EventDraft(
            kind=self.type, occurred_at=self._occurred(), dossier=self.dossier, first=self.first, where=where
        )


class RenewalStated(EventRequest):
    """
    An optician states, later than in the invoice, that an early renewal is lawful.

    What is stated is committed to and opened to nobody; that it was stated is what counts.
    """

    type: Literal["renewal_stated"]
    dossier: Identifier
    statement: StatementValues

    def to_draft(self, where: str) -> EventDraft:
        groups = groups_of(statement=self.statement)
        return EventDraft(
            kind=self.type, occurred_at=self._occurred(), dossier=self.dossier, groups=groups, where=where
        )


AfterSale = BreakageReplaced | RenewalStated
