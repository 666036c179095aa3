"""What a gateway does for its callers: the real parts behind the port of the API."""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence

from app.domain.access import SHOWN, Act, Deed
from app.domain.packages import package_json
from app.exchange_desk import ExchangeDesk
from app.pipeline.worker import Worker
from app.queries import access_pages, checks, equipment, lists, status, steps, views
from app.queries.access_views import AccessPage, KeyPage, KeyView, NewKeyView
from app.queries.erased import erasure_view
from app.queries.erasure_views import ErasureView
from app.queries.gateway import Caller, Filter
from app.queries.mapping_tables import MappingTableList, table_list
from app.queries.opening_views import OpeningList
from app.queries.openings import opening_list
from app.queries.verdict_changes import change_page
from app.queries.verdict_views import VerdictChangePage
from app.services import api_keys
from app.services.api_keys import KeyRenewal, KeyRing, KeyTerms, require_all
from app.services.drafts import EventDraft, Idempotency, VerificationDraft
from app.services.erase import erase_item
from app.services.give_package import About, give_package
from app.services.ground import Ground, not_found
from app.services.record_events import record_events
from app.services.take_package import take_package
from app.services.verify import check_deed, verify
from app.store import exchange_outbox, outbox, read_model, verdict_changes, worker_state
from app.store.registry import Role


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Seconds since 1970."""
        return int(time.time())


class HostedGateway(ExchangeDesk):
    """One gateway: what the API is served from. `worker` is None where it runs in a process of its own."""

    def __init__(self, ground: Ground, worker: Worker | None) -> None:
        super().__init__(ground)
        self._keys = KeyRing(ground, self._notes)
        self._worker = worker
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Run the worker, if it is this process's, in a thread."""
        if self._worker is not None:
            self._thread = threading.Thread(target=self._worker.run, name="worker")
            self._thread.start()

    def stop(self) -> None:
        """Stop the worker and give back the database."""
        if self._worker is not None and self._thread is not None:
            self._worker.stop()
            self._thread.join()
        self.ground.database.close()

    def caller_of(self, api_key: str) -> Caller | None:
        """Who holds `api_key`; None if nobody does."""
        found = self._keys.holder_of(api_key)
        if found is None:
            return None
        role = self.ground.roles[found.party].label
        return Caller(found.party, role, found.key, found.label, found.scope)

    def record_events(
        self, caller: Caller, drafts: Sequence[EventDraft], idempotency: Idempotency | None
    ) -> list[views.EventView]:
        """Accept events, all or none; durable on return, on the chain later."""
        with self._denials(caller, "record"):
            require_all(caller.scope)
            ids = record_events(self.ground, caller.actor, drafts, idempotency)
        self._wake()
        with self.ground.database.reading() as connection:
            return steps.events_by_id(connection, caller.party, ids)

    def wait_anchored(self, caller: Caller, events: Sequence[str], seconds: float) -> list[views.EventView]:
        """The events as they are once all are anchored or refused, or after `seconds`."""
        end = time.monotonic() + seconds
        while True:
            with self.ground.database.reading() as connection:
                found = steps.events_by_id(connection, caller.party, events)
            if all(each.status in ("anchored", "refused") for each in found) or time.monotonic() >= end:
                return found
            time.sleep(0.1)

    def event(self, caller: Caller, event: str) -> views.EventView:
        """One event of the caller; raises NotFound."""
        with self._denials(caller, "event"), self.ground.database.reading() as connection:
            found = steps.events_by_id(connection, caller.party, [event])
            if not found:
                raise not_found()
            return found[0]

    def item(self, caller: Caller, item: str) -> views.ItemView:
        """One item that concerns the caller; raises NotFound."""
        with self._denials(caller, Act.READ, item), self.ground.database.reading() as connection:
            view = equipment.item_view(connection, caller.party, self._role(caller), item, self._now())
        self._notes.once_a_minute(caller.actor, Deed(Act.READ, item, view.dossier, fields=SHOWN))
        return view

    def erase(self, caller: Caller, item: str) -> ErasureView:
        """Erase the caller's record of an item; raises NotFound, NotPermitted."""
        with self._denials(caller, Act.RECORD_ERASED, item):
            require_all(caller.scope)
            found = erase_item(self.ground, caller.actor, item)
        with self.ground.database.reading() as connection:
            return erasure_view(connection, found)

    def dossier(self, caller: Caller, dossier: str) -> views.DossierView:
        """One dossier that concerns the caller; raises NotFound."""
        with self._denials(caller, Act.READ, dossier), self.ground.database.reading() as connection:
            view = equipment.dossier_view(connection, caller.party, self._role(caller), dossier, self._now())
        self._notes.once_a_minute(caller.actor, Deed(Act.READ, dossier, dossier, fields=SHOWN))
        return view

    def openings(self, caller: Caller, dossier: str) -> OpeningList:
        """The values that the caller holds of a dossier that concerns it; raises NotFound."""
        with self._denials(caller, "openings", dossier), self.ground.database.reading() as connection:
            found = opening_list(connection, caller.party, self._role(caller), dossier, self._now())
        groups = tuple(sorted({each.group for each in found.openings}))
        self._notes.once_a_minute(caller.actor, Deed(Act.READ, dossier, dossier, fields=groups, detail="openings"))
        return found

    def items(self, caller: Caller, narrowed: Filter) -> views.ItemPage:
        """Items that concern the caller, newest first."""
        with self.ground.database.reading() as connection:
            page = lists.item_page(connection, caller, narrowed)
        self._note_listed(caller, "items", ("verdict",), (each.dossier for each in page.items))
        return page

    def dossiers(self, caller: Caller, narrowed: Filter) -> views.DossierPage:
        """Dossiers that concern the caller, newest first."""
        with self.ground.database.reading() as connection:
            page = lists.dossier_page(connection, caller, narrowed)
        self._note_listed(caller, "dossiers", ("verdict",), (each.dossier for each in page.dossiers))
        return page

    def inbox(self, caller: Caller, narrowed: Filter) -> views.InboxPage:
        """Packages taken in, steps that name the caller, and units of its lots that others erased, oldest first."""
        with self.ground.database.reading() as connection:
            page = lists.inbox_page(connection, caller, narrowed)
        self._note_listed(caller, "inbox", ("steps",), (each.dossier for each in page.entries))
        return page

    def _note_listed(self, caller: Caller, what: str, fields: tuple[str, ...], dossiers: Iterable[str | None]) -> None:
        """Note that a list was shown, and so that the optician of each dossier in it can read that it was looked at."""
        others = {name for name in dossiers if name is not None and int(name[:8], 16) != caller.party}
        looks = (Deed(Act.LISTED, name, name, fields=fields, detail=what) for name in sorted(others))
        self._notes.once_a_minute(caller.actor, Deed(Act.LISTED, detail=what), *looks)

    def item_package(self, caller: Caller, item: str, recipient: int) -> Mapping[str, object]:
        """What `recipient` may hold of one item."""
        with self._denials(caller, Act.PACKAGE_GIVEN, item):
            return package_json(give_package(self.ground, caller.actor, recipient, About([item])))

    def dossier_package(self, caller: Caller, dossier: str, recipient: int) -> Mapping[str, object]:
        """What `recipient` may hold of a whole dossier."""
        with self._denials(caller, Act.PACKAGE_GIVEN, dossier):
            return package_json(give_package(self.ground, caller.actor, recipient, About(dossier=dossier)))

    def take_package(self, caller: Caller, package: Mapping[str, object]) -> views.PackageReceipt:
        """Check a package and keep its keys and values; raises PackageRefused, saying why."""
        with self._denials(caller, Act.PACKAGE_TAKEN):
            require_all(caller.scope)
            taken = take_package(self.ground, caller.actor, package)
        return views.PackageReceipt(taken.id, taken.sender, taken.dossier, list(taken.items), taken.confirmed)

    def verify(self, caller: Caller, draft: VerificationDraft) -> views.VerificationView:
        """Check a dossier from the index, without waiting for the chain; raises NotFound, NotPermitted."""
        with self._denials(caller, Act.CHECK_RECORDED if draft.record else Act.CHECKED, draft.dossier):
            if draft.record:
                require_all(caller.scope)
            checked, event = verify(self.ground, caller.actor, draft)
        if event is None:
            self._notes.once_a_minute(caller.actor, check_deed(draft, checked))
        else:
            self._wake()
        with self.ground.database.reading() as connection:
            role = self._role(caller)
            return checks.verification_view(connection, caller.party, role, draft.dossier, checked, event, self._now())

    def verdict_changes(self, caller: Caller, narrowed: Filter) -> VerdictChangePage:
        """What changed in dossiers after the caller's recorded checks of them, oldest first."""
        with self.ground.database.reading() as connection:
            page = change_page(connection, caller.party, narrowed)
        self._note_listed(caller, "verdict changes", ("verdict",), (each.dossier for each in page.changes))
        return page

    def audit_events(self, caller: Caller, narrowed: Filter) -> views.StepPage:
        """All recorded steps; auditors only."""
        with self._denials(caller, Act.LISTED), self.ground.database.reading() as connection:
            page = lists.step_page(connection, caller, narrowed)
        about = narrowed.item or narrowed.dossier
        self._notes.once_a_minute(caller.actor, Deed(Act.LISTED, about, narrowed.dossier, detail="ledger"))
        self._note_listed(caller, "ledger", ("steps",), (each.dossier for each in page.events))
        return page

    def parties(self, _caller: Caller, narrowed: Filter) -> views.PartyPage:
        """The parties that the registry knows."""
        with self.ground.database.reading() as connection:
            return lists.party_page(connection, narrowed)

    def mapping_tables(self, _caller: Caller) -> MappingTableList:
        """The mapping tables that the gateway holds, and whether the council published the same."""
        with self.ground.database.reading() as connection:
            return table_list(connection, self.ground.mappings)

    def status(self, caller: Caller) -> views.StatusView:
        """What works, and what of the caller's waits."""
        with self.ground.database.reading() as connection:
            state = worker_state.chain_state(connection, self.ground.clock.now())
            return status.status_view(connection, caller.party, self.ground.network, state)

    def keys(self, caller: Caller, narrowed: Filter) -> KeyPage:
        """The API keys of the caller's party, newest first; raises NotPermitted for a key that may only read."""
        with self._denials(caller, "keys"), self.ground.database.reading() as connection:
            require_all(caller.scope)
            now = self.ground.clock.now()
            return access_pages.key_page(connection, caller.party, narrowed.cursor, narrowed.limit, now)

    def create_key(self, caller: Caller, terms: KeyTerms) -> NewKeyView:
        """Make an API key for the caller's party; raises NotPermitted, InvalidRecord, KeyRefused."""
        with self._denials(caller, Act.KEY_CREATED):
            require_all(caller.scope)
            return self._new(caller, api_keys.create_api_key(self.ground, caller.party, terms, caller.actor))

    def rotate_key(self, caller: Caller, key: str, renewal: KeyRenewal) -> NewKeyView:
        """Give a key a new secret; raises NotPermitted, NotFound, InvalidRecord, KeyRefused."""
        with self._denials(caller, Act.KEY_ROTATED):
            require_all(caller.scope)
            return self._new(caller, api_keys.rotate_api_key(self.ground, caller.actor, key, renewal))

    def revoke_key(self, caller: Caller, key: str) -> KeyView:
        """End a key; raises NotPermitted, NotFound, and KeyRefused for the last one that may do everything."""
        with self._denials(caller, Act.KEY_REVOKED):
            require_all(caller.scope)
            api_keys.revoke_api_key(self.ground, caller.actor, key)
        return self._key(caller, key)

    def access(self, caller: Caller, narrowed: Filter) -> AccessPage:
        """The party's own access log and others' looks at its dossiers, newest first."""
        with self.ground.database.reading() as connection:
            return access_pages.access_page(connection, caller.party, narrowed.subject, narrowed.cursor, narrowed.limit)

    def readiness(self) -> tuple[bool, str]:
        """Whether this gateway does all its work, and what it lacks otherwise."""
        with self.ground.database.reading() as connection:
            state = worker_state.chain_state(connection, self.ground.clock.now())
            last = read_model.last_block(connection)
        if not (state.reachable and state.trusted):
            return False, state.detail
        if state.head is None or last is None or state.head - last[0] > status.FEW_BLOCKS:
            return False, "the chain is still being read"
        return True, "ready"

    def measures(self) -> Mapping[str, float]:
        """Numbers for the monitor; no identifiers and no values."""
        with self.ground.database.reading() as connection:
            state = worker_state.chain_state(connection, self.ground.clock.now())
            waiting, oldest = outbox.waiting(connection)
            last = read_model.last_block(connection)
            count = read_model.step_count(connection)
            packages = exchange_outbox.waiting(connection)
            changes = verdict_changes.count(connection)
        age = self.ground.clock.now() - oldest if oldest else 0
        return {
            "events_waiting": waiting,
            "oldest_event_age_seconds": age,
            "packages_waiting": packages,
            "verdict_changes": changes,
            "indexed_steps": count,
            "indexed_block": last[0] if last else 0,
            "chain_trusted": float(state.reachable and state.trusted),
        }

    def _new(self, caller: Caller, api_key: str) -> NewKeyView:
        return NewKeyView(api_key, self._key(caller, api_keys.id_of(api_key)))

    def _key(self, caller: Caller, key: str) -> KeyView:
        with self.ground.database.reading() as connection:
            return access_pages.key_view(connection, caller.party, key, self.ground.clock.now())

    def _role(self, caller: Caller) -> Role:
        return self.ground.roles[caller.party]

    def _now(self) -> int:
        return self.ground.clock.now()

    def _wake(self) -> None:
        """Spare the worker its nap, where it is in this process; elsewhere it looks four times a second anyway."""
        if self._worker is not None:
            self._worker.wake()
