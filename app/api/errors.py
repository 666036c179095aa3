"""
What can be wrong with a request before anything of ours has looked at what it says.

    OptiTraceError
      Unauthorized        no API key, or none that this gateway knows
      TooManyRequests     more requests than this party or address may send
      BadEncoding         the body is not UTF-8 text, or holds a character that no record may hold
      BadJson             the body is not JSON
      BadNumber           a number that is not a whole one, or is too long
      DuplicateKey        an object names a key twice
      TooComplex          the body is nested too deep, or holds too many values
      TooLarge            the body is longer than this operation takes
      HeadTooLarge        address and headers together are longer than any request needs
      TooManyEvents       a list of more events than one request may carry
      UnsupportedMedia    the body is not sent as plain application/json
      SlowRequest         the body did not come in time
      Crowded             too much came at once from senders who show no key
      InvalidRequest      the body, a parameter or a header breaks its schema
      NoSuchRoute         no operation lives at this path
      MethodNotAllowed    the path has no operation of this method
      Unexpected          a fault of ours

They stand beside the errors of the core, one level deep like those, and `problems` has a status for each.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import OptiTraceError


@dataclass(frozen=True, slots=True)
class Fault:
    """One place that breaks the schema: where, a stable code, what is wrong, how to mend it. No value."""

    where: str
    code: str
    detail: str
    mend: str


class Unauthorized(OptiTraceError):
    """The request carries no API key, or none that this gateway knows."""

    code = "unauthorized"


class TooManyRequests(OptiTraceError):
    """The party, or the address that shows no good key, sends too many requests; good again in `seconds`."""

    code = "too_many_requests"

    def __init__(self, seconds: int) -> None:
        super().__init__("more requests came than this gateway takes from one sender")
        self.seconds = seconds


class BadEncoding(OptiTraceError):
    """The body is not UTF-8 text, or holds a character that no record may hold."""

    code = "bad_encoding"


class BadJson(OptiTraceError):
    """The body is not JSON."""

    code = "bad_json"


class BadNumber(OptiTraceError):
    """The body holds a number that is not a whole one, or has too many digits."""

    code = "bad_number"


class DuplicateKey(OptiTraceError):
    """An object in the body names a key twice, so that two readers could read two things."""

    code = "duplicate_key"


class TooComplex(OptiTraceError):
    """The body is nested too deep, or holds more values than any lawful request."""

    code = "too_complex"


class TooLarge(OptiTraceError):
    """The body is longer than this operation takes."""

    code = "too_large"


class HeadTooLarge(OptiTraceError):
    """Address and headers together are longer than any request needs."""

    code = "head_too_large"


class TooManyEvents(OptiTraceError):
    """The list holds more events than one request may carry."""

    code = "too_many_events"


class UnsupportedMedia(OptiTraceError):
    """The body is not sent as application/json without compression."""

    code = "unsupported_media"


class SlowRequest(OptiTraceError):
    """The body did not come in time."""

    code = "slow_request"


class Crowded(OptiTraceError):
    """What senders without a key are sending at this moment takes up all the memory that there is for it."""

    code = "crowded"


class InvalidRequest(OptiTraceError):
    """The body, a parameter or a header breaks its schema. The code is that of the first of `faults`."""

    code = "invalid_request"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults[0].detail, faults[0].where, faults[0].mend)
        self.faults = tuple(faults)


class NoSuchRoute(OptiTraceError):
    """No operation lives at this path."""

    code = "no_such_route"


class MethodNotAllowed(OptiTraceError):
    """The path has no operation of this method."""

    code = "method_not_allowed"


class Unexpected(OptiTraceError):
    """A fault of ours; its cause is in the log under the request's id, and nowhere else."""

    code = "unexpected"


BODY_ERRORS: tuple[type[OptiTraceError], ...] = (
    Unauthorized,
    BadEncoding,
    BadJson,
    BadNumber,
    DuplicateKey,
    TooComplex,
    TooLarge,
    UnsupportedMedia,
    SlowRequest,
    InvalidRequest,
)
"""What every operation that takes a body can answer."""
