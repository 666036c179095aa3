"""
The kinds of step, who signs each, what its subject is, and the enumerated codes in its detail.

Numbers are the ledger's (`contracts/interfaces/IEquipmentLedger.sol`). Labels are what JSON and pages show.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Literal


class Labelled(IntEnum):
    """A code of the ledger that is written as a word."""

    @property
    def label(self) -> str:
        """The code as it is written in JSON and on pages."""
        return self.name.lower()


class Kind(Labelled):
    """What a step says happened."""

    QUOTED = 1
    ORDERED = 2
    MANUFACTURED = 3
    SHIPPED = 4
    RECEIVED = 5
    DELIVERED = 6
    INVOICED = 7
    VERIFIED = 8
    ACKNOWLEDGED = 9
    MOUNTED = 10
    DRAWN = 11
    SUBSTITUTED = 12
    CANCELLED = 13
    REFUSED_ON_ARRIVAL = 14
    BROKEN_AT_EDGING = 15
    RETURNED = 16
    CREDITED = 17
    EXCHANGED = 18
    ERROR_DECLARED = 19
    ERASED = 20
    DECIDED = 21
    ANSWERED = 22
    COVER_REQUESTED = 23
    COVER_ANSWERED = 24
    COVER_CANCELLED = 25
    BREAKAGE_REPLACED = 26
    RENEWAL_STATED = 27
    WITHDRAWN = 28
    OPENING_DEMANDED = 29
    LOT_SHIPPED = 30
    LOT_TRANSFERRED = 31


KindLabel = Literal[
    "quoted",
    "ordered",
    "manufactured",
    "shipped",
    "received",
    "delivered",
    "invoiced",
    "verified",
    "acknowledged",
    "mounted",
    "drawn",
    "substituted",
    "cancelled",
    "refused_on_arrival",
    "broken_at_edging",
    "returned",
    "credited",
    "exchanged",
    "error_declared",
    "erased",
    "decided",
    "answered",
    "cover_requested",
    "cover_answered",
    "cover_cancelled",
    "breakage_replaced",
    "renewal_stated",
    "withdrawn",
    "opening_demanded",
    "lot_shipped",
    "lot_transferred",
]
"""The kinds as they are written in JSON and on pages."""

OPTICIAN, GLASSMAKER, INSURER, AUDITOR = "optician", "glassmaker", "insurer", "auditor"

ROLES: Mapping[Kind, tuple[str, ...]] = {
    Kind.QUOTED: (OPTICIAN,),
    Kind.ORDERED: (OPTICIAN,),
    Kind.MANUFACTURED: (GLASSMAKER,),
    Kind.SHIPPED: (GLASSMAKER,),
    Kind.RECEIVED: (OPTICIAN,),
    Kind.DELIVERED: (OPTICIAN,),
    Kind.INVOICED: (OPTICIAN,),
    Kind.VERIFIED: (INSURER,),
    Kind.ACKNOWLEDGED: (GLASSMAKER,),
    Kind.MOUNTED: (OPTICIAN,),
    Kind.DRAWN: (OPTICIAN,),
    Kind.SUBSTITUTED: (OPTICIAN, GLASSMAKER),
    Kind.CANCELLED: (OPTICIAN, GLASSMAKER),
    Kind.REFUSED_ON_ARRIVAL: (OPTICIAN,),
    Kind.BROKEN_AT_EDGING: (OPTICIAN,),
    Kind.RETURNED: (OPTICIAN,),
    Kind.CREDITED: (GLASSMAKER,),
    Kind.EXCHANGED: (OPTICIAN,),
    Kind.ERROR_DECLARED: (OPTICIAN, GLASSMAKER),
    Kind.ERASED: (OPTICIAN, GLASSMAKER, INSURER),
    Kind.DECIDED: (INSURER,),
    Kind.ANSWERED: (OPTICIAN,),
    Kind.COVER_REQUESTED: (OPTICIAN,),
    Kind.COVER_ANSWERED: (INSURER,),
    Kind.COVER_CANCELLED: (OPTICIAN,),
    Kind.BREAKAGE_REPLACED: (OPTICIAN,),
    Kind.RENEWAL_STATED: (OPTICIAN,),
    Kind.WITHDRAWN: (OPTICIAN,),
    Kind.OPENING_DEMANDED: (INSURER, AUDITOR),
    Kind.LOT_SHIPPED: (GLASSMAKER,),
    Kind.LOT_TRANSFERRED: (OPTICIAN,),
}
"""The roles that may sign a step of each kind."""

DOSSIER_KINDS = frozenset(
    {
        Kind.INVOICED,
        Kind.VERIFIED,
        Kind.DECIDED,
        Kind.ANSWERED,
        Kind.COVER_REQUESTED,
        Kind.COVER_ANSWERED,
        Kind.COVER_CANCELLED,
        Kind.BREAKAGE_REPLACED,
        Kind.RENEWAL_STATED,
        Kind.WITHDRAWN,
        Kind.OPENING_DEMANDED,
    }
)
"""The kinds whose subject is a dossier. That of `erased` may be one."""

LOT_KINDS = frozenset({Kind.LOT_SHIPPED, Kind.LOT_TRANSFERRED})
"""The kinds whose subject is a lot of stock."""

ITEM_KINDS = frozenset(Kind) - DOSSIER_KINDS - LOT_KINDS - {Kind.ERASED}
"""The kinds whose subject is an item. That of `erased` may be one."""

WITH_NULLIFIER = (Kind.MANUFACTURED, Kind.DRAWN, Kind.DELIVERED, Kind.CREDITED)
"""The kinds whose steps may have a nullifier."""

COUNTED = (DOSSIER_KINDS | {Kind.LOT_TRANSFERRED}) - {Kind.INVOICED}
"""The kinds whose occurrence counts up to 255; that of an invoice counts up to 7."""

INVOICES = 8
"""How many invoices a dossier may have: occurrences 0 to 7."""


class Decision(Labelled):
    """What an insurer decides after its check."""

    SETTLED = 1
    QUESTIONED = 2
    REFUSED = 3
    RECOVERED = 4


class Answer(Labelled):
    """What an insurer answers to a request for cover."""

    GRANTED = 1
    REFUSED = 2
    PENDING = 3


class Nature(Labelled):
    """What is wrong with the step that a declared error is about."""

    DID_NOT_OCCUR = 1
    INCORRECT_DATA = 2


GROUP_NUMBERS: Mapping[str, int] = {
    "product": 1,
    "supplements": 2,
    "correction": 3,
    "coding": 4,
    "price": 5,
    "device": 6,
    "renewal": 7,
}
"""The number of each group in a demand to open it."""

ERASABLE: Mapping[str, int] = {
    **GROUP_NUMBERS,
    "reference": 8,
    "claim": 9,
    "statement": 10,
    "cover": 11,
    "grant": 12,
}
"""The number of each group of which alone the record may be erased."""

REASONS: Mapping[Kind, tuple[str, ...]] = {
    Kind.CANCELLED: (
        "wearer_withdrew",
        "cover_refused",
        "ordered_in_error",
        "not_available",
        "too_late",
        "other",
    ),
    Kind.REFUSED_ON_ARRIVAL: (
        "not_as_ordered",
        "damaged_in_transport",
        "defective",
        "arrived_twice",
        "other",
    ),
    Kind.BROKEN_AT_EDGING: ("broken", "wrongly_edged", "coating_damaged", "other"),
    Kind.RETURNED: (
        "not_as_ordered",
        "defective",
        "not_adapted",
        "not_collected",
        "recalled",
        "other",
    ),
    Kind.CREDITED: (
        "returned_goods",
        "commercial_gesture",
        "made_in_error",
        "lost_in_transport",
        "recalled",
        "other",
    ),
    Kind.EXCHANGED: ("not_adapted", "defective", "not_as_ordered", "recalled", "other"),
    Kind.DECIDED: (
        "as_checked",
        "proof_missing",
        "case_found",
        "not_covered",
        "cover_exhausted",
        "paid_already",
        "other",
    ),
}
"""Why, by kind: the first label is reason 1. Numbers beyond the list are lawful, and shown as such; none is medical."""


def reason_label(kind: Kind, reason: int) -> str:
    """The word for a reason; the number itself where this version has no word for it."""
    labels = REASONS[kind]
    return labels[reason - 1] if 1 <= reason <= len(labels) else str(reason)


def reason_number(kind: Kind, label: str) -> int:
    """The number of a reason; ValueError for a word that is none."""
    return REASONS[kind].index(label) + 1
