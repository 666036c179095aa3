"""The events that a party may post, told apart by `type`."""

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from app.api.errors import Fault, InvalidRequest
from app.api.faults import fault
from app.api.schemas.after_sale import AfterSale
from app.api.schemas.base import UNIQUE, EachOnce, Identifier, Party, Reference, Strict
from app.api.schemas.dossier_events import DossierEvent
from app.api.schemas.event_base import MAX_ITEMS, BareEvent, EventRequest, groups_of
from app.api.schemas.exceptions import (
    Acknowledged,
    BrokenAtEdging,
    Cancelled,
    Credited,
    ErrorDeclared,
    Exchanged,
    Mounted,
    RefusedOnArrival,
    Returned,
    Substituted,
    Withdrawn,
)
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
)
from app.api.schemas.stock_events import Stock
from app.services.drafts import EventDraft, ItemDraft

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

_AS_REPLACED = ("dossier_reference", "product", "supplements", "coding", "price", "correction")
_NEEDED = _AS_REPLACED[:5]
_ABSENT: Final[JsonDict] = {"type": "null"}
_INHERITED = ("unknown_field", "an item that replaces another has this from it", "Leave it out.")
_EACH_ABSENT: Final[JsonDict] = {**dict.fromkeys(_AS_REPLACED, _ABSENT)}
_EACH_GIVEN: Final[JsonDict] = {name: {"not": _ABSENT} for name in _NEEDED}


class Quoted(EventRequest):
    """
    An optician quotes one item. The same `dossier_reference` joins items in one dossier.

    With `replaces` the item takes another one's place: it joins that one's dossier and is quoted as that one was, so
    the values of the quote are left out.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": ["replaces"], "properties": {"replaces": {"type": "string"}, **_EACH_ABSENT}},
                {"required": list(_NEEDED), "properties": {"replaces": _ABSENT, **_EACH_GIVEN}},
            ]
        }
    )

    type: Literal["quoted"]
    replaces: Identifier | None = Field(default=None, description="the item whose place this one takes")
    dossier_reference: Reference | None = Field(default=None, examples=["2026-00117"])
    item_reference: Reference = Field(examples=["2026-00117-R"])
    schema_: ItemSchema = Field(alias="schema")
    glassmaker: Annotated[int, Field(ge=0, le=2**32 - 1)] | None = Field(
        description="party number of the item's glassmaker, for good; null (or 0) if it is not on the network"
    )
    product: ProductValues | None = None
    supplements: SupplementValues | None = None
    coding: CodingValues | None = None
    price: PriceValues | None = None
    correction: CorrectionValues | None = Field(
        default=None,
        description="to derive the grouped code from, by the mapping table; neither committed to nor kept",
    )

    def to_draft(self, where: str) -> EventDraft:
        self._check(where)
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
            replaces=self.replaces,
        )

    def _check(self, where: str) -> None:
        """Raise InvalidRequest for what a quote lacks, or has though it takes another one's place."""
        given = {name for name in _AS_REPLACED if getattr(self, name) is not None}
        if self.replaces is None:
            faults = [fault(f"{where}/{name}", "missing", {}) for name in _NEEDED if name not in given]
        else:
            faults = [Fault(f"{where}/{name}", *_INHERITED) for name in _AS_REPLACED if name in given]
        if faults:
            raise InvalidRequest(faults)


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
    warranty: bool = Field(default=False, description="whether it was made under an adaptation warranty")

    def to_draft(self, where: str) -> EventDraft:
        groups = groups_of(
            product=self.product,
            supplements=self.supplements,
            correction=self.correction,
            coding=self.coding,
            device=self.device,
            reference=self.reference,
        )
        return EventDraft(
            kind=self.type,
            occurred_at=self._occurred(),
            item=self.item,
            groups=groups,
            warranty=self.warranty,
            where=where,
        )


class Shipped(BareEvent):
    """A glassmaker ships an item that it made."""

    type: Literal["shipped"]


class Received(BareEvent):
    """An optician receives an item that it ordered."""

    type: Literal["received"]


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
    Quoted
    | Ordered
    | Acknowledged
    | Manufactured
    | Shipped
    | Received
    | Mounted
    | Delivered
    | Invoiced
    | Verified
    | Substituted
    | Cancelled
    | RefusedOnArrival
    | BrokenAtEdging
    | Returned
    | Credited
    | Exchanged
    | ErrorDeclared
    | AfterSale
    | Stock
    | Withdrawn
    | DossierEvent,
    Field(discriminator="type"),
]
