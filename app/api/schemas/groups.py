"""
The values of each group, in the trade's own terms.

A field left out, or `null`, is committed as absent. What a value may be depends on the schema of the item;
the domain checks it and answers `invalid_record` with the place.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from app.api.schemas.base import Strict, Text, TextOrWhole


class Values(Strict):
    """The values of one group."""

    def raw(self) -> Mapping[str, object]:
        """The values given, by the names of the protocol."""
        return self.model_dump(by_alias=True, exclude_none=True)


class ProductValues(Values):
    """What is sold: `index` and `geometry` for a lens, `size` for a frame."""

    maker: Text | None = Field(default=None, description="the maker's code", examples=["VERALIA"])
    code: Text | None = Field(default=None, description="the maker's product code", examples=["PRG16"])
    index: Text | None = Field(default=None, description="index of refraction", examples=["1.6"])
    geometry: Text | None = Field(default=None, examples=["progressive"])
    size: Text | None = Field(default=None, description="boxed size in millimetres", examples=["52-18-140"])


class SupplementValues(Values):
    """Treatments and the like, as codes; the order does not matter."""

    codes: Annotated[list[Text], Field(max_length=16)] | None = Field(default=None, examples=[["AR", "PHOTO"]])


class CorrectionValues(Values):
    """The correction of one eye, nominal, in either cylinder form. Health data: for the glassmaker alone."""

    eye: Text | None = Field(default=None, examples=["right"])
    sphere: Text | None = Field(default=None, description="dioptres", examples=["-3.25"])
    cylinder: Text | None = Field(default=None, description="dioptres", examples=["-0.75"])
    axis: TextOrWhole | None = Field(default=None, description="degrees", examples=[90])
    addition: Text | None = Field(default=None, description="dioptres", examples=["2.00"])
    prism: Text | None = Field(default=None, description="prism dioptres", examples=["1.50"])
    prism_base: TextOrWhole | None = Field(default=None, description="degrees", examples=[270])
    diameter: Text | None = Field(default=None, description="millimetres", examples=["70"])
    pupillary_distance: Text | None = Field(default=None, description="millimetres, one eye", examples=["31.5"])
    fitting_height: Text | None = Field(default=None, description="millimetres", examples=["18"])


class CodingValues(Values):
    """The grouped code and class that the insurer sees, and the mapping table that gave them."""

    grouped_code: Text | None = Field(default=None, examples=["VP2"])
    class_: Text | None = Field(default=None, alias="class", examples=["B"])
    mapping: Text | None = Field(default=None, description="name and version of the table", examples=["sample/1"])


class PriceValues(Values):
    """The price of one line, as the wearer's quote shows it."""

    amount: Text | None = Field(default=None, examples=["249.00"])
    services: Text | None = Field(default=None, description="services attached to the line", examples=["0.00"])
    currency: Text | None = Field(default=None, description="ISO 4217", examples=["EUR"])


class DeviceValues(Values):
    """The one device that was made, or handed over."""

    number: Text | None = Field(
        default=None, description="the maker's number of this device", examples=["D-2026-000117"]
    )
    gtin: Text | None = Field(default=None, examples=["4006381333931"])
    lot: Text | None = Field(default=None, examples=["L2026-09"])
    udi: Text | None = Field(default=None, examples=["(01)04006381333931"])
    token: Text | None = Field(default=None, description="the glassmaker's keyed hash of the number, 64 hex digits")


class ReferenceValues(Values):
    """The glassmaker's own references."""

    order: Text | None = Field(default=None, description="the glassmaker's order number", examples=["C-88121"])


class ClaimValues(Values):
    """What ties an invoice to the insurer's file."""

    siret: Text | None = Field(default=None, examples=["73282932000074"])
    dossier_reference: Text | None = Field(default=None, examples=["2026-00117"])
    cover_number: Text | None = Field(default=None, examples=["PEC-551204"])


class RenewalValues(Values):
    """Why the equipment is renewed: the legal case and the dates it rests on, never a medical reason."""

    legal_case: Text | None = Field(default=None, examples=["two_years"])
    previous_date: Text | None = Field(default=None, examples=["2024-02-11"])
    prescription_date: Text | None = Field(default=None, examples=["2026-02-20"])
