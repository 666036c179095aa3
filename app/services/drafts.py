"""
What a client asks to have signed, before it is a step.

A draft carries the trade's own values; `record_events` turns them into canonical records, commitments and signed
steps. The request models of the API are not hashed, and neither is a draft. Values do not show when one is printed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

RawValues = Mapping[str, object]
"""Values of one group as the client gave them: text, whole numbers, lists of codes, or None."""


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """One item of an invoice: its identifier (32 hex digits) and the values of each group."""

    item: str
    groups: Mapping[str, RawValues] = field(repr=False)


@dataclass(frozen=True, slots=True)
class UnitDraft:
    """One unit of a lot: the schema of its records and the values of each group."""

    schema: str
    groups: Mapping[str, RawValues] = field(repr=False)


@dataclass(frozen=True, slots=True)
class EventDraft:
    """
    One event of one party, uniform over the kinds.

    `kind` is the kind's label. `item` and `dossier` are identifiers of 32 hex digits; a quote has none yet and names
    its dossier and item by the shop's own references. `occurred_at` is in seconds since 1970, None for now.
    `groups` holds the values of each group the kind commits to; for an invoice `claim`, `renewal`; for cover `cover` or
    `grant`; for a declared error the corrected ones, if there are any. `first` is the item exchanged, or the dossier
    replaced. `invoice` is an occurrence. `comparison` and `group` name a comparison of the ledger in words, `in_error`
    one of its kinds of step, `reason` and `nature` are labels. `holder` is who a lot goes to, `unit` the number of one
    of its units.
    `named` is the party that a step is for, `about` the occurrence of the step that it is about, `answers` the kind of
    that step, `event` the id of the event that answers it; `decision` and `answer` are labels, `deadline` is in seconds
    since 1970.
    `where` is the path of the event in the client's request; it begins the path of every error about it.
    """

    kind: str
    occurred_at: int | None = None
    item: str | None = None
    dossier: str | None = None
    schema: str | None = None
    dossier_reference: str | None = None
    item_reference: str | None = None
    glassmaker: int = 0
    groups: Mapping[str, RawValues] | None = field(default=None, repr=False)
    items: tuple[ItemDraft, ...] = ()
    partial: bool = False
    insurers: tuple[int, ...] = ()
    verdict: str | None = None
    cases: tuple[str, ...] = ()
    invoice: int = 0
    replaces: str | None = None
    warranty: bool = False
    first: str | None = None
    reason: str | None = None
    comparison: str | None = None
    group: str | None = None
    in_error: str | None = None
    nature: str | None = None
    lot: str | None = None
    holder: int = 0
    unit: int = 0
    units: tuple[UnitDraft, ...] = ()
    named: int = 0
    about: int = 0
    answers: str | None = None
    event: str | None = None
    decision: str | None = None
    answer: str | None = None
    deadline: int | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A client's key for one request, with the request's bytes: the same key and bytes get the same answer."""

    key: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClaimItem:
    """One item of a claim or opening to check: identifier, values of some groups, and who is said to have made it."""

    item: str
    groups: Mapping[str, RawValues] = field(repr=False)
    glassmaker: int | None = None


@dataclass(frozen=True, slots=True)
class VerificationDraft:
    """
    A check of a dossier: against the ledger alone where `items` is empty.

    `last_reimbursed_on` is the day of the last reimbursement that the insurer knows, as text; `under_16` says for whom.
    """

    dossier: str
    items: tuple[ClaimItem, ...] = ()
    claim: RawValues | None = field(default=None, repr=False)
    partial: bool = False
    invoice: int = 0
    record: bool = False
    last_reimbursed_on: str | None = field(default=None, repr=False)
    under_16: bool = field(default=False, repr=False)
