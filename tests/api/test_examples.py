"""Every operation of the OpenAPI document has examples, and every example does what the document says."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import TypeAdapter

from app.api import examples, gateway_examples
from app.api.app import create_app
from app.api.openapi import describe
from app.api.problems import MEDIA_TYPE
from app.api.routers.health import Health, Readiness
from app.api.schemas.queries import MAX_LIMIT
from app.queries.views import StatusView
from tests.api.conftest import Api
from tests.api.fake import AUDITOR, GLASSMAKER, INSURER, OPTICIAN, FakeGateway

DOCUMENT = describe(create_app(FakeGateway(), production=False))
WITHOUT_KEY = {"/healthz": 200, "/readyz": 200, "/metrics": 200, "/v1/exchange": 415}
"""What is open to all, and what it answers to a request without a body."""
KEY_OF = {"manufactured": GLASSMAKER, "shipped": GLASSMAKER, "verified": INSURER}


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    method: str
    path: str
    told: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def parameters(self, place: str) -> dict[str, Any]:
        """The examples of the parameters that stand in `place`."""
        return {
            told["name"]: shown
            for told in self.told.get("parameters", ())
            if told["in"] == place
            for shown in told["schema"].get("examples", ())
        }

    def bodies(self) -> dict[str, Any]:
        """The examples of the body."""
        content = self.told.get("requestBody", {}).get("content", {})
        (kind,) = content or ("",)
        return {name: one["value"] for name, one in content.get(kind, {}).get("examples", {}).items()}

    def answers(self) -> dict[str, Any]:
        """The examples of the answer."""
        return {
            name: one["value"]
            for status, told in self.told["responses"].items()
            if status.startswith("2")
            for content in told.get("content", {}).values()
            for name, one in content.get("examples", {}).items()
        }


def operations() -> Iterator[Operation]:
    for path, methods in DOCUMENT["paths"].items():
        for method, told in methods.items():
            yield Operation(method.upper(), path, told)


OPERATIONS = list(operations())
SENT = [
    pytest.param(operation, name, body, id=f"{operation.name} {name}")
    for operation in OPERATIONS
    for name, body in (operation.bodies() or {"": None}).items()
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_is_documented_with_an_example(operation: Operation) -> None:
    assert operation.told["description"]
    if operation.method == "POST":
        assert operation.bodies()
    else:
        assert operation.parameters("path") or operation.parameters("query") or operation.answers()


@pytest.mark.parametrize(("operation", "name", "body"), SENT)
def test_every_example_is_answered_as_documented(api: Api, operation: Operation, name: str, body: Any) -> None:
    key = AUDITOR if operation.path.startswith("/v1/audit") else KEY_OF.get(name, OPTICIAN)
    path = operation.path.format(**operation.parameters("path"))
    query = operation.parameters("query")
    more = {} if body is None else {"json": body}
    if isinstance(body, str):
        more = {"content": body, "headers": {"Content-Type": "application/jose"}}

    answer = api.send(operation.method, path, key, params=query, **more)

    assert answer.is_success, answer.text
    told = operation.told["responses"][str(answer.status_code)]
    assert answer.headers["content-type"].partition(";")[0] in told["content"]


def test_no_example_holds_null_because_the_document_would_lose_it() -> None:
    for examples_ in (
        examples.EVENTS,
        examples.VERIFICATIONS,
        examples.PACKAGES,
        gateway_examples.STATUS,
        gateway_examples.READY,
    ):
        assert "None" not in repr(examples_)


def test_the_example_of_each_event_type_is_there() -> None:
    types = {type_ for type_, _ in DOCUMENT["components"]["schemas"]["Event"]["discriminator"]["mapping"].items()}
    bodies = next(o for o in OPERATIONS if o.name == "POST /v1/events").bodies().values()

    assert types == {event["type"] for body in bodies for event in (body if isinstance(body, list) else [body])}


def test_shown_answers_are_of_the_shape_of_real_ones() -> None:
    TypeAdapter(StatusView).validate_python(gateway_examples.STATUS["at_work"]["value"])
    TypeAdapter(Health).validate_python(gateway_examples.HEALTH["serving"]["value"])
    TypeAdapter(Readiness).validate_python(gateway_examples.READY["ready"]["value"])


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_failure_is_documented_as_problem_details(operation: Operation) -> None:
    for status, told in operation.told["responses"].items():
        if not status.startswith("2") and operation.path != "/readyz":
            assert set(told["content"]) == {MEDIA_TYPE}, status


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_asks_for_a_key_or_is_named_here(api: Api, operation: Operation) -> None:
    path = operation.path.format(**operation.parameters("path"))

    answer = api.send(operation.method, path, None)

    if operation.path in WITHOUT_KEY:
        assert answer.status_code == WITHOUT_KEY[operation.path]
        assert "security" not in operation.told
    else:
        assert answer.status_code == 401
        assert operation.told["security"] == [{"ApiKey": []}]
        assert "401" in operation.told["responses"]


@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if o.path not in WITHOUT_KEY], ids=lambda operation: operation.name
)
def test_every_operation_refuses_a_parameter_it_does_not_have(api: Api, operation: Operation) -> None:
    path = operation.path.format(**operation.parameters("path"))
    body = next(iter(operation.bodies().values()), None)
    query = {**operation.parameters("query"), "verbose": "1"}

    answer = api.send(operation.method, path, AUDITOR, params=query, **({} if body is None else {"json": body}))

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_field")
    assert answer.json()["where"] == "query"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_list_has_a_cursor_and_a_limit(operation: Operation) -> None:
    answer = operation.told["responses"].get("200", {}).get("content", {}).get("application/json", {})
    named = {told["name"] for told in operation.told.get("parameters", ())}

    assert answer.get("schema", {}).get("$ref", "").endswith("Page") == ({"cursor", "limit"} <= named)


def test_the_document_tells_the_bounds_that_are_kept() -> None:
    limits = [
        told["schema"]
        for operation in OPERATIONS
        for told in operation.told.get("parameters", ())
        if told["name"] == "limit"
    ]

    assert limits
    assert all((limit["minimum"], limit["maximum"], limit["default"]) == (1, MAX_LIMIT, 50) for limit in limits)


def test_every_reference_in_the_document_leads_somewhere() -> None:
    def references(part: object) -> Iterator[str]:
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"]
            for inner in part.values():
                yield from references(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from references(inner)

    schemas = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert set(references(DOCUMENT)) <= schemas
    assert describe(create_app(FakeGateway(), production=True)) == DOCUMENT
