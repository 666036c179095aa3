"""The published histories as they are offered to a ledger, and what it has to say of each step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import history_vectors

from app.domain.outcomes import Outcome
from app.domain.steps import Step
from app.store.registry import Role
from tests.differential.ledgers import Offer, Said

VECTORS: dict[str, Any] = json.loads(history_vectors.FILE.read_text(encoding="utf-8"))
HISTORIES: list[dict[str, Any]] = VECTORS["histories"]
ROLES = {int(number): Role[label.upper()] for number, label in VECTORS["parties"].items()}
NOW: int = VECTORS["now"]


def offered(history: dict[str, Any]) -> Iterator[tuple[Offer, Said]]:
    """Each step, with the witness of the file, and what the file says becomes of it."""
    for one in history["steps"]:
        step = Step.from_parts(raw(one["head"]), [raw(word) for word in one["words"]])
        states = tuple(int(state, 16) for state in one.get("states", ()))
        duplicates = tuple((raw(item), int(state, 16)) for item, state in one.get("duplicates", ()))
        offer = Offer(one["party"], step, tuple(raw(word) for word in one["witness"]))
        yield offer, Said(Outcome[one["outcome"].upper()], states, duplicates)


def raw(text: str) -> bytes:
    """The bytes of what is written in hex."""
    return bytes.fromhex(text.removeprefix("0x"))
