"""Every place of an API that takes in text, as its OpenAPI document has them, and requests with a text put there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Input:
    """
    A text that an operation takes: `POST /v1/keys` with `body /label`, `GET /v1/items` with `query reference`.

    `operation` also names the type of an event. `*` stands for each entry of a list or of a map.
    """

    operation: str
    place: str
    pattern: str | None = None

    def fits(self, text: str) -> bool:
        """Whether the document lets this text in."""
        return self.pattern is None or re.search(self.pattern, text) is not None


def texts_of(document: Mapping[str, Any]) -> Iterator[Input]:
    """All texts that the caller chooses, in parameters, headers and bodies: not one of a list of words."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            name = f"{method.upper()} {path}"
            for each in operation.get("parameters", ()):
                yield from _walk(document, each["schema"], Input(name, f"{each['in']} {each['name']}"), frozenset())
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield from _walk(document, content["schema"], Input(name, "body "), frozenset())


def _walk(document: Mapping[str, Any], schema: Any, at: Input, above: frozenset[str]) -> Iterator[Input]:
    """The texts below a schema; one that is within itself is walked once. What says nothing may be a text."""
    name = schema.get("$ref", "").rpartition("/")[2] if isinstance(schema, dict) else ""
    if name:
        if name not in above:
            yield from _walk(document, document["components"]["schemas"][name], at, above | {name})
        return
    if schema is True or not schema or (schema.get("type") == "string" and not {"enum", "const"} & schema.keys()):
        yield Input(at.operation, at.place, (schema or {}).get("pattern") if isinstance(schema, dict) else None)
    for below, inner in _below(schema, at) if isinstance(schema, dict) else ():
        yield from _walk(document, inner, below, above)


def _below(schema: Mapping[str, Any], at: Input) -> Iterator[tuple[Input, Any]]:
    kinds = schema.get("discriminator", {}).get("mapping", {})
    for kind, name in kinds.items():
        yield Input(f"{at.operation} {kind}", at.place), {"$ref": name}
    for word in () if kinds else ("anyOf", "oneOf", "allOf"):
        yield from ((at, each) for each in schema.get(word, ()))
    for name, each in schema.get("properties", {}).items():
        yield Input(at.operation, f"{at.place}/{name}"), each
    for word in ("items", "additionalProperties"):
        if schema.get(word, False) is not False:
            yield Input(at.operation, f"{at.place}/*"), schema[word]
    if "propertyNames" in schema:
        yield Input(at.operation, f"{at.place}/a name"), schema["propertyNames"]


def with_text(body: Any, place: Sequence[str], text: str) -> Iterator[Any]:
    """The body with a text at a place, for each entry that `*` stands for; what leads there is made if it is absent."""
    if not place:
        yield text
        return
    name, *below = place
    if name == "*" and not isinstance(body, dict):
        entries = list(body or [None])
        for at, entry in enumerate(entries):
            yield from ([*entries[:at], each, *entries[at + 1 :]] for each in with_text(entry, below, text))
        return
    fields = dict(body or {})
    for key in list(fields) if name == "*" else [name]:
        yield from ({**fields, key: each} for each in with_text(fields.get(key), below, text))
