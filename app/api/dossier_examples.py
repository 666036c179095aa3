"""Examples of what optician and insurer tell each other about a dossier."""

from typing import Any, Final

from app.api.example_ids import DOSSIER, EVENT, INSURER, ITEM

OF_A_DOSSIER: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "cover_requested": (
        "the insurer is asked before anything is ordered",
        {
            "dossier": DOSSIER,
            "insurer": INSURER,
            "cover": {"amount": "200.00", "currency": "EUR", "request_date": "2026-03-02"},
        },
    ),
    "cover_answered": (
        "the insurer grants a part of it",
        {
            "dossier": DOSSIER,
            "request": 0,
            "answer": "granted",
            "grant": {
                "cover_number": "PEC-551204",
                "amount": "180.00",
                "currency": "EUR",
                "valid_until": "2026-06-02",
            },
        },
    ),
    "cover_cancelled": ("the wearer's right is free again", {"dossier": DOSSIER, "request": 0}),
    "decided": (
        "the insurer asks for a proof before it pays",
        {
            "dossier": DOSSIER,
            "check": 0,
            "decision": "questioned",
            "reason": "proof_missing",
            "deadline": "2199-01-01T00:00:00Z",
        },
    ),
    "answered": (
        "the optician points to what answers the question",
        {"dossier": DOSSIER, "party": INSURER, "answers": "decided", "occurrence": 0, "event": EVENT},
    ),
    "opening_demanded": (
        "the insurer asks to be shown which device it was",
        {"dossier": DOSSIER, "item": ITEM, "group": "device"},
    ),
}
"""By kind: what happens, and the event without its type."""
OPENINGS: Final[dict[str, dict[str, Any]]] = {
    "granted": {
        "summary": "what the insurer granted, on the ledger",
        "value": {
            "dossier": DOSSIER,
            "openings": [
                {
                    "subject": DOSSIER,
                    "group": "grant",
                    "values": {
                        "cover_number": "PEC-551204",
                        "amount": "18000",
                        "currency": "EUR",
                        "valid_until": "2026-06-02",
                    },
                    "digest": "ab" * 32,
                    "step": {
                        "sequence": 17,
                        "party": INSURER,
                        "party_sequence": 4,
                        "kind": "cover_answered",
                        "occurrence": 0,
                        "dossier": DOSSIER,
                        "claimed_at": "2026-03-02T09:30:00Z",
                        "late": False,
                        "block": 120,
                        "block_time": "2026-03-02T09:30:04Z",
                        "transaction": "0x" + "cd" * 32,
                        "digest": "ab" * 32,
                        "said": {"answer": "granted", "request": 0},
                    },
                }
            ],
            "erased": [],
        },
    }
}
