"""What routes are given: the gateway, the caller, the body."""

import re
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

import anyio
from fastapi import Depends, Header, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AfterValidator, Field, StringConstraints

from app.api.errors import Fault, InvalidRequest, SlowRequest, TooLarge, TooManyRequests, Unauthorized, UnsupportedMedia
from app.api.limits import Gate, Room
from app.api.schemas.base import nobody, with_a_digit
from app.api.schemas.documents import read_events, read_key_terms, read_package, read_renewal, read_verification
from app.exchange.sealed import MAX_SEALED
from app.queries.access_views import Purpose
from app.queries.gateway import Caller, Gateway
from app.services.api_keys import KeyRenewal, KeyTerms
from app.services.drafts import EventDraft, Idempotency, VerificationDraft

LARGE_BODY: Final = 4 * 1024 * 1024
SEALED_BODY: Final = MAX_SEALED
SMALL_BODY: Final = 256 * 1024

_KEY = re.compile(r"[Bb]earer (ot_[0-9a-f]{8}_[0-9a-f]{64})", re.ASCII)
_MEDIA = re.compile(r'application/json(?:\s*;\s*charset\s*=\s*"?utf-8"?)?\s*', re.ASCII | re.IGNORECASE)
_SEALED_MEDIA = re.compile(r"application/jose\s*", re.ASCII | re.IGNORECASE)
_scheme = HTTPBearer(
    auto_error=False,
    scheme_name="ApiKey",
    bearerFormat="ot_<8 hex digits>_<64 hex digits>",
    description="The API key of one party, as `optitrace party key create` printed it.",
)


def current_gateway(request: Request) -> Gateway:
    """The gateway behind this API."""
    gateway: Gateway = request.app.state.gateway
    return gateway


CurrentGateway = Annotated[Gateway, Depends(current_gateway)]


def open_to_all(request: Request) -> None:
    """Let an address in that shows no key, unless it sends too much."""
    gate: Gate = request.app.state.gate
    gate.let_in_address(_address(request))


def _address(request: Request) -> str:
    return "" if request.client is None else request.client.host


def authenticated(
    request: Request,
    gateway: CurrentGateway,
    _shown: Annotated[HTTPAuthorizationCredentials | None, Security(_scheme)],
) -> Caller:
    """
    Who holds the API key of this request, if its party does not send too much.

    What is not of the form of a key is never looked up. Only keys that are no good count against an address: many
    parties may come from one, and nobody there can shut the others out.
    """
    gate: Gate = request.app.state.gate
    given = request.headers.getlist("authorization")
    key = _KEY.fullmatch(given[0]) if len(given) == 1 else None
    caller = gateway.caller_of(key.group(1)) if key else None
    if caller is None:
        gate.turn_away(_address(request))
        raise Unauthorized("the request carries no API key that this gateway knows", "header authorization")
    request.state.party = caller.party
    request.state.key = caller.key_id
    try:
        gate.let_in_party(caller.party)
    except TooManyRequests:
        gateway.turned_away(caller)
        raise
    return caller


def current_caller(
    request: Request,
    caller: Annotated[Caller, Depends(authenticated)],
    purpose: Annotated[
        Purpose, Header(description="why this is asked: it is written into the access log, for others to read")
    ] = "own_work",
) -> Caller:
    """The caller with the purpose that it states."""
    _once(request, "purpose")
    return replace(caller, purpose=purpose)


def _once(request: Request, header: str) -> None:
    if len(request.headers.getlist(header)) > 1:
        fault = Fault(f"header {header}", "repeated", "the header is given twice", "Give it only once.")
        raise InvalidRequest([fault])


CurrentCaller = Annotated[Caller, Depends(current_caller)]


def once_each(request: Request, _caller: CurrentCaller) -> None:
    """Refuse a parameter that is given twice; the operation's own model refuses unknown ones."""
    given = [name for name, _ in request.query_params.multi_items()]
    if len(set(given)) != len(given):
        raise InvalidRequest([Fault("query", "repeated", "a parameter is given twice", "Give each only once.")])


def no_query(request: Request, _caller: CurrentCaller) -> None:
    """Refuse every query parameter, for an operation that has none."""
    if request.query_params:
        raise InvalidRequest([Fault("query", "unknown_field", "this operation has no parameters", "Leave them out.")])


@dataclass(frozen=True, slots=True)
class Posted:
    """The body of a request of `caller`, not yet read as JSON."""

    caller: Caller
    body: bytes


