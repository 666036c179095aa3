"""
The one reader of JSON that comes from outside.

What the standard reader lets pass makes two readers of one body see two things, or a server fall over: a key
given twice, `NaN`, `1e999`, half a surrogate pair, a NUL that one database stores and another refuses, a
hundred thousand brackets. Records hold text and whole numbers only, so every float is refused too. A refusal
names the place, in names of our own schemas only, and never the text that stands there.
"""

import json
import re
from collections.abc import Iterator, Set
from typing import NoReturn

from app.api.errors import BadEncoding, BadJson, BadNumber, DuplicateKey, TooComplex
from app.api.pointers import pointer
from app.errors import OptiTraceError
from app.nesting import MAX_DEPTH, too_deep

MAX_VALUES = 100_000
MAX_DIGITS = 20

_ESCAPED_CONTROL_OR_SURROGATE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_SURROGATE_OR_NUL = re.compile("[\x00\ud800-\udfff]")


class _Refused:
    """Stands in the tree for something that may not be there, until the walk finds its place."""

    def __init__(self, error: type[OptiTraceError], detail: str) -> None:
        self.error = error
        self.detail = detail


class _Reader:
    """One reading: the hooks of the standard decoder, and whether they met something to refuse."""

    def __init__(self) -> None:
        self.met = False

    def read(self, text: str) -> object:
        decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_int=self._whole,
            parse_float=lambda _: self._refuse(BadNumber, "a number is not a whole one"),
            parse_constant=lambda _: self._refuse(BadNumber, "NaN and infinity are not numbers of JSON"),
        )
        return decoder.decode(text)

    def _refuse(self, error: type[OptiTraceError], detail: str) -> _Refused:
        self.met = True
        return _Refused(error, detail)

    def _object(self, pairs: list[tuple[str, object]]) -> object:
        fields = dict(pairs)
        if len(fields) != len(pairs):
            return self._refuse(DuplicateKey, "an object names a key twice")
        return fields

    def _whole(self, digits: str) -> object:
        if len(digits.lstrip("-")) > MAX_DIGITS:
            return self._refuse(BadNumber, f"a number has more than {MAX_DIGITS} digits")
        if digits == "-0":
            return self._refuse(BadNumber, "zero has no sign")
        return int(digits)


def load(body: bytes, known: Set[str] = frozenset()) -> object:
    """
    Read one JSON document from `body`.

    `known` are the names that a place may be told with. Raises BadEncoding, BadJson, BadNumber, DuplicateKey
    and TooComplex.
    """
    text = _text(body)
    _check_shape(body)
    reader = _Reader()
    try:
        document = reader.read(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
    else:
        if reader.met or _ESCAPED_CONTROL_OR_SURROGATE.search(body):
            _refuse_first(document, known)
        return document
    # Raised outside the handler: the decoder's error holds the whole text.
    raise BadJson("the body is not JSON", place)


def _text(body: bytes) -> str:
    """Decode the body; a byte order mark is refused, because RFC 8259 forbids to send one."""
    if not body.strip(b" \t\r\n"):
        raise BadJson("the body is empty")
    if body.startswith(b"\xef\xbb\xbf"):
        raise BadEncoding("the body begins with a byte order mark", "line 1, column 1")
    try:
        return body.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1}"
    raise BadEncoding("the body is not UTF-8", place)


def _check_shape(body: bytes) -> None:
    """
    Refuse too many values and too deep a nesting before anything is built.

    Commas and quotes within text count as well; no lawful body comes near the bounds.
    """
    opening = body.count(b"[") + body.count(b"{")
    if body.count(b",") + opening > MAX_VALUES or body.count(b'"') > 4 * MAX_VALUES:
        raise TooComplex(f"the body holds more than {MAX_VALUES} values")
    if too_deep(body):
        raise TooComplex(f"the body is nested deeper than {MAX_DEPTH} levels")


def _refuse_first(document: object, known: Set[str]) -> None:
    """Raise for the first thing in `document` that may not be there, if there is one."""
    for path, value in _walk((), document):
        if isinstance(value, _Refused):
            _refuse(value, path, known)
        if isinstance(value, str) and _SURROGATE_OR_NUL.search(value):
            _refuse(_Refused(BadEncoding, "a text holds NUL or half a surrogate pair"), path, known)


def _refuse(found: _Refused, path: tuple[str | int, ...], known: Set[str]) -> NoReturn:
    raise found.error(found.detail, pointer(path, known))


def _walk(path: tuple[str | int, ...], value: object) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Give every key and value with its path. Recursion is safe here: the depth was checked before."""
    yield path, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield path, name
            yield from _walk((*path, name), inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _walk((*path, place), inner)
