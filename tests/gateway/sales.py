"""Sales in the trade's own terms, for tests."""

from typing import Any

from tests.support.gateways import GLASSMAKER, INSURER, OPTICIAN, Network4

PROGRESSIVE = {"maker": "VERALIA0", "code": "PRG160", "index": "1.6", "geometry": "progressive"}
SINGLE = {"maker": "VERALIA0", "code": "UNI150", "index": "1.5", "geometry": "single_vision"}
SUPPLEMENTS = {"codes": ["AR", "BLUE"]}
CODING = {"grouped_code": "PROG4", "class": "B", "mapping": "sample/1"}
SINGLE_CODING = {"grouped_code": "UNI2", "class": "B", "mapping": "sample/1"}
PRICE = {"amount": "249.00", "services": "15.00", "currency": "EUR"}
RIGHT = {"eye": "right", "sphere": "-3.25", "cylinder": "+0.75", "axis": 20, "addition": "2.25", "diameter": "70"}
LEFT = {"eye": "left", "sphere": "-2.75", "diameter": "70"}
FRAME = {"maker": "LUNOR0", "code": "LN204", "size": "52-18"}
FRAME_CODING = {"grouped_code": "MO1", "class": "B", "mapping": "sample/1"}
FRAME_PRICE = {"amount": "180.00", "services": "0.00", "currency": "EUR"}
CLAIM = {"siret": "73282932000074", "dossier_reference": "D-1", "cover_number": "PEC-77"}


def quoted_lens(reference: str, dossier: str = "D-1", **changes: Any) -> dict[str, Any]:
    """A quote of one lens."""
    return {
        "type": "quoted",
        "dossier_reference": dossier,
        "item_reference": reference,
        "schema": "optics.lens/1",
        "glassmaker": GLASSMAKER,
        "product": PROGRESSIVE,
        "supplements": SUPPLEMENTS,
        "coding": CODING,
        "price": PRICE,
    } | changes


def quoted_frame(reference: str, dossier: str = "D-1") -> dict[str, Any]:
    """A quote of a frame, whose maker is no party."""
    return {
        "type": "quoted",
        "dossier_reference": dossier,
        "item_reference": reference,
        "schema": "optics.frame/1",
        "glassmaker": None,
        "product": FRAME,
        "supplements": {"codes": []},
        "coding": FRAME_CODING,
        "price": FRAME_PRICE,
    }


def ordered(item: str, correction: Any, product: Any = PROGRESSIVE) -> dict[str, Any]:
    """An order of one lens."""
    return {
        "type": "ordered",
        "item": item,
        "product": product,
        "supplements": SUPPLEMENTS,
        "correction": correction,
    }


def manufactured(
    item: str, correction: Any, number: str, product: Any = PROGRESSIVE, coding: Any = CODING
) -> dict[str, Any]:
    """A lens made."""
    return {
        "type": "manufactured",
        "item": item,
        "product": product,
        "supplements": SUPPLEMENTS,
        "correction": correction,
        "coding": coding,
        "device": {"number": number},
        "reference": {"order": "CMD-1"},
    }


def billed_lens(item: str, **changes: Any) -> dict[str, Any]:
    """One lens of an invoice."""
    agreed = {"product": PROGRESSIVE, "supplements": SUPPLEMENTS, "coding": CODING, "price": PRICE}
    return {"item": item} | agreed | changes


def billed_frame(item: str) -> dict[str, Any]:
    """The frame of an invoice."""
    return {
        "item": item,
        "product": FRAME,
        "supplements": {"codes": []},
        "coding": FRAME_CODING,
        "price": FRAME_PRICE,
    }


def invoiced(dossier: str, *items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An invoice."""
    return {
        "type": "invoiced",
        "dossier": dossier,
        "partial": False,
        "insurers": [INSURER],
        "claim": CLAIM,
        "items": list(items),
    } | changes


def honest_sale(net: Network4, dossier_reference: str = "D-1") -> tuple[str, list[str]]:
    """Two progressive lenses and a frame, quoted to invoiced, as agreed; returns the dossier and its items."""
    shop, maker = net[OPTICIAN], net[GLASSMAKER]
    name = dossier_reference
    found = shop.record(
        quoted_lens(f"{name}/OD", name), quoted_lens(f"{name}/OG", name), quoted_frame(f"{name}/M", name)
    )
    dossier, (right, left, frame) = found[0]["dossier"], [each["item"] for each in found]
    shop.record(ordered(right, RIGHT), ordered(left, LEFT))
    net.hand(OPTICIAN, GLASSMAKER, dossier=dossier)
    one, other = f"{dossier_reference}-1", f"{dossier_reference}-2"
    maker.record(manufactured(right, RIGHT, one), manufactured(left, LEFT, other))
    maker.record({"type": "shipped", "item": right}, {"type": "shipped", "item": left})
    net.hand(GLASSMAKER, OPTICIAN, dossier=dossier)
    shop.record({"type": "received", "item": right}, {"type": "received", "item": left})
    shop.record(
        {"type": "delivered", "item": right, "device": {"number": one}},
        {"type": "delivered", "item": left, "device": {"number": other}},
        {"type": "delivered", "item": frame, "device": {"gtin": "4006381333931"}},
    )
    claim = CLAIM | {"dossier_reference": dossier_reference}
    shop.record(invoiced(dossier, billed_lens(right), billed_lens(left), billed_frame(frame), claim=claim))
    net.hand(OPTICIAN, INSURER, dossier=dossier)
    return dossier, [right, left, frame]
