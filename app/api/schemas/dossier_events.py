"""The events between optician and insurer about a dossier: cover, decisions, answers, and demands to open."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.schemas.base import Identifier, Moment, Party, seconds
from app.api.schemas.event_base import EventRequest
from app.api.schemas.groups import CoverValues, GrantValues
from app.services.drafts import EventDraft, RawValues

Occurrence = Annotated[int, Field(ge=0, le=255)]
Decision = Literal["settled", "questioned", "refused", "recovered"]
DecisionReason = Literal[
    "as_checked", "proof_missing", "case_found", "not_covered", "cover_exhausted", "paid_already", "other"
]
DemandedGroup = Literal["product", "supplements", "correction", "coding", "price", "device", "renewal"]


class CoverRequested(EventRequest):
    """
    An optician asks an insurer to cover a dossier, before anything is ordered.

    The insurer's gateway is sent the values, with grouped codes and prices as quoted.
    """

    type: Literal["cover_requested"]
    dossier: Identifier
    insurer: Party
    cover: CoverValues

    def to_draft(self, where: str) -> EventDraft:
        return EventDraft(
            kind=self.type,
            where=where,
            occurred_at=self._occurred(),
            dossier=self.dossier,
            named=self.insurer,
            groups={"cover": self.cover.raw()},
        )


class CoverAnswered(EventRequest):
    """The insurer asked answers a request for cover; the optician's gateway is sent what it grants."""

    type: Literal["cover_answered"]
    dossier: Identifier
    request: Occurrence = Field(default=0, description="occurrence of the request")
    answer: Literal["granted", "refused", "pending"]
    grant: GrantValues | None = Field(default=None, description="with `granted`, and with nothing else")

    def to_draft(self, where: str) -> EventDraft:
        groups: dict[str, RawValues] = {} if self.grant is None else {"grant": self.grant.raw()}
        return EventDraft(
            kind=self.type,
            where=where,
            occurred_at=self._occurred(),
            dossier=self.dossier,
            about=self.request,
            answer=self.answer,
            groups=groups,
        )


class CoverCancelled(EventRequest):
    """An optician takes a request for cover back, so that the wearer's right is free again."""

    type: Literal["cover_cancelled"]
    dossier: Identifier
    request: Occurrence = Field(default=0, description="occurrence of the request")

    def to_draft(self, where: str) -> EventDraft:
        return EventDraft(
            kind=self.type, where=where, occurred_at=self._occurred(), dossier=self.dossier, about=self.request
        )


class Decided(EventRequest):
    """An insurer decides after a check that it recorded; a question has a deadline."""

    type: Literal["decided"]
    dossier: Identifier
    check: Occurrence = Field(default=0, description="occurrence of the insurer's own `verified`")
    decision: Decision
    reason: DecisionReason
    deadline: Moment | None = Field(default=None, description="with `questioned`, and with nothing else")

    def to_draft(self, where: str) -> EventDraft:
        return EventDraft(
            kind=self.type,
            where=where,
            occurred_at=self._occurred(),
            dossier=self.dossier,
            about=self.check,
            decision=self.decision,
            reason=self.reason,
            deadline=None if self.deadline is None else seconds(self.deadline),
        )


class Answered(EventRequest):
    """An optician answers a decision, or a demand to open, with an event of its own about the dossier."""

    type: Literal["answered"]
    dossier: Identifier
    party: Party = Field(description="the insurer or auditor who decided or demanded")
    answers: Literal["decided", "opening_demanded"]
    occurrence: Occurrence = Field(default=0, description="of that decision or demand")
    event: Identifier = Field(description="id of the event that answers; it may be older")

    def to_draft(self, where: str) -> EventDraft:
        return EventDraft(
            kind=self.type,
            where=where,
            occurred_at=self._occurred(),
            dossier=self.dossier,
            named=self.party,
            answers=self.answers,
            about=self.occurrence,
            event=self.event,
        )


class OpeningDemanded(EventRequest):
    """An insurer or auditor asks to be shown a group of an item. It opens nothing by itself."""

    type: Literal["opening_demanded"]
    dossier: Identifier
    item: Identifier
    group: DemandedGroup

    def to_draft(self, where: str) -> EventDraft:
        return EventDraft(
            kind=self.type,
            where=where,
            occurred_at=self._occurred(),
            dossier=self.dossier,
            item=self.item,
            group=self.group,
        )


DossierEvent = CoverRequested | CoverAnswered | CoverCancelled | Decided | Answered | OpeningDemanded
