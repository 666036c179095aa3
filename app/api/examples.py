"""
One sale, in the trade's own terms, cut into the examples of the API's documentation.

A test sends every one of them. Identifiers and parties are those of the documentation only.
"""

from typing import Any, Final

from app.api.dossier_examples import OF_A_DOSSIER
from app.api.example_ids import DOSSIER as DOSSIER
from app.api.example_ids import EVENT as EVENT
from app.api.example_ids import GLASSMAKER as GLASSMAKER
from app.api.example_ids import INSURER as INSURER
from app.api.example_ids import ITEM as ITEM
from app.api.example_ids import OPTICIAN as OPTICIAN
from app.api.example_ids import OTHER_ITEM as OTHER_ITEM
from app.api.example_ids import PACKAGE as PACKAGE

OTHER_DOSSIER: Final = "499602d2" + "d1" * 12

LOT: Final = "3ade68b1" + "c1" * 12

KEY: Final = "1a2b3c4d"

Examples = dict[str, dict[str, Any]]

_PRODUCT = {"maker": "VERALIA0", "code": "PRG16", "index": "1.6", "geometry": "progressive"}
_SUPPLEMENTS = {"codes": ["AR", "PHOTO"]}
_CODING = {"grouped_code": "VP2", "class": "B", "mapping": "sample/1"}
_PRICE = {"amount": "249.00", "services": "0.00", "currency": "EUR"}
_CORRECTION = {
    "eye": "right",
    "sphere": "-3.25",
    "cylinder": "-0.75",
    "axis": 90,
    "addition": "2.00",
    "diameter": "70",
    "pupillary_distance": "31.5",
    "fitting_height": "18",
}
_DEVICE = {"number": "D-2026-000117", "lot": "L2026-09"}
_CLAIM = {"siret": "73282932000074", "dossier_reference": "2026-00117", "cover_number": "PEC-551204"}

QUOTED: Final[dict[str, Any]] = {
    "type": "quoted",
    "occurred_at": "2026-03-02T09:30:00Z",
    "dossier_reference": "2026-00117",
    "item_reference": "2026-00117-R",
    "schema": "optics.lens/1",
    "glassmaker": GLASSMAKER,
    "product": _PRODUCT,
    "supplements": _SUPPLEMENTS,
    "coding": _CODING,
    "price": _PRICE,
}
FRAME_QUOTED: Final[dict[str, Any]] = {
    "type": "quoted",
    "dossier_reference": "2026-00117",
    "item_reference": "2026-00117-F",
    "schema": "optics.frame/1",
    "glassmaker": 0,
    "product": {"maker": "LUNOR0", "code": "A5-231", "size": "52-18-140"},
    "supplements": {"codes": []},
    "coding": {"grouped_code": "MO1", "class": "B", "mapping": "sample/1"},
    "price": {"amount": "120.00", "services": "0.00", "currency": "EUR"},
}
_ORDERED = {
    "type": "ordered",
    "item": ITEM,
    "product": _PRODUCT,
    "supplements": _SUPPLEMENTS,
    "correction": _CORRECTION,
}
_MANUFACTURED = {
    **_ORDERED,
    "type": "manufactured",
    "coding": _CODING,
    "device": _DEVICE,
    "reference": {"order": "C-88121"},
}
_UNIT = {name: _MANUFACTURED[name] for name in ("product", "supplements", "correction", "coding", "device")}
_INVOICED = {
    "type": "invoiced",
    "dossier": DOSSIER,
    "partial": False,
    "insurers": [INSURER],
    "claim": _CLAIM,
    "renewal": {
        "legal_case": "two_years",
        "previous_date": "2024-02-11",
        "prescription_date": "2026-02-20",
    },
    "items": [
        {
            "item": ITEM,
            "product": _PRODUCT,
            "supplements": _SUPPLEMENTS,
            "coding": _CODING,
            "price": _PRICE,
        }
    ],
}

EVENTS: Final[Examples] = {
    "quoted": {"summary": "a lens is quoted", "value": QUOTED},
    "quoted_together": {"summary": "a lens and a frame of one sale", "value": [QUOTED, FRAME_QUOTED]},
    "ordered": {"summary": "the lens is ordered with its correction", "value": _ORDERED},
    "manufactured": {"summary": "the glassmaker attests what it made", "value": _MANUFACTURED},
    "shipped": {"summary": "the glassmaker ships it", "value": {"type": "shipped", "item": ITEM}},
    "received": {"summary": "the optician receives it", "value": {"type": "received", "item": ITEM}},
    "delivered": {
        "summary": "the wearer gets it",
        "value": {"type": "delivered", "item": ITEM, "device": _DEVICE},
    },
    "invoiced": {"summary": "the dossier is invoiced to an insurer", "value": _INVOICED},
    "verified": {
        "summary": "the insurer records its finding",
        "value": {
            "type": "verified",
            "dossier": DOSSIER,
            "invoice": 0,
            "verdict": "conform",
            "cases": [],
        },
    },
}

