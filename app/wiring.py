"""The only place where real parts are put together."""

import threading
import time
from collections.abc import Mapping, Sequence

from app.chain.client import NodeChain
from app.chain.signer import KeySigner, UnsafeKeyFile, key_from_file
from app.domain.packages import package_json
from app.pipeline.worker import Worker
from app.queries import checks, equipment, lists, status, steps, views
from app.queries.gateway import Caller, Filter
from app.services import api_keys
from app.services.drafts import EventDraft, Idempotency, VerificationDraft
from app.services.give_package import give_package
from app.services.ground import Ground, not_found
from app.services.record_events import record_events
from app.services.take_package import take_package
from app.services.verify import verify
from app.settings import Settings
from app.store import outbox, read_model, worker_state
from app.store.database import Database
from app.store.registry import Role

__all__ = ["HostedGateway", "UnsafeKeyFile", "build", "worker_of"]


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Seconds since 1970."""
        return int(time.time())


class HostedGateway:
    """One gateway: what the API is served from. `worker` is None where it runs in a process of its own."""

    def __init__(self, ground: Ground, worker: Worker | None) -> None:
        self.ground = ground
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
        found = api_keys.holder_of(self.ground, api_key)
        return None if found is None else Caller(found[0], self.ground.roles[found[0]].label, found[1])

    def record_events(
        self, caller: Caller, drafts: Sequence[EventDraft], idempotency: Idempotency | None
    ) -> list[views.EventView]:
        """Accept events, all or none; durable on return, on the chain later."""
        ids = record_events(self.ground, caller.party, drafts, idempotency)
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
        with self.ground.database.reading() as connection:
            found = steps.events_by_id(connection, caller.party, [event])
        if not found:
            raise not_found()
        return found[0]

    def item(self, caller: Caller, item: str) -> views.ItemView:
        """One item that concerns the caller; raises NotFound."""
        with self.ground.database.reading() as connection:
            return equipment.item_view(connection, caller.party, self._role(caller), item)

    def dossier(self, caller: Caller, dossier: str) -> views.DossierView:
        """One dossier that concerns the caller; raises NotFound."""
        with self.ground.database.reading() as connection:
            return equipment.dossier_view(connection, caller.party, self._role(caller), dossier)

    def items(self, caller: Caller, narrowed: Filter) -> views.ItemPage:
        """Items that concern the caller, newest first."""
        with self.ground.database.reading() as connection:
            return lists.item_page(connection, caller, narrowed)

    def dossiers(self, caller: Caller, narrowed: Filter) -> views.DossierPage:
        """Dossiers that concern the caller, newest first."""
        with self.ground.database.reading() as connection:
            return lists.dossier_page(connection, caller, narrowed)

    def inbox(self, caller: Caller, narrowed: Filter) -> views.InboxPage:
        """Packages taken in and steps that name the caller, oldest first."""
        with self.ground.database.reading() as connection:
            return lists.inbox_page(connection, caller, narrowed)

    def item_package(self, caller: Caller, item: str, recipient: int) -> Mapping[str, object]:
        """What `recipient` may hold of one item."""
        return package_json(give_package(self.ground, caller.party, recipient, item=item))

    def dossier_package(self, caller: Caller, dossier: str, recipient: int) -> Mapping[str, object]:
        """What `recipient` may hold of a whole dossier."""
        return package_json(give_package(self.ground, caller.party, recipient, dossier=dossier))

    def take_package(self, caller: Caller, package: Mapping[str, object]) -> views.PackageReceipt:
        """Check a package and keep its keys and values; raises PackageRefused, saying why."""
        taken = take_package(self.ground, caller.party, package)
        return views.PackageReceipt(taken.id, taken.sender, taken.dossier, list(taken.items), taken.confirmed)

    def verify(self, caller: Caller, draft: VerificationDraft) -> views.VerificationView:
        """Check a dossier from the index, without waiting for the chain; raises NotFound, NotPermitted."""
        checked, event = verify(self.ground, caller.party, draft)
        if event is not None:
            self._wake()
        with self.ground.database.reading() as connection:
            role = self._role(caller)
            return checks.verification_view(connection, caller.party, role, draft.dossier, checked, event)

    def audit_events(self, caller: Caller, narrowed: Filter) -> views.StepPage:
        """All recorded steps; auditors only."""
        with self.ground.database.reading() as connection:
            return lists.step_page(connection, caller, narrowed)

    def parties(self, _caller: Caller, narrowed: Filter) -> views.PartyPage:
        """The parties that the registry knows."""
        with self.ground.database.reading() as connection:
            return lists.party_page(connection, narrowed)

    def status(self, caller: Caller) -> views.StatusView:
        """What works, and what of the caller's waits."""
        with self.ground.database.reading() as connection:
            state = worker_state.chain_state(connection, self.ground.clock.now())
            return status.status_view(connection, caller.party, self.ground.network, state)

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
        age = self.ground.clock.now() - oldest if oldest else 0
        return {
            "events_waiting": waiting,
            "oldest_event_age_seconds": age,
            "indexed_steps": count,
            "indexed_block": last[0] if last else 0,
            "chain_trusted": float(state.reachable and state.trusted),
        }

    def _role(self, caller: Caller) -> Role:
        return self.ground.roles[caller.party]

    def _wake(self) -> None:
        """Spare the worker its nap, where it is in this process; elsewhere it looks four times a second anyway."""
        if self._worker is not None:
            self._worker.wake()


def ground_of(settings: Settings) -> Ground:
    """The shared parts of a gateway, its database brought to this release."""
    database = Database(settings.database_url.get_secret_value())
    database.migrate()
    parties = settings.parties()
    keys = {each.number: key_from_file(each.key_file) for each in parties}
    roles = {each.number: Role[each.role.upper()] for each in parties}
    return Ground(database, KeySigner(keys), SystemClock(), settings.network(), roles)


def worker_of(settings: Settings, ground: Ground) -> Worker:
    """The worker of a gateway, not started yet."""
    chain = NodeChain(str(settings.rpc_url), ground.network, key_from_file(settings.relayer_key_file))
    return Worker(ground, chain)


def build(settings: Settings) -> HostedGateway:
    """A gateway, not started yet; its worker is left out where the settings say that it runs elsewhere."""
    ground = ground_of(settings)
    return HostedGateway(ground, worker_of(settings, ground) if settings.worker else None)
