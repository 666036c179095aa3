"""
From the validator's errors to faults that echo nothing.

The validator's own messages are never used, for some are built from the input. Each kind of error has a
sentence of ours; what a sentence adds are bounds and choices that stand in our own schemas.
"""

from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any

from app.api.errors import Fault
from app.api.pointers import pointer

MAX_FAULTS = 20

_Facts = Mapping[str, Any]
"""What the validator says of its own rule: a bound, the choices. Only entries named here are ever read."""

_Sentence = tuple[str, str, Callable[[_Facts], str]]


def _type(expected: str) -> _Sentence:
    return "wrong_type", f"this is not {expected}", lambda _: f"Send {expected}."


def _bound(detail: str, mend: str, fact: str) -> _Sentence:
    return "out_of_range", detail, lambda facts: mend.format(facts[fact])


_OF_TYPE: Mapping[str, _Sentence] = {
    "missing": ("missing_field", "a required field is missing", lambda _: "Add the field."),
    "extra_forbidden": (
        "unknown_field",
        "there is a field here that the schema does not have",
        lambda _: "Leave it out; the fields are in the API's documentation.",
    ),
    "string_type": _type("a string"),
    "int_type": _type("a whole number"),
    "bool_type": _type("true or false"),
    "list_type": _type("a list"),
    "tuple_type": _type("a list"),
    "dict_type": _type("an object"),
    "model_type": _type("an object"),
    "model_attributes_type": _type("an object"),
    "text_or_whole": _type("a string or a whole number"),
    "none_required": _type("null"),
    "literal_error": (
        "not_a_choice",
        "this is none of the choices",
        lambda facts: f"Use {facts['expected']}.",
    ),
    "union_tag_invalid": (
        "unknown_type",
        "no such type is known",
        lambda facts: f"Use one of {facts['expected_tags']}.",
    ),
    "union_tag_not_found": ("missing_field", "the type is missing", lambda _: "Say which `type` this is."),
    "string_too_short": _bound("this is too short", "Use {} characters or more.", "min_length"),
    "string_too_long": _bound("this is too long", "Use {} characters or fewer.", "max_length"),
    "too_short": _bound("the list is too short", "Give {} or more.", "min_length"),
    "too_long": _bound("the list is too long", "Give {} or fewer.", "max_length"),
    "greater_than_equal": _bound("the number is too small", "Use {} or more.", "ge"),
    "less_than_equal": _bound("the number is too large", "Use {} or less.", "le"),
    "string_pattern_mismatch": (
        "bad_format",
        "this is not written as it has to be",
        lambda facts: f"Write it so that it matches {facts['pattern']}.",
    ),
    "bad_moment": (
        "bad_format",
        "this is not a moment in UTC",
        lambda _: "Write it as RFC 3339 in UTC, like 2026-03-02T09:30:00Z.",
    ),
    "insured_number": (
        "insured_number",
        "this looks like the number of an insured person",
        lambda _: "Never send one; use a reference of your own.",
    ),
    "bare_word": (
        "bare_word",
        "this has no digit, and may be somebody's name",
        lambda _: "Never send one; use a reference of your own with a digit in it, such as 2026-00117.",
    ),
    "birth_date": (
        "birth_date",
        "this is a date, and may be somebody's birth date",
        lambda _: "Never send one; use a reference of your own without a date, such as a UUID.",
    ),
    "repeated": ("repeated", "something stands here twice", lambda _: "Give each only once."),
}
_OTHER: _Sentence = (
    "bad_value",
    "this is not what the schema asks for",
    lambda _: "See the API's documentation.",
)


def fault(where: str, kind: str, facts: _Facts) -> Fault:
    """The fault of one kind of validation error at `where`."""
    code, detail, mend = _OF_TYPE.get(kind, _OTHER)
    return Fault(where, code, detail, mend(facts))


def body_faults(errors: Iterable[Any], known: Set[str], before: tuple[str | int, ...] = ()) -> list[Fault]:
    """Faults of a body, each place once. `before` leads to the part of the body that was validated."""
    found: dict[str, Fault] = {}
    for error in errors:
        # An unknown field's own name is the client's: its parent is named.
        path = error["loc"][:-1] if error["type"] == "extra_forbidden" else error["loc"]
        where = pointer((*before, *path), known)
        found.setdefault(where, fault(where, error["type"], error.get("ctx", {})))
    return list(found.values())


def parameter_faults(errors: Iterable[Any]) -> list[Fault]:
    """Faults of parameters and headers: `query limit`, `path item`, `header idempotency-key`."""
    found: dict[str, Fault] = {}
    for error in errors:
        kind, *names = error["loc"]
        unknown = error["type"] == "extra_forbidden"
        where = str(kind) if unknown or not names else f"{kind} {names[0]}"
        found.setdefault(where, fault(where, error["type"], error.get("ctx", {})))
    return list(found.values())
