"""A sale of another trade than optics: two hearing aids and the visit at which they are fitted."""

from __future__ import annotations

from typing import Any

from tests.support.gateways import GLASSMAKER, INSURER, OPTICIAN, Network4

AID = {"maker": "ORELIA0", "code": "R7-312", "form": "receiver_in_canal"}
WEAKER_AID = AID | {"code": "R3-312"}
VISIT = {"maker": "CENTRE-12", "code": "FITTING0"}
SUPPLEMENTS = {"codes": ["TELECOIL0", "RECHARGEABLE0"]}
CODING = {"grouped_code": "HA2", "class": "II"}
WEAKER_CODING = {"grouped_code": "HA1", "class": "I"}
VISIT_CODING = {"grouped_code": "HAFIT0", "class": "II"}
PRICE = {"amount": "1450.00", "currency": "EUR"}
VISIT_PRICE = {"amount": "60.00", "currency": "EUR"}
RIGHT = {"ear": "right", "gain": 45, "output": 115}
LEFT = {"ear": "left", "gain": "52", "output": "118"}
CLAIM = {"siret": "73282932000074", "dossier_reference": "H-1", "cover_number": "PEC-78"}


def quoted(reference: str, dossier: str, schema: str, glassmaker: int | None, **groups: Any) -> dict[str, Any]:
    """A quote of one item."""
    names = {"dossier_reference": dossier, "item_reference": reference, "schema": schema, "glassmaker": glassmaker}
    return {"type": "quoted", "supplements": {"codes": []}, **names, **groups}


def sold(net: Network4, name: str, made: Any = AID, made_coding: Any = CODING) -> tuple[str, list[str]]:
    """The sale from quote to invoice, with the aids that were `made`; returns the dossier and its items."""
    shop, maker = net[OPTICIAN], net[GLASSMAKER]
    aid = {"product": AID, "supplements": SUPPLEMENTS, "coding": CODING, "price": PRICE}
    visit = {"product": VISIT, "supplements": {"codes": []}, "coding": VISIT_CODING, "price": VISIT_PRICE}
    quotes = shop.record(
        quoted(f"{name}/R", name, "hearing.aid/1", GLASSMAKER, **aid),
        quoted(f"{name}/L", name, "hearing.aid/1", GLASSMAKER, **aid),
        quoted(f"{name}/V", name, "hearing.visit/1", None, **visit),
    )
    dossier, (right, left, fitting) = quotes[0]["dossier"], [each["item"] for each in quotes]
    ordered = {"product": AID, "supplements": SUPPLEMENTS}
    ears = ((right, RIGHT, f"{name}-SN1"), (left, LEFT, f"{name}-SN2"))
    shop.record(*({"type": "ordered", "item": item, "correction": ear, **ordered} for item, ear, _ in ears))
    net.hand(OPTICIAN, GLASSMAKER, dossier=dossier)
    for item, ear, serial in ears:
        said = {"product": made, "supplements": SUPPLEMENTS, "correction": ear, "coding": made_coding}
        device = {"device": {"number": serial}, "reference": {"order": f"{name}-O1"}}
        maker.record({"type": "manufactured", "item": item, **said, **device}, {"type": "shipped", "item": item})
    net.hand(GLASSMAKER, OPTICIAN, dossier=dossier)
    for item, _, serial in ears:
        device = {"device": {"number": serial}}
        shop.record({"type": "received", "item": item}, {"type": "delivered", "item": item, **device})
    shop.record({"type": "delivered", "item": fitting, "device": {"number": f"{name}-V1", "date": "2026-03-19"}})
    lines = [{"item": right, **aid}, {"item": left, **aid}, {"item": fitting, **visit}]
    claim = CLAIM | {"dossier_reference": name}
    shop.record({"type": "invoiced", "dossier": dossier, "insurers": [INSURER], "claim": claim, "items": lines})
    net.hand(OPTICIAN, INSURER, dossier=dossier)
    return dossier, [right, left, fitting]