def announced_within(limit: int) -> Callable[[Request], None]:
    """A dependency that refuses a body announced as longer than `limit` bytes, before any other work."""

    def announced(request: Request) -> None:
        length = request.headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or len(length) > 12 or int(length) > limit:
            raise _too_large(limit)

    return announced


def body_within(limit: int) -> Callable[..., Coroutine[Any, Any, Posted]]:
    """
    A dependency that takes in a body of at most `limit` bytes, once the caller is known.

    The length announced may be absent or a lie, so the bytes are counted as they come.
    """

    async def posted(request: Request, caller: CurrentCaller) -> Posted:
        _check_media(request)
        return Posted(caller, await _read(request, limit, request.app.state.body_seconds))

    return posted


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the body is longer than {limit} bytes")


async def posted_sealed(request: Request) -> AsyncIterator[bytes]:
    """What another gateway sends. It shows no key; what it sends proves who sent it."""
    _check_media(request, _SEALED_MEDIA, "application/jose")
    room: Room = request.app.state.room
    with room.taken() as take:
        yield await _read(request, SEALED_BODY, request.app.state.body_seconds, take)


PostedSealed = Annotated[bytes, Depends(posted_sealed)]


def _check_media(request: Request, accepted: re.Pattern[str] = _MEDIA, name: str = "application/json in UTF-8") -> None:
    types = request.headers.getlist("content-type")
    if len(types) != 1 or accepted.fullmatch(types[0]) is None:
        raise UnsupportedMedia(f"the body is not sent as {name}", "header content-type")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMedia("the body is compressed", "header content-encoding")


async def _read(
    request: Request, limit: int, seconds: float, take: Callable[[int], None] = lambda _size: None
) -> bytes:
    body = bytearray()
    with anyio.move_on_after(seconds) as time:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise _too_large(limit)
            take(len(chunk))
    if time.cancelled_caught:
        raise SlowRequest(f"the body did not come within {seconds:g} seconds")
    return bytes(body)


LargePosted = Annotated[Posted, Depends(body_within(LARGE_BODY))]
SmallPosted = Annotated[Posted, Depends(body_within(SMALL_BODY))]

# Plain functions: the framework runs them in a thread, so that reading 4 MiB of JSON does not hold up the
# others.


def posted_events(posted: LargePosted) -> list[EventDraft]:
    """The events of the body."""
    return read_events(posted.body)


def posted_verification(posted: SmallPosted) -> VerificationDraft:
    """The check of the body."""
    return read_verification(posted.body)


def posted_package(posted: LargePosted) -> dict[str, object]:
    """The package of the body."""
    return read_package(posted.body)


def posted_key_terms(posted: SmallPosted) -> KeyTerms:
    """The terms of a new API key."""
    return read_key_terms(posted.body)


def posted_renewal(posted: SmallPosted) -> KeyRenewal:
    """How a key gets a new secret."""
    return read_renewal(posted.body)


def _nobodys(key: str) -> str:
    nobody(key.strip('"'))
    return key


_MARKS = "A-Za-z._:+/=-"
_WORD = with_a_digit(_MARKS, _MARKS)
# The rules of a text stand at the text: beside `None` its pattern would not be in the document.
_KeyText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=255, pattern=f'^(?:[0-9{_MARKS}]+|"[0-9{_MARKS}]+")$'),
    AfterValidator(_nobodys),
    Field(json_schema_extra={"pattern": f'^(?:{_WORD}|"{_WORD}")$'}),
]


def idempotency(
    request: Request,
    posted: LargePosted,
    idempotency_key: Annotated[
        _KeyText | None,
        Header(
            description="A name of yours for this request: sent again with the same body within 24 hours, "
            "it gets the same answer and records nothing twice; with another body it is refused. Best a UUID: one "
            "word with a digit; a day, as eight digits too, and an insured number are refused: it is kept.",
        ),
    ] = None,
) -> Idempotency | None:
    """The client's key for this request with the bytes that it stands for."""
    _once(request, "idempotency-key")
    # The draft of the header's standard puts it between quotes.
    return None if idempotency_key is None else Idempotency(idempotency_key.strip('"'), posted.body)


PostedEvents = Annotated[list[EventDraft], Depends(posted_events)]
PostedVerification = Annotated[VerificationDraft, Depends(posted_verification)]
PostedKeyTerms = Annotated[KeyTerms, Depends(posted_key_terms)]
PostedRenewal = Annotated[KeyRenewal, Depends(posted_renewal)]
PostedPackage = Annotated[dict[str, object], Depends(posted_package)]
CurrentIdempotency = Annotated[Idempotency | None, Depends(idempotency)]
