"""
One sale, read from a file in the trade's own terms.

A French quote has a line per lens, OD (right) and OG (left), and one for the frame, each with product, treatments,
grouped code, class and price. What was ordered, made and invoiced is what was quoted, unless the file says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.errors import Trouble

Json = dict[str, Any]
FORMAT = "optitrace.sale/1"
_PRODUCT = ("maker", "code", "index", "geometry", "size")


@dataclass(frozen=True, slots=True)
class Line:
    """
    One line of a quote and what becomes of it, as the values of events.

    `ordered`, `correction`, `made` (the coding of what was really made) and `order` are None for a frame, whose maker
    is not on the network.
    """

    name: str
    schema: str
    product: Json
    supplements: Json
    coding: Json
    price: Json
    device: Json
    ordered: Json | None
    correction: Json | None
    made: Json | None
    order: str | None

    @property
    def is_lens(self) -> bool:
        """Whether a glassmaker on the network makes it."""
        return self.ordered is not None

    def quoted(self, reference: str, glassmaker: int) -> Json:
        """The optician quotes it."""
        return {
            "type": "quoted",
            "dossier_reference": reference,
            "item_reference": f"{reference}-{self.name}",
            "schema": self.schema,
            "glassmaker": glassmaker if self.is_lens else None,
            "product": self.product,
            "supplements": self.supplements,
            "coding": self.coding,
            "price": self.price,
        }

    def order_of(self, item: str) -> Json:
        """The optician orders it from the glassmaker."""
        return {
            "type": "ordered",
            "item": item,
            "product": self.ordered,
            "supplements": self.supplements,
            "correction": self.correction,
        }

    def manufacture_of(self, item: str) -> Json:
        """The glassmaker attests what it made."""
        return {
            **self.order_of(item),
            "type": "manufactured",
            "coding": self.made,
            "device": self.device,
            "reference": {"order": self.order},
        }

    def delivery_of(self, item: str) -> Json:
        """The optician hands it over."""
        return {"type": "delivered", "item": item, "device": self.device}

    def invoice_of(self, item: str) -> Json:
        """Its line of the invoice."""
        return {
            "item": item,
            "product": self.product,
            "supplements": self.supplements,
            "coding": self.coding,
            "price": self.price,
        }

    def claim_of(self, item: str) -> Json:
        """What the insurer sees of it in the claim: grouped code, class and price."""
        return {"item": item, "coding": self.coding, "price": self.price}


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale: its title, its lines, and what the claim says of the dossier beside its reference."""

    title: str
    story: str
    reference: str
    siret: str
    cover_number: str
    renewal: Json | None
    lines: tuple[Line, ...]

    def claim(self, reference: str) -> Json:
        """What names the dossier to the insurer."""
        return {"siret": self.siret, "dossier_reference": reference, "cover_number": self.cover_number}


def read(path: Path) -> Sale:
    """Read a sale; `Trouble` says what is wrong with the file, without its values."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise Trouble(f"{path} is no sale in the format {FORMAT}")
        return Sale(
            title=content["title"],
            story=content["story"],
            reference=content["quote"]["reference"],
            siret=content["quote"]["siret"],
            cover_number=content["invoice"]["cover_number"],
            renewal=content["invoice"].get("renewal"),
            lines=tuple(_lines(content)),
        )
    except OSError as error:
        raise Trouble(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, TypeError, AttributeError):
        raise Trouble(f"{path} is not a sale written in JSON") from None
    except KeyError as error:
        raise Trouble(f"{path} lacks {error}") from None


def _lines(content: Json) -> Iterator[Line]:
    quote = content["quote"]
    for entry in quote["lines"]:
        name = entry["line"]
        lens = entry["kind"] == "lens"
        product = {key: entry[key] for key in _PRODUCT if key in entry}
        made = content["made"][name] if lens else None
        handed_over = made or content["handed_over"][name]
        yield Line(
            name=name,
            schema=f"optics.{entry['kind']}/1",
            product=product,
            supplements={"codes": entry["treatments"]},
            coding=_coding(entry, quote["mapping"]),
            price={"amount": entry["price"], "currency": quote["currency"]},
            device={key: handed_over[key] for key in ("number", "lot", "gtin") if key in handed_over},
            ordered=content.get("ordered_instead", {}).get(name, product) if lens else None,
            correction=content["corrections"][name] if lens else None,
            made=_coding(made, quote["mapping"]) if made else None,
            order=made["order"] if made else None,
        )


def _coding(entry: Json, mapping: str) -> Json:
    return {"grouped_code": entry["grouped_code"], "class": entry["class"], "mapping": mapping}
