"""Sales between hosted parties, brought as far as a test wants them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from app.api import examples
from app.store.registry import Role
from tests.hostile.house import House

SHOP, MAKER, INSURER, AUDITOR = 1001001001, 2002002002, 3003003003, 4004004004
OTHER_SHOP, OTHER_MAKER, OTHER_INSURER = 1001001002, 2002002003, 3003003004
ROLES: Mapping[int, Role] = {
    SHOP: Role.OPTICIAN,
    MAKER: Role.GLASSMAKER,
    INSURER: Role.INSURER,
    AUDITOR: Role.AUDITOR,
    OTHER_SHOP: Role.OPTICIAN,
    OTHER_MAKER: Role.GLASSMAKER,
    OTHER_INSURER: Role.INSURER,
}
STAGES = ("quoted", "ordered", "manufactured", "shipped", "received", "delivered", "invoiced")
OTHERWISE: Mapping[str, Any] = {
    kind: examples.EVENTS[kind]["value"]
    for kind in (
        "acknowledged",
        "mounted",
        "substituted",
        "cancelled",
        "refused_on_arrival",
        "broken_at_edging",
        "returned",
        "credited",
        "exchanged",
        "error_declared",
        "withdrawn",
        "breakage_replaced",
        "renewal_stated",
        "lot_shipped",
        "lot_transferred",
        "drawn",
        "cover_requested",
        "cover_answered",
        "cover_cancelled",
        "decided",
        "answered",
        "opening_demanded",
    )
}
"""The examples of what may come after the invoice, or instead of it."""
OF_THE_DOSSIER: Mapping[str, str] = {
    "cover_requested": "cover",
    "cover_answered": "grant",
    "renewal_stated": "statement",
}
"""The group whose values such an event holds."""
FIRST: Mapping[str, tuple[str, ...]] = {
    "cover_answered": ("cover_requested",),
    "cover_cancelled": ("cover_requested",),
    "decided": ("verified",),
    "answered": ("verified", "decided"),
}
"""What has to be recorded, after the invoice, before an event of these kinds."""
_count = count()


@dataclass(frozen=True)
class Trio:
    """The three parties of a sale."""

    shop: int = SHOP
    maker: int = MAKER
    insurer: int = INSURER

    def author(self, kind: str) -> int:
        """Who records this kind of step."""
        if kind in ("verified", "cover_answered", "decided", "opening_demanded"):
            return self.insurer
        makes = ("manufactured", "shipped", "acknowledged", "credited", "lot_shipped")
        return self.maker if kind in makes else self.shop


THE_TRIO, OTHER_TRIO = Trio(), Trio(OTHER_SHOP, OTHER_MAKER, OTHER_INSURER)


@dataclass(frozen=True)
class Values:
    """What one lens is sold with; the protocol's groups."""

    product: Mapping[str, str]
    supplements: Mapping[str, object]
    coding: Mapping[str, str]
    price: Mapping[str, str]
    correction: Mapping[str, object]
    device: Mapping[str, str]
    reference: Mapping[str, str]
    claim: Mapping[str, str]
    cover: Mapping[str, str]
    grant: Mapping[str, str]
    statement: Mapping[str, str]
    renewal: Mapping[str, str]

    def line(self, *groups: str) -> dict[str, Any]:
        """Some groups of a lens, as an event holds them."""
        return {group: dict(getattr(self, group)) for group in groups}


_MADE, _BILL = examples.EVENTS["manufactured"]["value"], examples.EVENTS["invoiced"]["value"]
EXAMPLE = Values(
    **{name: _MADE[name] for name in ("product", "supplements", "coding", "correction", "device", "reference")},
    price=_BILL["items"][0]["price"],
    claim=_BILL["claim"],
    renewal=_BILL["renewal"],
    **{group: OTHERWISE[kind][group] for kind, group in OF_THE_DOSSIER.items()},
)


