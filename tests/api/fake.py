"""A gateway in memory: it keeps the Protocol of the real one, for tests of what stands in front of it."""

# The Protocol fixes what a method is given; a fake need not look at all of it.
# ruff: noqa: ARG002

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from app.api import examples
from app.errors import BadCursor, IdempotencyConflict, NotFound, NotPermitted, OutOfSequence, PartySuspended
from app.queries import views
from app.queries.access_views import AccessPage, AccessView, KeyPage, KeyView, NewKeyView
from app.queries.case_views import AssuranceView
from app.queries.erasure_views import ErasureView
from app.queries.exchange_views import IncomingPage, IncomingView, OutgoingPage, OutgoingView
from app.queries.gateway import Caller, Filter, Gateway
from app.queries.mapping_tables import MappingTableList, MappingTableView
from app.queries.opening_views import OpeningList
from app.queries.verdict_views import StandingView, VerdictChangePage, VerdictChangeView
from app.services.api_keys import KeyRenewal, KeyTerms, require_all
from app.services.drafts import EventDraft, Idempotency, VerificationDraft

SUSPENDED = 404404404
OTHER_SHOP = 222333444
KEYS: Mapping[str, Caller] = {
    f"ot_{number:08x}_{letter * 64}": Caller(party, role, f"{number:08x}")
    for number, letter, party, role in (
        (1, "a", examples.OPTICIAN, "optician"),
        (2, "b", examples.GLASSMAKER, "glassmaker"),
        (3, "c", examples.INSURER, "insurer"),
        (4, "d", 777000222, "auditor"),
        (5, "e", SUSPENDED, "optician"),
        (6, "f", OTHER_SHOP, "optician"),
    )
}
OPTICIAN, GLASSMAKER, INSURER, AUDITOR, SUSPENDED_KEY, OTHER = KEYS
READ_ONLY = f"ot_{7:08x}_{'9' * 64}"

_MOMENT = "2026-03-02T09:30:00Z"
_ASSURANCE = AssuranceView("optician_only", False, False)


