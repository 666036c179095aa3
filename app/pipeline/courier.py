"""
Carry packages that are due to the gateways of their recipients, until each has a receipt.

It is never given up: a recipient may be away for weeks. What is true if the process dies: before the post, nothing
left; after it, the same package is made and sent again, and its recipient answers with the receipt it gave before.
"""

import json
import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

import structlog

from app.domain.access import Actor
from app.errors import ExchangeKeyUnknown, LeaseLost, OptiTraceError, StoreUnavailable, VaultUnreadable
from app.exchange.addresses import AddressRefused, Directory
from app.exchange.post import Answer, Post, Unreachable
from app.failpoints import failpoint
from app.nesting import too_deep
from app.pipeline.lease import Lease
from app.services.access_log import EXCHANGE
from app.services.ground import Ground
from app.services.receive import take_receipt
from app.services.seal_package import keys_of, seal_due
from app.store import exchange_outbox
from app.store.database import WriteConflict
from app.store.exchange_outbox import Due
from app.store.registry import registered_party

AT_ONCE, RECIPIENTS_AT_ONCE = 64, 4
FIRST_PAUSE, LONGEST_PAUSE = 2, 3600
IDLE_SECONDS = 1.0
NO_GATEWAY, NO_KEY, UNREACHABLE = "no_gateway", "no_exchange_key", "unreachable"
NO_RECEIPT = "no_receipt"
log = structlog.get_logger()


class _Waits(Exception):
    """
    It cannot be delivered now; `of_all` if nothing can that goes to the same recipient.

    `seconds` is how long the recipient asked to wait, None if it did not.
    """

    def __init__(self, reason: str, *, of_all: bool = True, seconds: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.of_all = of_all
        self.seconds = seconds


class Courier:
    """Carries the packages of every party of one gateway."""

    def __init__(self, ground: Ground, directory: Directory, post: Post) -> None:
        self._ground = ground
        self._directory = directory
        self._post = post
        self._lease = Lease(ground, "courier")
        self._stop = threading.Event()
        self._wake = threading.Event()

    def run(self) -> None:
        """Work until `stop` is called."""
        while not self._stop.is_set():
            busy = False
            try:
                busy = self.turn()
            except LeaseLost:
                log.debug("another process carries packages")
            except (OptiTraceError, WriteConflict) as error:
                log.warning("packages could not be carried", error=type(error).__name__)
            except Exception as error:  # noqa: BLE001
                # Nothing may end the loop but `stop`; the message stays out of the log, for it may quote a value.
                log.error("the courier stumbled", error=type(error).__name__)
            self._wake.wait(0 if busy else IDLE_SECONDS)
            self._wake.clear()
        try:
            self._lease.give_up()
        except (OptiTraceError, WriteConflict) as error:
            log.warning("the end of the courier could not be noted", error=type(error).__name__)

    def stop(self) -> None:
        """End the loop after the deliveries that are under way."""
        self._stop.set()
        self._wake.set()

    def wake(self) -> None:
        """Do not sleep on: a package may be due."""
        self._wake.set()

    def turn(self) -> bool:
        """One round; returns whether anything was due."""
        self._lease.hold()
        with self._ground.database.reading() as connection:
            due = exchange_outbox.due(connection, self._ground.clock.now(), AT_ONCE)
        by_recipient = groupby(sorted(due, key=lambda each: (each.recipient, each.number)), lambda each: each.recipient)
        heaps = [list(rows) for _, rows in by_recipient]
        with ThreadPoolExecutor(RECIPIENTS_AT_ONCE, "courier") as pool:
            list(pool.map(self._serve, heaps))
        return bool(due)

    def _serve(self, heap: Sequence[Due]) -> None:
        """Deliver what goes to one recipient, in order; if it cannot be reached, everything for it waits untried."""
        for due in heap:
            if self._stop.is_set():
                return
            waits = self._delivered(due)
            if waits is not None:
                self._postpone(due, waits)
                if waits.of_all:
                    return

    def _delivered(self, due: Due) -> _Waits | None:
        try:
            self._deliver(due)
        except _Waits as waits:
            return waits
        except AddressRefused as refused:
            return _Waits(refused.reason)
        except Unreachable:
            return _Waits(UNREACHABLE)
        except ExchangeKeyUnknown:
            return _Waits(NO_KEY)
        except (StoreUnavailable, WriteConflict):
            return _Waits(StoreUnavailable.code)
        except VaultUnreadable as error:
            # The keys may come back: nothing is said about the package yet.
            return _Waits(error.code)
        except OptiTraceError as error:
            # There is nothing to give any more: a step was refused by the ledger, say.
            with self._ground.database.writing(due.party) as connection:
                exchange_outbox.settle(connection, due.number, error.code, None, self._ground.clock.now())
        return None

    def _deliver(self, due: Due) -> None:
        with self._ground.database.reading() as connection:
            recipient = registered_party(connection, due.recipient)
        keys_of(recipient)
        if recipient is None or not recipient.gateway:
            raise _Waits(NO_GATEWAY)
        target = self._directory.target(recipient.gateway)
        text = seal_due(self._ground, Actor(due.party, None, EXCHANGE), due, recipient)
        answer = self._post.send(target, text)
        failpoint("K13")
        if answer.status != 200:
            of_all = answer.status >= 500 or answer.status in (404, 429)
            raise _Waits(_reason(answer), of_all=of_all, seconds=answer.retry_after if answer.status == 429 else None)
        try:
            settled = take_receipt(self._ground, answer.body.decode("ascii", "replace").strip())
        except OptiTraceError:
            raise _Waits(NO_RECEIPT, of_all=False) from None
        if due.number not in settled:
            raise _Waits(NO_RECEIPT, of_all=False)

    def _postpone(self, due: Due, waits: _Waits) -> None:
        now, chance = self._ground.clock.now(), self._ground.random(1)[0] / 255
        with self._ground.database.writing() as connection:
            if waits.of_all:
                attempts = exchange_outbox.attempts_for(connection, due.recipient)
                # Who says how long to wait is there: its pauses do not grow, or a heap would take weeks.
                asked = None if waits.seconds is None else min(max(1, waits.seconds), LONGEST_PAUSE)
                at = now + (asked or pause_after(attempts, chance))
                attempts += asked is None
                exchange_outbox.postpone_all(connection, due.recipient, at, attempts, waits.reason)
            else:
                at = now + pause_after(due.attempts, chance)
                exchange_outbox.postpone(connection, due.number, at, due.attempts + 1, waits.reason)
        if waits.reason != due.reason:
            log.info("a package waits", party=due.party, recipient=due.recipient, reason=waits.reason)


def pause_after(attempts: int, chance: float) -> int:
    """Seconds to the next attempt: twice as long each time, up to an hour, less up to half of it by `chance` (0..1)."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE << min(attempts, 16))
    return max(1, round(longest * (1 - chance / 2)))


def _reason(answer: Answer) -> str:
    """The code of a problem, if the answer is one; it comes from outside, so only a code is taken from it."""
    try:
        code = None if too_deep(answer.body) else json.loads(answer.body)["code"]
    except (ValueError, TypeError, KeyError):
        code = None
    return code if isinstance(code, str) and re.fullmatch("[a-z_]{1,40}", code) else f"status_{answer.status}"
