"""The events of what goes otherwise: endings, replacements, exchanges, credits, declared errors, withdrawals."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.schemas.base import UNIQUE, EachOnce, Identifier
from app.api.schemas.event_base import MAX_ITEMS, BareEvent, EventRequest, groups_of
from app.api.schemas.groups import CorrectedValues, ProductValues, SupplementValues
from app.services.drafts import EventDraft, ItemDraft

Comparison = Literal[
    "quoted = ordered",
    "ordered = manufactured",
    "manufactured = invoiced",
    "quoted = invoiced",
    "manufactured = delivered",
]
ComparedGroup = Literal["product", "supplements", "correction", "coding", "price", "device"]
ComparedKind = Literal["quoted", "ordered", "manufactured", "drawn", "delivered", "invoiced"]
Nature = Literal["did_not_occur", "incorrect_data"]


class Acknowledged(BareEvent):
    """A glassmaker acknowledges an order."""

    type: Literal["acknowledged"]


class Mounted(BareEvent):
    """An optician has mounted an item."""

    type: Literal["mounted"]


class Substituted(EventRequest):
    """Optician and glassmaker each declare the same other product in place of what was quoted."""

    type: Literal["substituted"]
    item: Identifier
    product: ProductValues
    supplements: SupplementValues

    def to_draft(self, where: str) -> EventDraft:
        groups = groups_of(product=self.product, supplements=self.supplements)
        return EventDraft(kind=self.type, occurred_at=self._occurred(), item=self.item, groups=groups, where=where)


class Reasoned(EventRequest):
    """An event about one item that says why."""

    type: str
    item: Identifier
    reason: str

    def to_draft(self, where: str) -> EventDraft:
        return EventDraft(kind=self.type, occurred_at=self._occurred(), item=self.item, reason=self.reason, where=where)


class Cancelled(Reasoned):
    """An optician or a glassmaker cancels an item."""

    type: Literal["cancelled"]
    reason: Literal["wearer_withdrew", "cover_refused", "ordered_in_error", "not_available", "too_late", "other"]


class RefusedOnArrival(Reasoned):
    """An optician refuses an item that arrived."""

    type: Literal["refused_on_arrival"]
    reason: Literal["not_as_ordered", "damaged_in_transport", "defective", "arrived_twice", "other"]


class BrokenAtEdging(Reasoned):
    """An optician broke an item while edging it."""

    type: Literal["broken_at_edging"]
    reason: Literal["broken", "wrongly_edged", "coating_damaged", "other"]


class Returned(Reasoned):
    """An optician sends an item back to its glassmaker."""

    type: Literal["returned"]
    reason: Literal["not_as_ordered", "defective", "not_adapted", "not_collected", "recalled", "other"]


class Credited(Reasoned):
    """A glassmaker credits an item that it made."""

    type: Literal["credited"]
    reason: Literal["returned_goods", "commercial_gesture", "made_in_error", "lost_in_transport", "recalled", "other"]


class Exchanged(Reasoned):
    """An optician exchanges an invoiced item, `first`, for one that was quoted to replace it."""

    type: Literal["exchanged"]
    first: Identifier
    reason: Literal["not_adapted", "defective", "not_as_ordered", "recalled", "other"]

    def to_draft(self, where: str) -> EventDraft:
        return EventDraft(
            kind=self.type,
            occurred_at=self._occurred(),
            item=self.item,
            first=self.first,
            reason=self.reason,
            where=where,
        )


class ErrorDeclared(EventRequest):
    """
    A party declares an error in a step of one comparison, named as a case of the dossier names it.

    `corrected` holds the whole group as it should have been; it is left out if the step did not occur.
    """

    type: Literal["error_declared"]
    item: Identifier
    comparison: Comparison
    group: ComparedGroup
    in_error: ComparedKind = Field(description="the kind of step that is in error, one of the two compared")
    nature: Nature
    corrected: CorrectedValues | None = None

    def to_draft(self, where: str) -> EventDraft:
        return EventDraft(
            kind=self.type,
            where=where,
            occurred_at=self._occurred(),
            item=self.item,
            comparison=self.comparison,
            group=self.group,
            in_error=self.in_error,
            nature=self.nature,
            groups=groups_of(**{self.group: self.corrected}),
        )


class Withdrawn(EventRequest):
    """An optician takes an invoice back for some of its items; they may then be invoiced again."""

    type: Literal["withdrawn"]
    dossier: Identifier
    invoice: Annotated[int, Field(ge=0, le=7)] = Field(default=0, description="occurrence of the invoice")
    items: Annotated[list[Identifier], Field(min_length=1, max_length=MAX_ITEMS, json_schema_extra=UNIQUE), EachOnce]

    def to_draft(self, where: str) -> EventDraft:
        return EventDraft(
            kind=self.type,
            where=where,
            occurred_at=self._occurred(),
            dossier=self.dossier,
            invoice=self.invoice,
            items=tuple(ItemDraft(item, {}) for item in self.items),
        )
