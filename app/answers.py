"""
How much of an answer is read from a server that this process asks: a node, a key service, a gateway.

A server that is asked may be broken or not be the one that is meant. What it sends is read up to a bound, in a time
that is that of the whole body and not of each read, and not at all where it is nested deeper than a reader can go.
"""

from time import monotonic
from typing import Any, Final

from requests import PreparedRequest, RequestException, Response, Session
from requests.adapters import HTTPAdapter

from app.nesting import too_deep

_PART: Final = 1 << 16


class AnswerRefused(RequestException):
    """The answer is longer, takes longer or is nested deeper than any that is meant for us."""


class BoundedAdapter(HTTPAdapter):
    """Reads answers of at most `most` bytes in at most `seconds`; the rest is as the library's own adapter has it."""

    def __init__(self, most: int, seconds: float, **pools: Any) -> None:
        super().__init__(**pools)
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
