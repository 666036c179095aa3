"""
What is signed: a package with the two parties, or a receipt for one.

A package's id is the hash of its content. The same package sent again is the same package, whoever seals it and
however often; another content cannot come under the same id.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.domain.packages import moment, seconds_of
from app.errors import NotSealed, PackageAltered

LETTER: Final = "optitrace.letter/1"
RECEIPT: Final = "optitrace.receipt/1"
_TAG = b"optitrace.letter/1\n"


MAX_DEPTH = 32
"""How deep a package may be nested; ours have eight levels."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A package on its way from one party to another; `written_at` in seconds since 1970."""

    sender: int
    recipient: int
    written_at: int
    package: Mapping[str, object]

    @property
    def id(self) -> str:
        """32 hex digits of the package's hash."""
        return package_id(self.package)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A recipient's word on a package: taken in, or refused for a reason (a code and a sentence), for good."""

    sender: int
    recipient: int
    package: str
    received_at: int
    reason: str | None = None
    detail: str | None = None
    where: str | None = None


def package_id(package: Mapping[str, object]) -> str:
    """The first 16 bytes of SHA-256 over a tag and the package in canonical JSON (RFC 8785), in hex."""
    canonical = json.dumps(package, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(_TAG + canonical.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def letter_json(letter: Letter) -> dict[str, object]:
    """A letter as it is signed."""
    return {
        "format": LETTER,
        "id": letter.id,
        "from": letter.sender,
        "for": letter.recipient,
        "written_at": moment(letter.written_at),
        "package": letter.package,
    }


def letter_of(content: Mapping[str, Any]) -> Letter:
    """The letter that `content` is; raises NotSealed for another form, PackageAltered for an id that is not its own."""
    _only(content, LETTER, "id", "from", "for", "written_at", "package")
    if not isinstance(content["package"], dict):
        raise NotSealed("the package is not an object", "/package")
    _check_depth(content["package"])
    letter = Letter(_party(content, "from"), _party(content, "for"), _moment(content, "written_at"), content["package"])
    if letter.id != content["id"]:
        raise PackageAltered("the id is not that of the package", "/id")
    return letter


def _check_depth(package: object) -> None:
    """Refuse what is nested deeper than any package; by levels, because an encoder that recurses may die of it."""
    level = [package]
    for _ in range(MAX_DEPTH):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return
    raise NotSealed("the package is nested too deep", "/package")


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def receipt_json(receipt: Receipt) -> dict[str, object]:
    """A receipt as it is signed."""
    return {
        "format": RECEIPT,
        "from": receipt.recipient,
        "for": receipt.sender,
        "package": receipt.package,
        "received_at": moment(receipt.received_at),
        "result": "accepted" if receipt.reason is None else "refused",
        "reason": receipt.reason,
        "detail": receipt.detail,
        "where": receipt.where,
    }


def receipt_of(content: Mapping[str, Any]) -> Receipt:
    """The receipt that `content` is; raises NotSealed."""
    _only(content, RECEIPT, "from", "for", "package", "received_at", "result", "reason", "detail", "where")
    reason = content["reason"]
    if content["result"] != ("accepted" if reason is None else "refused"):
        raise NotSealed("the result does not fit the reason", "/result")
    if reason is not None and not _fits(reason, "[a-z_]{1,40}"):
        raise NotSealed("the reason is not a code", "/reason")
    if not _fits(content["package"], "[0-9a-f]{32}"):
        raise NotSealed("the package is not named by its id", "/package")
    return Receipt(
        _party(content, "for"), _party(content, "from"), content["package"], _moment(content, "received_at"), reason
    )


def _only(content: Mapping[str, Any], form: str, *names: str) -> None:
    if content.keys() != {"format", *names} or content["format"] != form:
        raise NotSealed(f"the content is not {form} with exactly its fields")


def _fits(value: object, pattern: str) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _party(content: Mapping[str, Any], name: str) -> int:
    value = content[name]
    if type(value) is not int or not 0 < value < 1 << 32:
        raise NotSealed(f"{name} is not the number of a party", f"/{name}")
    return value


def _moment(content: Mapping[str, Any], name: str) -> int:
    try:
        return seconds_of(str(content[name]))
    except (ValueError, OverflowError):
        raise NotSealed(f"{name} is not a moment in UTC", f"/{name}") from None
