"""
How long a gateway keeps values, in days, by group; an operator may set other numbers.

Time counts from the moment an item became known to the gateway, for the groups of a dossier from its opening.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

DAY: Final = 24 * 3600
DEFAULT_DAYS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "product": 1826,
        "supplements": 1826,
        "correction": 1826,
        "coding": 1826,
        "price": 1826,
        "claim": 1826,
        "renewal": 1826,
        "statement": 1826,
        "cover": 1826,
        "grant": 1826,
        "device": 3652,
        "reference": 3652,
    }
)
"""Five years, and ten for what traces a device."""


def retention_of(changed: Mapping[str, int]) -> Mapping[str, int]:
    """The days of every group, with those that an operator set; ValueError for what is no group or no day at all."""
    if changed.keys() - DEFAULT_DAYS.keys():
        raise ValueError(f"the groups are {', '.join(DEFAULT_DAYS)}")
    if any(days < 1 for days in changed.values()):
        raise ValueError("a group is kept for a day at least")
    return MappingProxyType({**DEFAULT_DAYS, **changed})


def over(retention: Mapping[str, int], since: int, now: int) -> frozenset[str]:
    """The groups whose time is over at `now` for what is known since `since`, both in seconds since 1970."""
    return frozenset(group for group, days in retention.items() if since + days * DAY <= now)
