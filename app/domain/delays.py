"""
Legal and contractual delays: versioned tables, and what follows from two dates.

The figures come from public descriptions of the French rules and are **not confirmed** by a lawyer: whoever relies on
them checks them first. A changed rule is a new version; an old one is never edited.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime


@dataclass(frozen=True, slots=True)
class Delays:
    """Months, by version of the table. `confirmed` is false until a lawyer has looked at them."""

    version: str
    renewal: int
    renewal_under_16: int
    breakage: int
    confirmed: bool = False


DELAYS: Mapping[str, Delays] = {"fr/1": Delays("fr/1", renewal=24, renewal_under_16=12, breakage=24)}
LATEST = "fr/1"


def months_after(start: date, months: int) -> date:
    """The same day so many months later; the last day of a shorter month."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def is_false_renewal(
    last: date | None, sale: date, stated: bool, *, under_16: bool = False, version: str = LATEST
) -> bool:
    """
    Whether a sale comes sooner than the delay after the last reimbursement that this insurer knows.

    `stated` says that the optician signed a renewal statement for the dossier; it names the legal case without data.
    """
    if last is None or stated:
        return False
    table = DELAYS[version]
    return sale < months_after(last, table.renewal_under_16 if under_16 else table.renewal)


def is_out_of_warranty(delivered_at: int, replaced_at: int, *, version: str = LATEST) -> bool:
    """Whether a breakage is replaced later than the warranty allows; both in seconds since 1970, days in UTC."""
    first, second = (datetime.fromtimestamp(moment, UTC).date() for moment in (delivered_at, replaced_at))
    return second > months_after(first, DELAYS[version].breakage)
