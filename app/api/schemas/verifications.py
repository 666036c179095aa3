"""A check as a client asks for it."""

from typing import Annotated

from pydantic import Field, StringConstraints

from app.api.schemas.base import Identifier, Party, Strict
from app.api.schemas.event_base import MAX_ITEMS, groups_of
from app.api.schemas.groups import (
    ClaimValues,
    CodingValues,
    CorrectionValues,
    DeviceValues,
    PriceValues,
    ProductValues,
    ReferenceValues,
    SupplementValues,
)
from app.services.drafts import ClaimItem, VerificationDraft


class ClaimedItem(Strict):
    """What the caller holds of one item, group by group; a group left out is not opened."""

    item: Identifier
    product: ProductValues | None = None
    supplements: SupplementValues | None = None
    correction: CorrectionValues | None = None
    coding: CodingValues | None = None
    price: PriceValues | None = None
    device: DeviceValues | None = None
    reference: ReferenceValues | None = None
    glassmaker: Party | None = Field(default=None, description="who made it, if the caller's own claim says so")

    def to_draft(self) -> ClaimItem:
        """The item as the core takes it."""
        groups = groups_of(
            product=self.product,
            supplements=self.supplements,
            correction=self.correction,
            coding=self.coding,
            price=self.price,
            device=self.device,
            reference=self.reference,
        )
        return ClaimItem(self.item, groups, self.glassmaker)


Day = Annotated[str, StringConstraints(pattern=r"^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$")]
"""A day of the calendar; whether there is such a day is the domain's to say."""


class VerificationRequest(Strict):
    """A check of one dossier. Without `items` the ledger alone answers."""

    dossier: Identifier
    partial: bool = Field(default=False, description="whether the caller's own claim says that it leaves items out")
    invoice: Annotated[int, Field(ge=0, le=255)] = Field(default=0, description="occurrence of the invoice to check")
    record: bool = Field(default=False, description="queue a `verified` event with the answer; named insurers only")
    last_reimbursed_on: Day | None = Field(
        default=None,
        description="the day of the last reimbursement to this wearer that the insurer knows; not kept",
        examples=["2024-02-11"],
    )
    under_16: bool = Field(default=False, description="whether the shorter delay of renewal is the wearer's; not kept")
    claim: ClaimValues | None = None
    items: Annotated[list[ClaimedItem], Field(max_length=MAX_ITEMS)] = Field(default=[])

    def to_draft(self) -> VerificationDraft:
        """The check as the core takes it."""
        return VerificationDraft(
            dossier=self.dossier,
            items=tuple(item.to_draft() for item in self.items),
            claim=None if self.claim is None else self.claim.raw(),
            partial=self.partial,
            invoice=self.invoice,
            record=self.record,
            last_reimbursed_on=self.last_reimbursed_on,
            under_16=self.under_16,
        )
