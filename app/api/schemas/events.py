"""The events that a party may post, told apart by `type`."""

from abc import abstractmethod
from typing import Annotated, Literal

from pydantic import Field

from app.api.schemas.base import UNIQUE, EachOnce, Identifier, Moment, Party, Reference, Strict, seconds
from app.api.schemas.groups import (
    ClaimValues,
    CodingValues,
    CorrectionValues,
    DeviceValues,
    ItemSchema,
    PriceValues,
    ProductValues,
    ReferenceValues,
    RenewalValues,
    SupplementValues,
    Values,
)
from app.services.drafts import EventDraft, ItemDraft, RawValues

Verdict = Literal["conform", "justified", "incomplete", "non_conform"]
Case = Literal[
    "PRODUCT_MISMATCH",
    "SUPPLEMENT_NOT_SUPPLIED",
    "CORRECTION_MISMATCH",
    "CODING_MISMATCH",
    "PRICE_SHIFT",
    "DEVICE_MISMATCH",
    "HIDDEN_ITEM",
    "DUPLICATE_USE",
    "RETURN_NOT_DECLARED",
    "CANCELLED_BUT_INVOICED",
    "FICTITIOUS_EQUIPMENT",
    "FALSE_RENEWAL",
    "FALSE_BREAKAGE",
    "OUT_OF_SEQUENCE",
]

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


class Quoted(EventRequest):
    """An optician quotes one item. The same `dossier_reference` joins items in one dossier."""

    type: Literal["quoted"]
    dossier_reference: Reference = Field(examples=["2026-00117"])
    item_reference: Reference = Field(examples=["2026-00117-R"])
    schema_: ItemSchema = Field(alias="schema")
    glassmaker: Annotated[int, Field(ge=0, le=2**32 - 1)] | None = Field(
        description="party number of the item's glassmaker, for good; null (or 0) if it is not on the network"
    )
    product: ProductValues
    supplements: SupplementValues
    coding: CodingValues
    price: PriceValues
    correction: CorrectionValues | None = Field(
        default=None,
        description="to derive the grouped code from, by the mapping table; neither committed to nor kept",
    )

    def to_draft(self, where: str) -> EventDraft:
        groups = groups_of(
            product=self.product,
            supplements=self.supplements,
            coding=self.coding,
            price=self.price,
            correction=self.correction,
        )
        return EventDraft(
            kind=self.type,
            where=where,
            occurred_at=self._occurred(),
            schema=self.schema_,
            dossier_reference=self.dossier_reference,
            item_reference=self.item_reference,
            glassmaker=self.glassmaker or 0,
            groups=groups,
        )


class Ordered(EventRequest):
    """An optician orders a quoted item from its glassmaker."""

    type: Literal["ordered"]
    item: Identifier
    product: ProductValues
    supplements: SupplementValues
    correction: CorrectionValues

    def to_draft(self, where: str) -> EventDraft:
        groups = groups_of(product=self.product, supplements=self.supplements, correction=self.correction)
        return EventDraft(kind=self.type, occurred_at=self._occurred(), item=self.item, groups=groups, where=where)


class Manufactured(EventRequest):
    """
    A glassmaker attests what it made, with the grouped code of what it really made.

    Where the gateway holds the mapping table, code and class may be left out and are derived; others are refused.
    """

    type: Literal["manufactured"]
    item: Identifier
    product: ProductValues
    supplements: SupplementValues
    correction: CorrectionValues
    coding: CodingValues
    device: DeviceValues
    reference: ReferenceValues

    def to_draft(self, where: str) -> EventDraft:
        groups = groups_of(
            product=self.product,
            supplements=self.supplements,
            correction=self.correction,
            coding=self.coding,
            device=self.device,
            reference=self.reference,
        )
        return EventDraft(kind=self.type, occurred_at=self._occurred(), item=self.item, groups=groups, where=where)


class Shipped(EventRequest):
    """A glassmaker ships an item that it made."""

    type: Literal["shipped"]
    item: Identifier

    def to_draft(self, where: str) -> EventDraft:
        return EventDraft(kind=self.type, occurred_at=self._occurred(), item=self.item, groups={}, where=where)


class Received(EventRequest):
    """An optician receives an item that it ordered."""

    type: Literal["received"]
    item: Identifier

    def to_draft(self, where: str) -> EventDraft:
        return EventDraft(kind=self.type, occurred_at=self._occurred(), item=self.item, groups={}, where=where)


class Delivered(EventRequest):
    """An optician hands an item to the wearer."""

    type: Literal["delivered"]
    item: Identifier
    device: DeviceValues

    def to_draft(self, where: str) -> EventDraft:
        groups = groups_of(device=self.device)
        return EventDraft(kind=self.type, occurred_at=self._occurred(), item=self.item, groups=groups, where=where)


class InvoicedItem(Strict):
    """One line of an invoice."""

    item: Identifier
    product: ProductValues
    supplements: SupplementValues
    coding: CodingValues
    price: PriceValues

    def to_draft(self) -> ItemDraft:
        """The line as the core takes it."""
        groups = groups_of(product=self.product, supplements=self.supplements, coding=self.coding, price=self.price)
        return ItemDraft(self.item, groups)


class Invoiced(EventRequest):
    """An optician invoices a dossier: every live item of it, or it says `partial`."""

    type: Literal["invoiced"]
    dossier: Identifier
    partial: bool = False
    insurers: Annotated[list[Party], Field(max_length=2, json_schema_extra=UNIQUE), EachOnce] = Field(
        description="the insurers who may check it, none for a wearer who pays"
    )
    claim: ClaimValues
    renewal: RenewalValues | None = None
    items: Annotated[list[InvoicedItem], Field(min_length=1, max_length=MAX_ITEMS)]

    def to_draft(self, where: str) -> EventDraft:
        return EventDraft(
            kind=self.type,
            where=where,
            occurred_at=self._occurred(),
            dossier=self.dossier,
            groups=groups_of(claim=self.claim, renewal=self.renewal),
            items=tuple(line.to_draft() for line in self.items),
            partial=self.partial,
            insurers=tuple(self.insurers),
        )


class Verified(EventRequest):
    """A named insurer records what it found; `POST /v1/verifications` makes one from the check itself."""

    type: Literal["verified"]
    dossier: Identifier
    invoice: Annotated[int, Field(ge=0, le=255)] = Field(default=0, description="occurrence of the invoice checked")
    verdict: Verdict
    cases: Annotated[list[Case], Field(max_length=14, json_schema_extra=UNIQUE), EachOnce]

    def to_draft(self, where: str) -> EventDraft:
        return EventDraft(
            kind=self.type,
            where=where,
            occurred_at=self._occurred(),
            dossier=self.dossier,
            verdict=self.verdict,
            cases=tuple(self.cases),
            invoice=self.invoice,
        )


Event = Annotated[
    Quoted | Ordered | Manufactured | Shipped | Received | Delivered | Invoiced | Verified,
    Field(discriminator="type"),
]
