"""The JSON bodies that operations take: how each is validated, and how it stands in the OpenAPI document."""

from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from typing import Any, Final, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError

from app.api.errors import Fault, InvalidRequest, TooManyEvents
from app.api.faults import MAX_FAULTS, body_faults
from app.api.json_loader import load
from app.api.schemas.event_base import EventRequest
from app.api.schemas.events import Event
from app.api.schemas.keys import KeyRequest, RotationRequest
from app.api.schemas.packages import FIELD_NAMES, Group, Package
from app.api.schemas.verifications import VerificationRequest
from app.services.api_keys import KeyRenewal, KeyTerms
from app.services.drafts import EventDraft, VerificationDraft

MAX_EVENTS: Final = 1000
REF_TEMPLATE: Final = "#/components/schemas/{model}"

Model = TypeVar("Model")

_EVENT: TypeAdapter[EventRequest] = TypeAdapter(Event)
_VERIFICATION: TypeAdapter[VerificationRequest] = TypeAdapter(VerificationRequest)
_KEY: TypeAdapter[KeyRequest] = TypeAdapter(KeyRequest)
_ROTATION: TypeAdapter[RotationRequest] = TypeAdapter(RotationRequest)
_PACKAGE: TypeAdapter[Package] = TypeAdapter(Package)


@dataclass(frozen=True, slots=True)
class Documents:
    """JSON schemas of the request bodies, each self-contained but for `definitions`."""

    events: dict[str, Any]
    verification: dict[str, Any]
    package: dict[str, Any]
    key: dict[str, Any]
    rotation: dict[str, Any]
    definitions: dict[str, Any]


def documents() -> Documents:
    """The schemas of all request bodies, with references as OpenAPI wants them."""
    schemas, shared = TypeAdapter.json_schemas(
        [
            ("event", "validation", _EVENT),
            ("verification", "validation", _VERIFICATION),
            ("package", "validation", _PACKAGE),
            ("key", "validation", _KEY),
            ("rotation", "validation", _ROTATION),
        ],
        ref_template=REF_TEMPLATE,
    )
    definitions: dict[str, Any] = {**shared.get("$defs", {}), "Event": schemas["event", "validation"]}
    event = {"$ref": REF_TEMPLATE.format(model="Event")}
    events = {"oneOf": [event, {"type": "array", "items": event, "minItems": 1, "maxItems": MAX_EVENTS}]}
    return Documents(
        events,
        dict(schemas["verification", "validation"]),
        dict(schemas["package", "validation"]),
        dict(schemas["key", "validation"]),
        dict(schemas["rotation", "validation"]),
        definitions,
    )


def _names(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for inner in schema.values():
            yield from _names(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _names(inner)


KNOWN_NAMES: Final = frozenset(_names(list(astuple(documents())))) | FIELD_NAMES | frozenset(get_args(Group))
"""The names that a pointer in an answer may be made of: those of our own fields and groups."""


def read_events(body: bytes) -> list[EventDraft]:
    """
    The events of a body, each with its place in it: one, or a list of 1 to 1,000.

    Raises the errors of `load`, TooManyEvents, and InvalidRequest with the first faults found.
    """
    document = load(body, KNOWN_NAMES)
    if not isinstance(document, list):
        return [_valid(_EVENT.validate_python, document, tagged=True).to_draft("")]
    if len(document) > MAX_EVENTS:
        raise TooManyEvents(f"the list holds more than {MAX_EVENTS} events")
    if not document:
        raise InvalidRequest([Fault("", "out_of_range", "the list is empty", "Send one event or more.")])
    return [event.to_draft(f"/{place}") for place, event in enumerate(_valid_each(document))]


def _valid_each(documents: list[object]) -> list[EventRequest]:
    events: list[EventRequest] = []
    faults: list[Fault] = []
    for place, document in enumerate(documents):
        try:
            events.append(_valid(_EVENT.validate_python, document, (place,), tagged=True))
        except InvalidRequest as error:
            faults.extend(error.faults)
            if len(faults) >= MAX_FAULTS:
                break
    if faults:
        raise InvalidRequest(faults[:MAX_FAULTS])
    return events


def read_verification(body: bytes) -> VerificationDraft:
    """The check asked for; raises the errors of `load` and InvalidRequest."""
    return _valid(_VERIFICATION.validate_python, load(body, KNOWN_NAMES)).to_draft()


def read_package(body: bytes) -> dict[str, object]:
    """The package as it was sent, once its shape is right; raises the errors of `load` and InvalidRequest."""
    return _valid(_PACKAGE.validate_python, load(body, KNOWN_NAMES)).model_dump(by_alias=True)


def read_key_terms(body: bytes) -> KeyTerms:
    """The terms of a new API key; raises the errors of `load` and InvalidRequest."""
    return _valid(_KEY.validate_python, load(body, KNOWN_NAMES)).to_terms()


def read_renewal(body: bytes) -> KeyRenewal:
    """How a key gets a new secret; raises the errors of `load` and InvalidRequest."""
    return _valid(_ROTATION.validate_python, load(body, KNOWN_NAMES)).to_renewal()


def _valid(
    validate: Callable[[object], Model],
    document: object,
    before: tuple[str | int, ...] = (),
    tagged: bool = False,
) -> Model:
    """Validate `document`, found at `before`; if `tagged`, its paths begin with the union's tag."""
    try:
        return validate(document)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
    if tagged:
        errors = [{**one, "loc": _untagged(one["type"], one["loc"])} for one in errors]
    # Raised outside the handler: the validator's error holds what was sent.
    raise InvalidRequest(body_faults(errors, KNOWN_NAMES, before)[:MAX_FAULTS])


def _untagged(kind: str, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The path without the union's tag; errors about the tag itself name its field."""
    return ("type",) if kind.startswith("union_tag") else path[1:]