@dataclass(frozen=True)
class Sale:
    """One lens: the ids of its item, of its dossier, and of the event by each kind."""

    trio: Trio
    values: Values
    dossier: str
    item: str
    references: Mapping[str, str]
    events: dict[str, str]

    def event(self, kind: str) -> dict[str, Any]:
        """The event of this kind about this lens (`quoted`: about another lens)."""
        about = event_about(self.trio, self.values, kind, self.item, self.dossier)
        return about | {"event": self.events["invoiced"]} if kind == "answered" else about


@dataclass(frozen=True)
class Target:
    """What a cell aims at: a sale, under its own ids or under others."""

    sold: Sale
    item: str
    dossier: str


def event_about(trio: Trio, values: Values, kind: str, item: str, dossier: str) -> dict[str, Any]:
    """The body of an event of `kind`, as the API takes it."""
    if kind == "quoted":
        number = next(_count)
        quoted = values.line("product", "supplements", "coding", "price")
        names = {"dossier_reference": f"D-{number}", "item_reference": f"I-{number}"}
        return {"type": kind, "schema": "optics.lens/1", "glassmaker": trio.maker, **names, **quoted}
    if kind == "invoiced":
        line = {"item": item, **values.line("product", "supplements", "coding", "price")}
        about = {"dossier": dossier, "insurers": [trio.insurer], "items": [line]}
        return {"type": kind, "partial": False, "claim": dict(values.claim), "renewal": dict(values.renewal), **about}
    if kind == "verified":
        return {"type": kind, "dossier": dossier, "verdict": "conform", "cases": []}
    if kind in OTHERWISE:
        text = json.dumps(OTHERWISE[kind]).replace(str(examples.OPTICIAN), str(trio.shop))
        for name in (examples.DOSSIER, examples.OTHER_DOSSIER):
            text = text.replace(name, dossier)
        for name in (examples.ITEM, examples.OTHER_ITEM):
            text = text.replace(name, item)
        about = dict(json.loads(text.replace(str(examples.INSURER), str(trio.insurer))))
        return about | (values.line(OF_THE_DOSSIER[kind]) if kind in OF_THE_DOSSIER else {})
    groups = {
        "ordered": ("product", "supplements", "correction"),
        "manufactured": ("product", "supplements", "correction", "coding", "device", "reference"),
        "delivered": ("device",),
    }
    return {"type": kind, "item": item, **values.line(*groups.get(kind, ()))}


def sale(house: House, trio: Trio = THE_TRIO, until: str = "invoiced", values: Values = EXAMPLE) -> Sale:
    """Sell one lens as far as the step `until`, and hand the packages that are due."""
    # One device in all sales would tie them together, and each step of one would judge them all.
    values = replace(values, device={**values.device, "number": f"{values.device['number']}-{next(_count)}"})
    wanted = event_about(trio, values, "quoted", "", "")
    (quote,) = house.record(trio.shop, wanted)
    references = {kind: wanted[f"{kind}_reference"] for kind in ("item", "dossier")}
    sold = Sale(trio, values, quote["dossier"], quote["item"], references, {"quoted": quote["id"]})
    for kind in STAGES[: STAGES.index(until) + 1]:
        if kind != "quoted":
            (found,) = house.record(trio.author(kind), sold.event(kind))
            sold.events[kind] = found["id"]
        if kind == "ordered":
            house.hand(trio.shop, trio.maker, sold.dossier)
        if kind == "manufactured":
            house.hand(trio.maker, trio.shop, sold.dossier)
        if kind == "invoiced":
            house.hand(trio.shop, trio.insurer, sold.dossier)
    return sold


def prepare(house: House, sold: Sale, kind: str) -> None:
    """Record what has to come before an event of this kind, and hand the packages that are due by it."""
    for before in FIRST.get(kind, ()):
        (done,) = house.record(sold.trio.author(before), sold.event(before))
        sold.events[before] = done["id"]
        if before == "cover_requested":
            house.hand(sold.trio.shop, sold.trio.insurer, sold.dossier)
