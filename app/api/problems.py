"""
From an error to its answer: RFC 9457 problem details.

One table says what each error of ours is over HTTP; a test keeps it complete. An answer is made of the
error's own sentences and of nothing from the request.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from app import errors as core
from app.api import errors as edge
from app.api.errors import InvalidRequest
from app.errors import OptiTraceError

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:optitrace:problem:"
REQUEST = "urn:optitrace:request:"


class FaultView(BaseModel):
    """One of several places that are wrong."""

    where: str = Field(description="as in the problem")
    code: str
    detail: str
    mend: str


class Problem(BaseModel):
    """What went wrong, where, and how to mend it (RFC 9457). Never holds a value of the request."""

    type: str = Field(description="stable URI of this kind of problem", examples=[f"{TYPE}unknown_field"])
    title: str = Field(description="this kind of problem in words; the same for every one of its kind")
    status: int
    detail: str = Field(description="what is wrong this time")
    code: str = Field(description="the last part of `type`", examples=["unknown_field"])
    where: str | None = Field(
        description="a JSON pointer into the body (empty: the whole body), or `query …`, `path …`, "
        "`header …`, or a line and column where there is no JSON to point into; null if no one place is wrong"
    )
    mend: str = Field(description="what to do about it")
    instance: str = Field(description="names this request in the gateway's log", examples=[f"{REQUEST}0f3a…"])
    errors: list[FaultView] | None = Field(
        default=None, description="where more than one place is wrong: each, the first included, 20 at most"
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """How one kind of error is answered; `mend` where the error itself has no better advice."""

    status: int
    title: str
    mend: str
    headers: Mapping[str, str] = field(default_factory=dict)


_LATER = MappingProxyType({"Retry-After": "5"})
_CHALLENGE = MappingProxyType({"WWW-Authenticate": 'Bearer realm="optitrace"'})

ANSWERS: Mapping[type[OptiTraceError], Answer] = MappingProxyType(
    {
        core.InvalidRecord: Answer(422, "The record breaks a rule", "Correct the value and send it again."),
        core.ProofRejected: Answer(422, "The proof does not hold", "Ask its author for it again, whole."),
        core.PackageRefused: Answer(422, "The package is refused", "Ask its sender for it again."),
        core.SignerUnknown: Answer(422, "The signer is not known here", "Send it again when the registry was read."),
        core.NotSealed: Answer(422, "Nothing sealed in the form of this network", "Send what `form=sealed` gives."),
        core.AlgorithmRefused: Answer(422, "An algorithm that is not taken", "See the protocol, section 5."),
        core.ExchangeKeyUnknown: Answer(
            422, "A key that is not in force", "Seal it again with the keys that the registry has now."
        ),
        core.WrongRecipient: Answer(422, "The package is for another party", "Send it to the party it is for."),
        core.SealBroken: Answer(422, "The seal does not hold", "Send it again, unchanged."),
        core.PackageAltered: Answer(422, "The package is not the one it says", "Ask its sender for it again."),
        core.BadCursor: Answer(
            422, "The cursor is not known", "Start the list again without one; keep the conditions the same."
        ),
        core.NotPermitted: Answer(403, "This party may not do this", "Use the key of a party whose role allows it."),
        core.PartySuspended: Answer(403, "The party may not act at present", "Ask the council; nothing was recorded."),
        core.NotFound: Answer(404, "No such thing", "Check the identifier, and that the key's party takes part in it."),
        core.OutOfSequence: Answer(409, "An earlier step is missing", "Record the earlier step first."),
        core.AlreadyRecorded: Answer(
            409, "This step was recorded before", "Nothing is left to do; read the event that is there."
        ),
        core.IdempotencyConflict: Answer(
            409, "The idempotency key stands for another request", "Use a new key for a new request."
        ),
        core.PackageMissing: Answer(
            409, "The keys to commit with are not here yet", "Take in the partner's package first."
        ),
        core.KeyRefused: Answer(409, "The API key stays as it is", "List the party's keys to see which there are."),
        core.QueueFull: Answer(507, "No room for more events", "Try again later; nothing was recorded."),
        core.StoreUnavailable: Answer(
            503, "The database does not answer", "Try again shortly; nothing was recorded.", _LATER
        ),
        core.ChainUnavailable: Answer(503, "The chain does not answer", "Try again shortly.", _LATER),
        core.ChainUntrusted: Answer(503, "The chain is not the one pinned", "Ask the gateway's operator.", _LATER),
        core.LedgerBroken: Answer(503, "The ledger's log does not add up", "Ask the gateway's operator.", _LATER),
        core.RecordErased: Answer(410, "The record was erased", "Ask a party that may still open it."),
        core.VaultUnreadable: Answer(503, "What is stored cannot be read", "Ask the gateway's operator.", _LATER),
        core.LeaseLost: Answer(503, "Another process does this work", "Try again shortly.", _LATER),
        edge.Unauthorized: Answer(
            401, "No valid API key", "Send the header `Authorization: Bearer <API key>`.", _CHALLENGE
        ),
        edge.TooManyRequests: Answer(
            429, "Too many requests", "Send again after the seconds that the header Retry-After names."
        ),
        edge.BadEncoding: Answer(400, "The body is not clean UTF-8 text", "Send UTF-8 without a byte order mark."),
        edge.BadJson: Answer(400, "The body is not JSON", "Send one JSON document (RFC 8259)."),
        edge.BadNumber: Answer(
            400,
            "A number that is not accepted",
            "Write decimal values as strings, and numbers as whole ones.",
        ),
        edge.DuplicateKey: Answer(400, "A key stands twice in one object", "Send each key once."),
        edge.TooComplex: Answer(413, "The body holds too much", "Send it in parts."),
        edge.TooLarge: Answer(413, "The body is too large", "Send it in parts."),
        edge.HeadTooLarge: Answer(431, "The head of the request is too large", "Send shorter headers and parameters."),
        edge.TooManyEvents: Answer(413, "Too many events in one request", "Send at most 1,000 at a time."),
        edge.UnsupportedMedia: Answer(
            415,
            "The body's type is not accepted",
            "Send it as `Content-Type: application/json`, a sealed package as `application/jose`, not compressed.",
        ),
        edge.SlowRequest: Answer(408, "The body did not come in time", "Send it again, in smaller parts."),
        edge.Crowded: Answer(503, "Too much comes in at once", "Send it again in a minute.", _LATER),
        edge.InvalidRequest: Answer(422, "The request breaks its schema", "See the API's documentation."),
        edge.NoSuchRoute: Answer(404, "No such operation", "See the API's documentation for its paths."),
        edge.MethodNotAllowed: Answer(405, "No such method here", "Use a method that the Allow header names."),
        edge.Unexpected: Answer(
            500, "Something went wrong here", "Try again; if it stays, give the operator the `instance`."
        ),
    }
)


def code_of(error: OptiTraceError) -> str:
    """The stable code of this failure."""
    return error.faults[0].code if isinstance(error, InvalidRequest) else error.code


def problem_of(error: OptiTraceError, request_id: str) -> dict[str, Any]:
    """The problem details of `error`."""
    answer = ANSWERS[type(error)]
    faults = error.faults if isinstance(error, InvalidRequest) else ()
    code = code_of(error)
    problem: dict[str, Any] = {
        "type": TYPE + code,
        "title": answer.title,
        "status": answer.status,
        "detail": error.detail,
        "code": code,
        "where": error.where,
        "mend": error.mend or answer.mend,
        "instance": REQUEST + request_id,
    }
    if len(faults) > 1:
        problem["errors"] = [
            {"where": fault.where, "code": fault.code, "detail": fault.detail, "mend": fault.mend} for fault in faults
        ]
    return problem


def response_of(error: OptiTraceError, request_id: str) -> JSONResponse:
    """The whole answer to `error`."""
    answer = ANSWERS[type(error)]
    headers = dict(answer.headers)
    if isinstance(error, edge.TooManyRequests):
        headers["Retry-After"] = str(error.seconds)
    return JSONResponse(problem_of(error, request_id), answer.status, headers, MEDIA_TYPE)


def problems(*kinds: type[OptiTraceError]) -> dict[int | str, dict[str, Any]]:
    """The answers to `kinds` for the OpenAPI document, those that every operation can give included."""
    told: dict[int | str, dict[str, Any]] = {}
    every: list[type[OptiTraceError]] = [*kinds, edge.TooManyRequests, edge.HeadTooLarge, edge.Unexpected]
    for kind in every:
        answer = ANSWERS[kind]
        entry = told.setdefault(answer.status, {"description": "", "content": {MEDIA_TYPE: _CONTENT}})
        entry["description"] = " · ".join(filter(None, [entry["description"], f"{answer.title} (`{kind.code}`)"]))
    return dict(sorted(told.items(), key=lambda pair: int(pair[0])))


_CONTENT = {"schema": {"$ref": "#/components/schemas/Problem"}}
