"""
Waiting for events to be anchored without holding a thread.

A wait looks at the events, sleeps, and looks again. Only so many requests wait at once: one more is answered
as if its time were up, so that waiting can never use up what other requests need.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import anyio
from fastapi.concurrency import run_in_threadpool

from app.queries.gateway import Caller, Gateway
from app.queries.views import EventView

MAX_WAITING: Final = 16
SECONDS: Final = 30.0
_SETTLED = frozenset({"anchored", "refused"})
_SHORTEST_SLEEP = 0.1
_LONGEST_SLEEP = 1.0


def settled(events: Sequence[EventView]) -> bool:
    """Whether nothing of `events` is still on its way."""
    return all(event.status in _SETTLED for event in events)


class Waiting:
    """The waits of one process; used from the event loop only."""

    def __init__(self, gateway: Gateway, most: int = MAX_WAITING, seconds: float = SECONDS) -> None:
        self._gateway = gateway
        self._most = most
        self._seconds = seconds
        self._now = 0

    async def until_settled(
        self, caller: Caller, events: Sequence[EventView], gone: Callable[[], Awaitable[bool]]
    ) -> Sequence[EventView]:
        """The events once all are anchored or refused, or when time is up or the client is `gone`."""
        if self._now >= self._most or settled(events):
            return events
        self._now += 1
        try:
            return await self._look_until_settled(caller, events, gone)
        finally:
            self._now -= 1

    async def _look_until_settled(
        self, caller: Caller, events: Sequence[EventView], gone: Callable[[], Awaitable[bool]]
    ) -> Sequence[EventView]:
        names = [event.id for event in events]
        end, sleep = time.monotonic() + self._seconds, _SHORTEST_SLEEP
        while not settled(events) and time.monotonic() < end and not await gone():
            await anyio.sleep(min(sleep, max(0.0, end - time.monotonic())))
            sleep = min(2 * sleep, _LONGEST_SLEEP)
            events = await run_in_threadpool(self._gateway.wait_anchored, caller, names, 0.0)
        return events
