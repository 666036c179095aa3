"""Events for tests, made of the documentation's examples."""

import json
from typing import Any

from app.api import examples

_count = iter(range(10**6))


def quoted(**change: Any) -> dict[str, Any]:
    """A quote with references that no other test uses."""
    number = next(_count)
    return {**examples.QUOTED, "dossier_reference": f"D-{number}", "item_reference": f"I-{number}", **change}


def ordered(item: str, **correction: Any) -> dict[str, Any]:
    """An order of one lens, its correction changed."""
    event: dict[str, Any] = json.loads(json.dumps(examples.EVENTS["ordered"]["value"]))
    return {**event, "item": item, "correction": {**event["correction"], **correction}}


def invoiced(dossier: str, item: str, **change: Any) -> dict[str, Any]:
    """An invoice of one lens."""
    event: dict[str, Any] = json.loads(json.dumps(examples.EVENTS["invoiced"]["value"]))
    return {**event, "dossier": dossier, "items": [{**event["items"][0], "item": item}], **change}
