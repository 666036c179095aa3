"""
How much of an answer is read from a server that this process asks: a node, a key service, a gateway.

A server that is asked may be broken or not be the one that is meant. What it sends is read up to a bound, in a time
that is that of the whole head and the whole body and not of each read, and not at all where it is nested deeper than a
reader can go.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from time import monotonic
from typing import Any, Final

from requests import PreparedRequest, RequestException, Response, Session
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import HTTPResponse

from app.nesting import too_deep

_PART: Final = 1 << 16


class AnswerRefused(RequestException):
    """The answer is longer, takes longer or is nested deeper than any that is meant for us."""


class _Watch:
    """
    Ends what takes too long: one thread for all that this process waits for, because one for each takes longer to
    start than most answers to come.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._ends: dict[object, tuple[float, Callable[[], None]]] = {}
        self._looks_at = inf
        self._thread: threading.Thread | None = None

    def add(self, seconds: float, end: Callable[[], None]) -> object:
        """Have `end` called in so many seconds unless what is returned is dropped before."""
        mark, due = object(), monotonic() + seconds
        with self._changed:
            self._ends[mark] = (due, end)
            # A process that was forked has the thread's name, and not the thread.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="answers", daemon=True)
                self._thread.start()
            elif due < self._looks_at:
                self._changed.notify()
        return mark

    def drop(self, mark: object) -> None:
        """Forget it, if it was not called yet."""
        with self._changed:
            self._ends.pop(mark, None)

    def _run(self) -> None:
        with self._changed:
            while True:
                now = monotonic()
                for mark, (due, end) in list(self._ends.items()):
                    if due <= now:
                        del self._ends[mark]
                        end()
                self._looks_at = min((due for due, _ in self._ends.values()), default=inf)
                self._changed.wait(None if self._looks_at == inf else max(0.0, self._looks_at - monotonic()))


_WATCH: Final = _Watch()


@contextmanager
def _within(seconds: float, sock: socket.socket | None) -> Iterator[None]:
    """End what goes on over a socket after so many seconds, however often something comes; raises TimeoutError then."""
    over = threading.Event()

    def end() -> None:
        over.set()
        try:
            if sock is not None:
                # Not the method of a socket with TLS, which takes its layer away from under whoever reads.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
        except OSError:
            return

    mark = _WATCH.add(seconds, end)
    try:
        yield
    finally:
        _WATCH.drop(mark)
        if over.is_set():
            raise TimeoutError("the head of the answer takes too long")


def _pools(seconds: float) -> dict[str, type[HTTPConnectionPool]]:
    """Connections, by scheme, that wait so long for the whole head of an answer."""

    class Plain(HTTPConnection):
        def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 has it
            with _within(seconds, self.sock):
                return super().getresponse()

    class Secure(HTTPSConnection):
        def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 has it
            with _within(seconds, self.sock):
                return super().getresponse()

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class BoundedAdapter(HTTPAdapter):
    """Reads answers of at most `most` bytes in at most `seconds`; the rest is as the library's own adapter has it."""

    def __init__(self, most: int, seconds: float, **pools: Any) -> None:
        super().__init__(**pools)
        self.poolmanager.pool_classes_by_scheme = _pools(seconds)
        self._most = most
        self._seconds = seconds

    def send(self, request: PreparedRequest, stream: bool = False, *rest: Any, **more: Any) -> Response:  # noqa: ARG002
        """The answer, whole; raises AnswerRefused, and what the library raises."""
        until = monotonic() + self._seconds
        answer = super().send(request, True, *rest, **more)
        try:
            content = self._read(answer.raw, until)
        except BaseException:
            # What is left of it would be taken for the answer to the next request.
            answer.close()
            raise
        # As the library itself keeps what it has read.
        answer._content, answer._content_consumed = content, True
        return answer

    def _read(self, raw: Any, until: float) -> bytes:
        found = bytearray()
        while part := raw.read1(_PART, decode_content=True):
            found += part
            if len(found) > self._most:
                raise AnswerRefused("the answer is too long")
            if monotonic() > until:
                raise AnswerRefused("the answer takes too long")
        if too_deep(bytes(found)):
            raise AnswerRefused("the answer is nested too deep")
        raw.release_conn()
        return bytes(found)


def bounded(most: int, seconds: float, **pools: Any) -> Session:
    """A session whose answers have at most `most` bytes and take at most `seconds` from the request."""
    session = Session()
    adapter = BoundedAdapter(most, seconds, **pools)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session