_OTHERWISE: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "quoted_replacing": (
        "a lens takes the place of one that broke",
        {
            "replaces": ITEM,
            "item_reference": "2026-00117-R2",
            "schema": "optics.lens/1",
            "glassmaker": GLASSMAKER,
        },
    ),
    "acknowledged": ("the glassmaker acknowledges the order", {"item": ITEM}),
    "mounted": ("the lens is in the frame", {"item": ITEM}),
    "substituted": (
        "another lens is made than the one quoted; both sides say so",
        {"item": ITEM, "product": {**_PRODUCT, "code": "PRG17"}, "supplements": _SUPPLEMENTS},
    ),
    "cancelled": ("the wearer does not want it any more", {"item": ITEM, "reason": "wearer_withdrew"}),
    "refused_on_arrival": ("it arrived damaged", {"item": ITEM, "reason": "damaged_in_transport"}),
    "broken_at_edging": ("it broke in the shop", {"item": ITEM, "reason": "broken"}),
    "returned": ("it goes back to the glassmaker", {"item": ITEM, "reason": "defective"}),
    "credited": ("the glassmaker credits what came back", {"item": ITEM, "reason": "returned_goods"}),
    "exchanged": (
        "the wearer gets another lens for the one invoiced",
        {"item": OTHER_ITEM, "first": ITEM, "reason": "not_adapted"},
    ),
    "error_declared": (
        "a wrong code was sent with what was made",
        {
            "item": ITEM,
            "comparison": "ordered = manufactured",
            "group": "product",
            "in_error": "manufactured",
            "nature": "incorrect_data",
            "corrected": _PRODUCT,
        },
    ),
    "breakage_replaced": ("a sale under breakage warranty", {"dossier": OTHER_DOSSIER, "first": DOSSIER}),
    "renewal_stated": (
        "an early renewal is stated after the invoice",
        {"dossier": DOSSIER, "statement": {"ground": "after_one_year", "previous_date": "2025-02-11"}},
    ),
    "lot_shipped": (
        "a lot of one lens for stock",
        {"buyer": OPTICIAN, "units": [{"schema": "optics.lens/1", **_UNIT}]},
    ),
    "lot_transferred": ("a shop takes a lot that another one hands it", {"lot": LOT, "holder": OPTICIAN}),
    "drawn": ("a lens comes from stock", {"item": ITEM, "lot": LOT, "unit": 1}),
    "withdrawn": ("the invoice is taken back for one lens", {"dossier": DOSSIER, "invoice": 0, "items": [ITEM]}),
}
EVENTS.update(
    (name, {"summary": summary, "value": {"type": name.partition("_replacing")[0], **value}})
    for name, (summary, value) in {**_OTHERWISE, **OF_A_DOSSIER}.items()
)

VERIFICATIONS: Final[Examples] = {
    "ledger": {"summary": "what the ledger alone says", "value": {"dossier": DOSSIER}},
    "claim": {
        "summary": "the insurer's own claim against the commitments",
        "value": {
            "dossier": DOSSIER,
            "claim": _CLAIM,
            "items": [{"item": ITEM, "coding": _CODING, "price": _PRICE}],
        },
    },
    "renewal": {
        "summary": "whether it comes too soon after what the insurer reimbursed last",
        "value": {"dossier": DOSSIER, "last_reimbursed_on": "2024-02-11"},
    },
    "recorded": {
        "summary": "the claim again, and the answer goes on the ledger",
        "value": {
            "dossier": DOSSIER,
            "record": True,
            "claim": _CLAIM,
            "items": [{"item": ITEM, "coding": _CODING, "price": _PRICE}],
        },
    },
}

_ROOT = "ab" * 32
PACKAGE_DOCUMENT: Final[dict[str, Any]] = {
    "format": "optitrace.package/1",
    "chain_id": 31337,
    "ledger": "0x" + "5f" * 20,
    "from": OPTICIAN,
    "for": GLASSMAKER,
    "dossier": DOSSIER,
    "groups": {},
    "items": [
        {
            "item": ITEM,
            "schema": "optics.lens/1",
            "groups": {"product": {"version": 1, "key": "cd" * 32}},
        }
    ],
    "steps": [
        {
            "party": OPTICIAN,
            "kind": "ordered",
            "occurrence": 0,
            "claimed_at": "2026-03-02T09:31:00Z",
            "subject": ITEM,
            "detail": "000000000000010101",
            "words": [_ROOT, _ROOT, _ROOT],
            "list": {
                "deadline": "2026-04-06T09:31:00Z",
                "signer": "0x" + "1c" * 20,
                "digests": ["ef" * 32],
                "position": 0,
                "signature": "0x" + "2d" * 65,
            },
            "openings": [
                {
                    "subject": ITEM,
                    "group": "product",
                    "values": {
                        "maker": "VERALIA0",
                        "code": "PRG16",
                        "index": "1600",
                        "geometry": "progressive",
                    },
                }
            ],
        }
    ],
}
PACKAGES: Final[Examples] = {
    "order": {"summary": "an optician's order reaches the glassmaker", "value": PACKAGE_DOCUMENT}
}

SEALED: Final[Examples] = {
    "order": {
        "summary": "an order, sealed",
        "value": "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSJ9..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA",
    }
}

KEYS: Final[Examples] = {
    "software": {"summary": "for the shop's software", "value": {"label": "shop-software-1"}},
    "dashboard": {
        "summary": "for a screen that only shows, until a day",
        "value": {"label": "dashboard-1", "scope": "read", "expires_at": "2199-01-01T00:00:00Z"},
    },
    "visit": {"summary": "for a day", "value": {"label": "accountant-1", "scope": "read", "expires_in_seconds": 86400}},
}
ROTATIONS: Final[Examples] = {
    "at_once": {"summary": "the old secret ends now", "value": {"overlap_seconds": 0}},
    "overlapping": {"summary": "the old secret is good for another day", "value": {"overlap_seconds": 86400}},
}
