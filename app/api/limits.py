"""
How many requests one sender may send: a token bucket for each party, and for each address that shows no good key.

Sealed packages have one more for each pair of recipient and sender, so that nobody fills another's inbox.

The buckets are in the memory of this process. That is exact, because one process serves the API of a gateway; a second
one would give each sender its rate once more.
"""

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from app.api.errors import Crowded, TooManyRequests

MOST_BUCKETS: Final = 10_000
FOR_STRANGERS: Final = 64 * 1024 * 1024
"""Bytes; eight of the longest sealed bodies."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests a second in the long run, and how many may come at once."""

    per_second: float = 200.0
    burst: int = 1000

    @property
    def of_failures(self) -> "Rate":
        """What one address may send with keys that are no good."""
        return Rate(self.per_second / 10, max(1, self.burst // 5))

    @property
    def of_letters(self) -> "Rate":
        """What one party may send another sealed."""
        return Rate(self.per_second / 40, max(1, self.burst // 2))


class Buckets:
    """Token buckets by name, full at first. Names not seen for long are forgotten when there are too many."""

    def __init__(self, rate: Rate, seconds: Callable[[], float]) -> None:
        self._rate = rate
        self._seconds = seconds
        self._lock = threading.Lock()
        self._left: OrderedDict[int | str, tuple[float, float]] = OrderedDict()

    def take(self, name: int | str) -> None:
        """Take one token; raises TooManyRequests, saying when there will be one, if there is none."""
        with self._lock:
            now = self._seconds()
            tokens, then = self._left.pop(name, (float(self._rate.burst), now))
            tokens = min(float(self._rate.burst), tokens + (now - then) * self._rate.per_second)
            missing = 1 - tokens
            self._left[name] = (tokens if missing > 0 else tokens - 1, now)
            if len(self._left) > MOST_BUCKETS:
                self._left.popitem(last=False)
        if missing > 0:
            raise TooManyRequests(math.ceil(missing / self._rate.per_second))


class Gate:
    """Lets requests in or turns them away; `seconds` is a clock that never goes back."""

    def __init__(self, rate: Rate, seconds: Callable[[], float] = time.monotonic) -> None:
        self._parties = Buckets(rate, seconds)
        self._addresses = Buckets(rate, seconds)
        self._failures = Buckets(rate.of_failures, seconds)
        self._letters = Buckets(rate.of_letters, seconds)

    def let_in_party(self, party: int) -> None:
        """Count a request with a good key; raises TooManyRequests."""
        self._parties.take(party)

    def let_in_address(self, address: str) -> None:
        """Count a request to what needs no key; raises TooManyRequests."""
        self._addresses.take(_sender(address))

    def let_in_letter(self, recipient: int, sender: int) -> None:
        """Count a sealed package by who is proven to have sent it; raises TooManyRequests."""
        self._letters.take(f"{recipient} {sender}")

    def turn_away(self, address: str) -> None:
        """Count a request without a good key; raises TooManyRequests instead of leaving it at a refusal."""
        self._failures.take(_sender(address))


class Room:
    """
    The memory for bodies whose senders show no key, all of them together; used by one event loop.

    Without it each of the connections that are served could hold the longest body there is, for as long as bodies may
    take.
    """

    def __init__(self, most: int = FOR_STRANGERS) -> None:
        self._left = most

    @contextmanager
    def taken(self) -> Iterator[Callable[[int], None]]:
        """Gives what takes so many bytes, or raises Crowded; at the end of the block they are given back."""
        held = 0

        def take(size: int) -> None:
            nonlocal held
            if size > self._left:
                raise Crowded("senders that show no key send more at this moment than there is room for")
            self._left -= size
            held += size

        try:
            yield take
        finally:
            self._left += held


def _sender(address: str) -> str:
    """Who is behind an address: of IPv6 the /64 network, for that is what one customer gets."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else address
