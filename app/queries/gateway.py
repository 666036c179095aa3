"""What a gateway can do for a caller: the one thing that API, pages and command line are written against."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.domain.access import Actor
from app.queries import views
from app.queries.access_views import AccessPage, KeyPage, KeyView, NewKeyView
from app.queries.erasure_views import ErasureView
from app.queries.exchange_views import IncomingPage, OutgoingPage
from app.queries.mapping_tables import MappingTableList
from app.queries.opening_views import OpeningList
from app.queries.verdict_views import VerdictChangePage
from app.services.api_keys import ALL, KeyRenewal, KeyTerms
from app.services.drafts import EventDraft, Idempotency, VerificationDraft


@dataclass(frozen=True, slots=True)
class Caller:
    """
    Who asks: the party that an API key is bound to, its role, and the key's public id, label and scope.

    `purpose` is why, as the request states it.
    """

    party: int
    role: str
    key_id: str
    label: str = "unnamed-0"
    scope: str = ALL
    purpose: str = "own_work"

    @property
    def actor(self) -> Actor:
        """The caller as the access log names it."""
        return Actor(self.party, self.key_id, self.label, self.purpose)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; None leaves a condition out. Moments are in seconds since 1970."""

    reference: str | None = None
    state: str | None = None
    verdict: str | None = None
    since: int | None = None
    until: int | None = None
    party: int | None = None
    kind: str | None = None
    item: str | None = None
    dossier: str | None = None
    from_sequence: int | None = None
    subject: str | None = None
    cursor: str | None = None
    limit: int = 50


class Gateway(Protocol):
    """One gateway, serving one party or many. Every call is on behalf of one caller and shows nothing of another's."""

    def caller_of(self, api_key: str) -> Caller | None:
        """Who holds `api_key`; None if nobody does."""

    def turned_away(self, caller: Caller) -> None:
        """Note in the access log that the caller sends more than is let in."""

    def record_events(
        self, caller: Caller, drafts: Sequence[EventDraft], idempotency: Idempotency | None
    ) -> list[views.EventView]:
        """Accept events, all or none; durable on return, on the chain later."""

    def wait_anchored(self, caller: Caller, events: Sequence[str], seconds: float) -> list[views.EventView]:
        """The events as they are once all are anchored or refused, or after `seconds`."""

    def event(self, caller: Caller, event: str) -> views.EventView:
        """One event of the caller; raises NotFound."""

    def item(self, caller: Caller, item: str) -> views.ItemView:
        """One item that concerns the caller; raises NotFound."""

    def erase(self, caller: Caller, item: str) -> ErasureView:
        """Erase the caller's record of an item; raises NotFound, NotPermitted."""

    def dossier(self, caller: Caller, dossier: str) -> views.DossierView:
        """One dossier that concerns the caller; raises NotFound."""

    def openings(self, caller: Caller, dossier: str) -> OpeningList:
        """The values that the caller holds of a dossier; raises NotFound."""

    def items(self, caller: Caller, narrowed: Filter) -> views.ItemPage:
        """Items that concern the caller, newest first."""

    def dossiers(self, caller: Caller, narrowed: Filter) -> views.DossierPage:
        """Dossiers that concern the caller, newest first."""

    def inbox(self, caller: Caller, narrowed: Filter) -> views.InboxPage:
        """Packages taken in, steps that name the caller, and units of its lots that others erased, oldest first."""

    def item_package(self, caller: Caller, item: str, recipient: int) -> Mapping[str, object]:
        """What `recipient` may hold of one item."""

    def dossier_package(self, caller: Caller, dossier: str, recipient: int) -> Mapping[str, object]:
        """What `recipient` may hold of a whole dossier."""

    def sealed_package(
        self, caller: Caller, recipient: int, *, item: str | None = None, dossier: str | None = None
    ) -> str:
        """The same, signed and sealed, as a file that anybody may carry."""

    def receive(self, body: bytes, lets_in: Callable[[int, int], None]) -> str | None:
        """
        Take in what another gateway sends: a sealed package, whose receipt this gives, or a receipt.

        `lets_in` is asked for each package with its recipient and its sender, and raises if there are too many.
        """

    def outgoing(self, caller: Caller, narrowed: Filter) -> OutgoingPage:
        """What goes to other gateways by itself, oldest first."""

    def incoming(self, caller: Caller, narrowed: Filter) -> IncomingPage:
        """What came in from other gateways, oldest first."""

    def take_package(self, caller: Caller, package: Mapping[str, object]) -> views.PackageReceipt:
        """Check a package and keep its keys and values; raises PackageRefused, saying why."""

    def verify(self, caller: Caller, draft: VerificationDraft) -> views.VerificationView:
        """Check a dossier from the index, without waiting for the chain; raises NotFound, NotPermitted."""

    def verdict_changes(self, caller: Caller, narrowed: Filter) -> VerdictChangePage:
        """What changed in dossiers after the caller's recorded checks of them, oldest first."""

    def audit_events(self, caller: Caller, narrowed: Filter) -> views.StepPage:
        """All recorded steps; auditors only."""

    def parties(self, _caller: Caller, narrowed: Filter) -> views.PartyPage:
        """The parties that the registry knows."""

    def mapping_tables(self, _caller: Caller) -> MappingTableList:
        """The mapping tables that the gateway holds, and whether the council published the same."""

    def status(self, caller: Caller) -> views.StatusView:
        """What works, and what of the caller's waits."""

    def keys(self, caller: Caller, narrowed: Filter) -> KeyPage:
        """The API keys of the caller's party, newest first; raises NotPermitted for a key that may only read."""

    def create_key(self, caller: Caller, terms: KeyTerms) -> NewKeyView:
        """Make an API key for the caller's party; raises NotPermitted, InvalidRecord, KeyRefused."""

    def rotate_key(self, caller: Caller, key: str, renewal: KeyRenewal) -> NewKeyView:
        """Give a key a new secret; raises NotPermitted, NotFound, InvalidRecord, KeyRefused."""

    def revoke_key(self, caller: Caller, key: str) -> KeyView:
        """End a key; raises NotPermitted, NotFound, and KeyRefused for the last one that may do everything."""

    def access(self, caller: Caller, narrowed: Filter) -> AccessPage:
        """The party's own access log and others' looks at its dossiers, newest first."""

    def readiness(self) -> tuple[bool, str]:
        """Whether this gateway does all its work, and what it lacks otherwise."""

    def measures(self) -> Mapping[str, float]:
        """Numbers for the monitor; no identifiers and no values."""
