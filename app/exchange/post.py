"""
One request to another gateway, and its answer, both within bounds.

Nothing here follows a redirect, asks the environment for a proxy, keeps a connection or tries twice: the standard
library's client does none of that, and it connects to the address that was checked. The name is what TLS proves and
what the request says.
"""

import re
import socket
import ssl
import threading
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

from app.exchange.addresses import Target

CONNECT_SECONDS = 5.0
WHOLE_SECONDS = 20.0
MAX_ANSWER = 64 * 1024
PATH = "/v1/exchange"


class Unreachable(Exception):
    """No whole answer came in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The status and the body of an answer; `retry_after` is the seconds that it asks to wait, None if it does not."""

    status: int
    body: bytes
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """Posts to gateways; `seconds` is for everything from the first byte to the last."""

    seconds: float = WHOLE_SECONDS
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def send(self, target: Target, sealed: str) -> Answer:
        """Post a sealed package; raises Unreachable."""
        connection = _Pinned(target, self.tls)
        # A peer that sends a byte now and then never runs into a time-out of the socket.
        alarm = threading.Timer(self.seconds, connection.abort)
        alarm.daemon = True
        alarm.start()
        try:
            headers = {"Content-Type": "application/jose", "Accept": "application/jose, application/problem+json"}
            connection.request("POST", target.path + PATH, sealed.encode("ascii"), headers)
            answer = connection.getresponse()
            body = answer.read(MAX_ANSWER + 1)
            # `length` is what was announced and did not come.
            if len(body) > MAX_ANSWER or connection.aborted or answer.length:
                raise Unreachable
            return Answer(answer.status, body, _seconds(answer.getheader("Retry-After")))
        except (OSError, HTTPException, ValueError):
            raise Unreachable from None
        finally:
            alarm.cancel()
            connection.close()


def _seconds(text: str | None) -> int | None:
    """What a header asks to wait; a date, or anything else that comes from outside, is none of ours."""
    return int(text) if text is not None and re.fullmatch("[0-9]{1,6}", text) else None


class _Pinned(HTTPConnection):
    """A connection to one of the addresses of a target, whatever its name means by now."""

    def __init__(self, target: Target, tls: ssl.SSLContext) -> None:
        super().__init__(target.host, target.port, timeout=WHOLE_SECONDS)
        self._target = target
        self._tls = tls
        self.aborted = False

    def connect(self) -> None:
        """Connect to the first address that answers."""
        self.sock = self._reached()
        if self._target.secure:
            name = self._target.host.strip("[]")
            secured = self._tls.wrap_socket(self.sock, server_hostname=name, do_handshake_on_connect=False)
            # In its place before the handshake, so that `abort` ends that too.
            self.sock = secured
            secured.do_handshake()
        self.sock.settimeout(self.timeout)

    def abort(self) -> None:
        """End it from another thread."""
        self.aborted = True
        found = self.sock
        if found is not None:
            try:
                found.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

    def _reached(self) -> socket.socket:
        for address in self._target.addresses:
            if self.aborted:
                break
            try:
                return socket.create_connection((address, self._target.port), CONNECT_SECONDS)
            except OSError:
                continue
        raise Unreachable
