"""How connections are served: which HTTP parser, how many at once, and how long one may keep it waiting."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEADER_SECONDS: Final = 10.0
LONGEST_HEAD: Final = 32 * 1024
"""Bytes. The server holds to it only while it waits for the end of a head, so what comes whole is measured again."""
MOST_CONNECTIONS: Final = 800
"""Below the 1,024 open files that a process usually may have; one more is answered 503."""


class TimedConnection(H11Protocol):
    """
    A connection that is closed if a request's head does not come within `header_seconds`.

    The server itself gives up on idle connections only: one that sends a byte now and then would stay for good, and
    count against everybody's `MOST_CONNECTIONS`. The body has a time of its own, once the caller is known.
    """

    header_seconds = HEADER_SECONDS
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the server has it
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Take in bytes; what belongs to no request that is at work is a head that is still to be whole."""
        super().data_received(data)
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._stop_waiting()
        elif self._head_timer is None:
            self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        self._head_timer = self.loop.call_later(self.header_seconds, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


SERVER: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "http": TimedConnection,
        "ws": "none",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "date_header": False,
        # A sender could choose the address that it is counted under: the address is that of the connection.
        "proxy_headers": False,
        "limit_concurrency": MOST_CONNECTIONS,
        "timeout_keep_alive": 15,
        "timeout_graceful_shutdown": 10,
        "h11_max_incomplete_event_size": LONGEST_HEAD,
    }
)
"""What the server is started with, wherever it listens: the parser that runs is the one that was tested."""
