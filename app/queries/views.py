"""
The shapes of answers, shared by the API and the command line.

Identifiers and hashes are hex, moments RFC 3339 in UTC, blocks and sequences plain numbers. Nothing here can hold a
value of a record: a view shows commitments, states and the party's own references.
"""

from dataclasses import dataclass, field
from typing import Literal

from app.domain.conformity import VerdictLabel
from app.queries.case_views import AssuranceView, CaseView, JustifyingStep
from app.queries.erasure_views import ErasedView, ErasureView

EventStatus = Literal["accepted", "submitted", "anchored", "refused"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an event waits or was refused: a stable code, and what it means."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class EventView:
    """
    One event of the party that asks.

    `accepted`: durable here, not sent. `submitted`: sent, not yet read back. `anchored`: read back from the chain.
    `refused`: final, `reason` says why. `waiting` says what a not yet anchored event waits for, if that is known.
    Of an event about a lot of stock `dossier` is the lot.
    """

    id: str
    type: str
    status: EventStatus
    item: str | None
    dossier: str
    occurrence: int
    occurred_at: str
    accepted_at: str
    digest: str
    item_reference: str | None = None
    dossier_reference: str | None = None
    sequence: int | None = None
    block: int | None = None
    block_time: str | None = None
    transaction: str | None = None
    waiting: Reason | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class StepView:
    """One step read back from the chain. `late`: claimed over 48 hours before its block. `dossier` may be a lot."""

    sequence: int
    party: int
    party_sequence: int
    kind: str
    occurrence: int
    item: str | None
    dossier: str
    claimed_at: str
    late: bool
    block: int
    block_time: str
    transaction: str
    digest: str
    said: dict[str, str | int | list[str]] = field(default_factory=dict)
    """What a check, a decision, an answer, a request, a demand or an erasure of groups says in its detail."""


@dataclass(frozen=True, slots=True)
class ItemView:
    """
    One item: what the ledger says of it, and the party's own events still on their way.

    `justified_by` are the steps that justify its verdict beside its cases, such as a cancellation. `erased` is the
    party's own erasure of its record, `erasures` are all that the ledger shows.
    """

    item: str
    dossier: str
    optician: int
    glassmaker: int | None
    verdict: VerdictLabel
    justified_by: list[JustifyingStep]
    cases: list[CaseView]
    assurance: AssuranceView
    steps: list[StepView]
    pending: list[EventView]
    item_reference: str | None = None
    schema: str | None = None
    erased: ErasureView | None = None
    erasures: list[ErasedView] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DossierView:
    """One dossier: its items, its own steps, and the worst verdict among them."""

    dossier: str
    optician: int
    insurers: list[int]
    verdict: VerdictLabel
    cases: list[CaseView]
    assurance: AssuranceView
    items: list[ItemView]
    steps: list[StepView]
    pending: list[EventView]
    dossier_reference: str | None = None
    erasures: list[ErasedView] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ItemSummary:
    """One line of a list of items."""

    item: str
    dossier: str
    verdict: VerdictLabel
    last_step: str | None
    updated_at: str | None
    item_reference: str | None
    dossier_reference: str | None


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Items, and the cursor of the next page; None at the end."""

    items: list[ItemSummary]
    next: str | None


@dataclass(frozen=True, slots=True)
class DossierSummary:
    """One line of a list of dossiers."""

    dossier: str
    verdict: VerdictLabel
    items: int
    invoiced: bool
    updated_at: str | None
    dossier_reference: str | None


@dataclass(frozen=True, slots=True)
class DossierPage:
    """Dossiers, and the cursor of the next page; None at the end."""

    dossiers: list[DossierSummary]
    next: str | None


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """
    Something that came in: a package taken in, another party's step that names this one, or a unit that it erased.

    A package is `contradicted` when the ledger has another step in place of one of its own, or none can come any more;
    its values were forgotten. Of a `unit` the sender erased its record of the item that it was drawn for: `dossier` is
    the lot, and neither item nor step is shown, for they are another's sale. `still_held` says of it, and of a step by
    which the sender erased its record, whether this party still holds openings of what was erased.
    """

    type: Literal["package", "step", "unit"]
    at: str
    dossier: str
    sender: int
    package: str | None = None
    confirmed: bool | None = None
    step: StepView | None = None
    still_held: bool | None = None
    contradicted: bool | None = None
    unit: int | None = None


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Entries, oldest first, and the cursor of the next page; None at the end."""

    entries: list[InboxEntry]
    next: str | None


@dataclass(frozen=True, slots=True)
class StepPage:
    """Steps in the order of the ledger, and the cursor of the next page; None at the end."""

    events: list[StepView]
    next: str | None


@dataclass(frozen=True, slots=True)
class PartyView:
    """One party as the registry shows it."""

    party: int
    role: str
    state: str
    keys: int
    custodial: bool


@dataclass(frozen=True, slots=True)
class PartyPage:
    """Parties in the order of their numbers, and the cursor of the next page; None at the end."""

    parties: list[PartyView]
    next: str | None


@dataclass(frozen=True, slots=True)
class CheckView:
    """What opening one group of one item showed, per step that committed to it. No root there: the step is absent."""

    item: str
    group: str
    matches: dict[str, bool]
    opening: Literal["given", "received", "none"]


@dataclass(frozen=True, slots=True)
class VerificationView:
    """
    The answer to a check, as of one point of the ledger.

    `ledger_verdict` follows from public steps; `claim_verdict` from opening as well, and is None where nothing was
    opened. `event` is the queued `verified` event, if the check was to be recorded. What was erased stays proven, and
    `erasures` says who cannot open it any more.
    """

    dossier: str
    ledger_verdict: VerdictLabel
    claim_verdict: VerdictLabel | None
    cases: list[CaseView]
    assurance: AssuranceView
    checks: list[CheckView]
    as_of_sequence: int
    as_of_block: int
    event: EventView | None = None
    erasures: list[ErasedView] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PackageReceipt:
    """A package was taken in; `confirmed` when every step in it was already read back from the chain."""

    package: str
    sender: int
    dossier: str
    items: list[str]
    confirmed: bool


@dataclass(frozen=True, slots=True)
class ChainStatus:
    """The chain as this gateway sees it."""

    reachable: bool
    trusted: bool
    detail: str
    chain_id: int
    ledger: str
    head: int | None
    indexed_block: int | None
    indexed_steps: int


@dataclass(frozen=True, slots=True)
class StatusView:
    """What works, in plain words, and how many of the party's events wait."""

    works: str
    chain: ChainStatus
    waiting: int
    oldest_waiting: str | None
