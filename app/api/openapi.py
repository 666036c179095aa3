"""The OpenAPI document: what the framework finds, and the request bodies that are read by hand."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.api.examples import Examples
from app.api.links import add_links
from app.api.problems import Problem
from app.api.schemas.documents import REF_TEMPLATE, Documents, documents

JOSE: Final = "application/jose"
"""The type of what is signed or sealed, in compact form."""

Body = Literal["events", "verification", "package", "key", "rotation"]

DESCRIPTION = """
Traceability of prescription eyewear: every party records its own acts, the chain keeps commitments only, and
whoever is entitled can check that what was invoiced is what was quoted, ordered, made and handed over.

Send the API key of your party as `Authorization: Bearer <key>`. Values are the trade's own text (`"-3.25"`,
`"249.00"`), never JSON decimals. Anything of another party that does not concern yours is answered as if it
were absent. Errors are problem details (RFC 9457) that never repeat a value.
"""

_DOCUMENTS: Documents = documents()


def body_of(body: Body, examples: Examples) -> dict[str, Any]:
    """What an operation adds to its OpenAPI entry to describe the body that it reads."""
    content = {"application/json": {"schema": getattr(_DOCUMENTS, body), "examples": examples}}
    return {"requestBody": {"required": True, "content": content}}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of `app`, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            tags=app.openapi_tags,
        )
        problem = Problem.model_json_schema(ref_template=REF_TEMPLATE)
        _add(document, {**_DOCUMENTS.definitions, **problem.pop("$defs", {}), "Problem": problem})
        add_links(document)
        app.openapi_schema = document
    return app.openapi_schema


def _add(document: dict[str, Any], definitions: Mapping[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    twice = schemas.keys() & definitions.keys()
    if twice:
        raise ValueError(f"two schemas of the document are called {', '.join(sorted(twice))}")
    schemas.update(definitions)


def answer_shown(examples: Examples) -> dict[str, Any]:
    """A successful answer that the document shows by `examples`."""
    return {"content": {"application/json": {"examples": examples}}}


def package_answer(examples: Examples) -> dict[str, Any]:
    """The answer that is a package."""
    return {
        "description": "The package",
        "content": {
            "application/json": {"schema": _DOCUMENTS.package, "examples": examples},
            JOSE: {"schema": {"type": "string"}},
        },
    }


def sealed_body(examples: Examples) -> dict[str, Any]:
    """What an operation adds to describe a body that is signed or sealed."""
    content = {JOSE: {"schema": {"type": "string"}, "examples": examples}}
    return {"requestBody": {"required": True, "content": content}}