class FakeGateway(Gateway):
    """Knows one dossier with one item. `recorded`, `taken` and `checked` hold what got through."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.recorded: list[EventDraft] = []
        self.received: list[bytes] = []
        self.taken: list[Mapping[str, object]] = []
        self.checked: list[VerificationDraft] = []
        self.looked_up: list[str] = []
        self.sent_away: list[Caller] = []
        self.settles_after = 0
        self.fails: Callable[[], None] = lambda: None
        self._answers: dict[tuple[int, str], tuple[bytes, list[views.EventView]]] = {}

    def caller_of(self, api_key: str) -> Caller | None:
        self.looked_up.append(api_key)
        if api_key == READ_ONLY:
            return Caller(examples.OPTICIAN, "optician", f"{7:08x}", "dashboard-1", "read")
        return KEYS.get(api_key)

    def turned_away(self, caller: Caller) -> None:
        self.sent_away.append(caller)

    def record_events(
        self, caller: Caller, drafts: Sequence[EventDraft], idempotency: Idempotency | None
    ) -> list[views.EventView]:
        self.fails()
        if caller.party == SUSPENDED:
            raise PartySuspended("the registry shows this party as suspended")
        if any(draft.kind == "shipped" and caller.role != "glassmaker" for draft in drafts):
            raise NotPermitted("only a glassmaker ships", "/type")
        if any(draft.kind == "received" and draft.item != examples.ITEM for draft in drafts):
            raise OutOfSequence("this item was never ordered", "/item")
        kept = self._answers.get((caller.party, idempotency.key)) if idempotency else None
        if kept is not None and idempotency is not None:
            if kept[0] != idempotency.body:
                raise IdempotencyConflict("the key stands for another body", "header idempotency-key")
            return kept[1]
        self.recorded += drafts
        accepted = [_event(draft.kind, "accepted") for draft in drafts]
        if idempotency is not None:
            self._answers[caller.party, idempotency.key] = idempotency.body, accepted
        return accepted

    def wait_anchored(self, caller: Caller, events: Sequence[str], seconds: float) -> list[views.EventView]:
        self.settles_after -= 1
        return [_event("quoted", "submitted" if self.settles_after > 0 else "anchored") for _ in events]

    def event(self, caller: Caller, event: str) -> views.EventView:
        self._see(caller, event, examples.EVENT)
        return _event("quoted", "anchored")

    def item(self, caller: Caller, item: str) -> views.ItemView:
        self._see(caller, item, examples.ITEM)
        return _item()

    def erase(self, caller: Caller, item: str) -> ErasureView:
        require_all(caller.scope)
        self._see(caller, item, examples.ITEM)
        return ErasureView(item, caller.party, "erasing", _MOMENT, [examples.GLASSMAKER], [])

    def dossier(self, caller: Caller, dossier: str) -> views.DossierView:
        self._see(caller, dossier, examples.DOSSIER)
        return views.DossierView(
            examples.DOSSIER, examples.OPTICIAN, [], "incomplete", [], _ASSURANCE, [_item()], [], []
        )

    def openings(self, caller: Caller, dossier: str) -> OpeningList:
        self._see(caller, dossier, examples.DOSSIER)
        return OpeningList(examples.DOSSIER, [], [])

    def items(self, caller: Caller, narrowed: Filter) -> views.ItemPage:
        self._turn(narrowed)
        line = views.ItemSummary(
            examples.ITEM, examples.DOSSIER, "incomplete", "quoted", _MOMENT, narrowed.reference, None
        )
        return views.ItemPage([line], None)

    def dossiers(self, caller: Caller, narrowed: Filter) -> views.DossierPage:
        self._turn(narrowed)
        line = views.DossierSummary(examples.DOSSIER, "incomplete", 1, False, _MOMENT, narrowed.reference)
        return views.DossierPage([line], None)

    def inbox(self, caller: Caller, narrowed: Filter) -> views.InboxPage:
        self._turn(narrowed)
        entry = views.InboxEntry("package", _MOMENT, examples.DOSSIER, examples.OPTICIAN, examples.PACKAGE, True)
        return views.InboxPage([entry], None)

    def item_package(self, caller: Caller, item: str, recipient: int) -> Mapping[str, object]:
        self._see(caller, item, examples.ITEM)
        return {**examples.PACKAGE_DOCUMENT, "for": recipient}

    def dossier_package(self, caller: Caller, dossier: str, recipient: int) -> Mapping[str, object]:
        self._see(caller, dossier, examples.DOSSIER)
        return {**examples.PACKAGE_DOCUMENT, "for": recipient}

    def sealed_package(
        self, caller: Caller, recipient: int, *, item: str | None = None, dossier: str | None = None
    ) -> str:
        self._see(caller, item or dossier or "", examples.ITEM if item else examples.DOSSIER)
        return str(examples.SEALED["order"]["value"])

    def receive(self, body: bytes, lets_in: Callable[[int, int], None]) -> str | None:
        self.fails()
        if body.count(b".") == 2:
            return None
        lets_in(examples.GLASSMAKER, examples.OPTICIAN)
        self.received.append(body)
        return "e30.e30.AA"

    def outgoing(self, caller: Caller, narrowed: Filter) -> OutgoingPage:
        self._turn(narrowed)
        out = OutgoingView(
            examples.PACKAGE, examples.GLASSMAKER, examples.DOSSIER, [examples.ITEM], "waiting", 1, _MOMENT, _MOMENT,
            None, views.Reason("unreachable", "the recipient's gateway does not answer"),
        )  # fmt: skip
        return OutgoingPage([out], None)

    def incoming(self, caller: Caller, narrowed: Filter) -> IncomingPage:
        self._turn(narrowed)
        came = IncomingView(examples.PACKAGE, examples.OPTICIAN, examples.DOSSIER, _MOMENT, "unconfirmed", None)
        return IncomingPage([came], None)

    def take_package(self, caller: Caller, package: Mapping[str, object]) -> views.PackageReceipt:
        self.fails()
        self.taken.append(package)
        return views.PackageReceipt(examples.PACKAGE, examples.OPTICIAN, examples.DOSSIER, [examples.ITEM], False)

    def verify(self, caller: Caller, draft: VerificationDraft) -> views.VerificationView:
        self.fails()
        self._see(caller, draft.dossier, examples.DOSSIER)
        self.checked.append(draft)
        event = _event("verified", "accepted") if draft.record else None
        return views.VerificationView(
            draft.dossier,
            "incomplete",
            None,
            [],
            _ASSURANCE,
            [],
            as_of_sequence=7,
            as_of_block=9,
            event=event,
        )

    def verdict_changes(self, caller: Caller, narrowed: Filter) -> VerdictChangePage:
        self._turn(narrowed)
        before, after = StandingView("conform", []), StandingView("non_conform", ["RETURN_NOT_DECLARED"])
        return VerdictChangePage(
            [VerdictChangeView(examples.DOSSIER, _MOMENT, before, after, "step", False, _step())], None
        )

    def audit_events(self, caller: Caller, narrowed: Filter) -> views.StepPage:
        self._turn(narrowed)
        if caller.role != "auditor":
            raise NotPermitted("only an auditor sees all steps")
        return views.StepPage([_step()], None)

    def parties(self, caller: Caller, narrowed: Filter) -> views.PartyPage:
        self._turn(narrowed)
        return views.PartyPage([views.PartyView(examples.OPTICIAN, "optician", "active", 1, False)], None)

    def mapping_tables(self, caller: Caller) -> MappingTableList:
        self.fails()
        table = MappingTableView("sample/1", "optics.lens/1", "made up", None, 51, "0x" + "5f" * 32, "yes")
        return MappingTableList([table])

    def status(self, caller: Caller) -> views.StatusView:
        self.fails()
        chain = views.ChainStatus(True, True, "the chain is the one pinned", 31337, "0x" + "5f" * 20, 9, 9, 7)
        return views.StatusView("Everything works.", chain, 0, None)

    def keys(self, caller: Caller, narrowed: Filter) -> KeyPage:
        self._turn(narrowed)
        require_all(caller.scope)
        return KeyPage([_key(KeyTerms("shop-software-1"))], None)

    def create_key(self, caller: Caller, terms: KeyTerms) -> NewKeyView:
        self.fails()
        require_all(caller.scope)
        return NewKeyView(f"ot_{examples.KEY}_{'0' * 64}", _key(terms))

    def rotate_key(self, caller: Caller, key: str, renewal: KeyRenewal) -> NewKeyView:
        require_all(caller.scope)
        self._see(caller, key, examples.KEY)
        return NewKeyView(f"ot_{key}_{'1' * 64}", _key(KeyTerms("shop-software-1")))

    def revoke_key(self, caller: Caller, key: str) -> KeyView:
        require_all(caller.scope)
        self._see(caller, key, examples.KEY)
        return replace(_key(KeyTerms("shop-software-1")), active=False, revoked_at=_MOMENT)

    def access(self, caller: Caller, narrowed: Filter) -> AccessPage:
        self._turn(narrowed)
        entry = AccessView(
            examples.INSURER, _MOMENT, "checked", "claim_check", examples.DOSSIER, examples.DOSSIER, None,
            ["coding", "price"], None, None, None, None, None,
        )  # fmt: skip
        return AccessPage([entry], None)

    def readiness(self) -> tuple[bool, str]:
        self.fails()
        return True, "all of its work"

    def measures(self) -> Mapping[str, float]:
        return {"events_waiting": float(len(self.recorded))}

    def _see(self, caller: Caller, given: str, there: str) -> None:
        self.fails()
        if given != there or caller.party == OTHER_SHOP:
            raise NotFound("nothing of this name concerns this party")

    def _turn(self, narrowed: Filter) -> None:
        self.fails()
        if narrowed.cursor not in (None, "next-page"):
            raise BadCursor("the cursor is not known", "query cursor")


def _key(terms: KeyTerms) -> KeyView:
    scope: Literal["all", "read"] = "all" if terms.scope == "all" else "read"
    return KeyView(examples.KEY, terms.label, scope, True, _MOMENT, None, _MOMENT, None, None)


def _event(kind: str, status: views.EventStatus) -> views.EventView:
    accepted = views.EventView(
        examples.EVENT, kind, "accepted", examples.ITEM, examples.DOSSIER, 0, _MOMENT, _MOMENT, "ef" * 32
    )
    return replace(accepted, status=status)


def _step() -> views.StepView:
    return views.StepView(
        7, examples.OPTICIAN, 3, "quoted", 0, examples.ITEM, examples.DOSSIER, _MOMENT, False, 9, _MOMENT,
        "0x" + "aa" * 32, "ef" * 32,
    )  # fmt: skip


def _item() -> views.ItemView:
    return views.ItemView(
        examples.ITEM, examples.DOSSIER, examples.OPTICIAN, examples.GLASSMAKER, "incomplete", [], [], _ASSURANCE,
        [_step()], [], "2026-00117-R", "optics.lens/1",
    )  # fmt: skip
