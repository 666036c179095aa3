"""The events of stock: lots that a glassmaker ships, that opticians hand on, and lenses drawn from them."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.schemas.base import Identifier, Party, Strict
from app.api.schemas.event_base import EventRequest, groups_of
from app.api.schemas.groups import (
    CodingValues,
    CorrectionValues,
    DeviceValues,
    ItemSchema,
    ProductValues,
    SupplementValues,
)
from app.domain.stock import MAX_UNITS
from app.services.drafts import EventDraft, UnitDraft


class StockUnit(Strict):
    """One unit of a lot; units are numbered from 1, in the order given."""

    schema_: ItemSchema = Field(alias="schema")
    product: ProductValues
    supplements: SupplementValues
    correction: CorrectionValues
    coding: CodingValues
    device: DeviceValues

    def to_draft(self) -> UnitDraft:
        """The unit as the core takes it."""
        groups = groups_of(
            product=self.product,
            supplements=self.supplements,
            correction=self.correction,
            coding=self.coding,
            device=self.device,
        )
        return UnitDraft(self.schema_, groups)


class LotShipped(EventRequest):
    """A glassmaker ships a lot of stock. The answer names the lot in place of a dossier."""

    type: Literal["lot_shipped"]
    buyer: Party
    units: Annotated[list[StockUnit], Field(min_length=1, max_length=MAX_UNITS)]

    def to_draft(self, where: str) -> EventDraft:
        units = tuple(unit.to_draft() for unit in self.units)
        return EventDraft(kind=self.type, occurred_at=self._occurred(), holder=self.buyer, units=units, where=where)


class LotTransferred(EventRequest):
    """A lot goes to another optician: both post this, and the new holder holds it once both stand on the ledger."""

    type: Literal["lot_transferred"]
    lot: Identifier
    holder: Party = Field(description="the new holder")

    def to_draft(self, where: str) -> EventDraft:
        return EventDraft(kind=self.type, occurred_at=self._occurred(), lot=self.lot, holder=self.holder, where=where)


class Drawn(EventRequest):
    """An optician takes a unit of its stock for a quoted item, which is then neither ordered nor made."""

    type: Literal["drawn"]
    item: Identifier
    lot: Identifier
    unit: Annotated[int, Field(ge=1, le=MAX_UNITS)] = Field(description="number of the unit in its lot")

    def to_draft(self, where: str) -> EventDraft:
        return EventDraft(
            kind=self.type, occurred_at=self._occurred(), item=self.item, lot=self.lot, unit=self.unit, where=where
        )


Stock = LotShipped | LotTransferred | Drawn
