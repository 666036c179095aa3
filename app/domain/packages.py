"""
Packages: the openings that one party hands another, as data.

A package is plain JSON (docs/protocol.md, 5). Reading one refuses everything that is not exactly of its form, because
it comes from outside; whether it tells the truth is decided against the signed steps it carries.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from app.domain.records import GroupValues, canonical_values
from app.domain.shapes import is_well_formed
from app.domain.steps import DETAIL_LENGTH, HASH_LENGTH, ID_LENGTH, Kind, Step
from app.errors import InvalidRecord, PackageRefused

FORMAT = "optitrace.package/1"
DOSSIER_SCHEMA = "dossier/1"
MAX_STEPS = 64
MAX_ITEMS = 16
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class SharedKey:
    """The key of one group of one subject."""

    subject: str
    group: str
    version: int
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SharedStep:
    """A signed step, with the digests of the list it stands in and the values behind some of its groups."""

    party: int
    step: Step
    deadline: int
    signer: str
    digests: tuple[bytes, ...]
    position: int
    signature: bytes
    openings: tuple[tuple[str, GroupValues], ...]


@dataclass(frozen=True, slots=True)
class Package:
    """What one party hands another about one dossier. `schemas` gives the schema of each item."""

    chain_id: int
    ledger: str
    sender: int
    recipient: int
    dossier: str
    schemas: Mapping[str, str]
    keys: tuple[SharedKey, ...]
    steps: tuple[SharedStep, ...]


def moment(seconds: int) -> str:
    """Seconds since 1970 as RFC 3339 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_of(text: str) -> int:
    """RFC 3339 in UTC, whole seconds, as seconds since 1970; ValueError for anything else, or before 1970."""
    seconds = int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())
    # The parser takes "2026-3-2T9:30:00Z" and digits of other scripts too; only one spelling is right.
    if seconds < 0 or moment(seconds) != text:
        raise ValueError("not a moment in its only spelling")
    return seconds


def package_json(package: Package) -> dict[str, object]:
    """A package as it travels."""

    def groups(subject: str) -> dict[str, object]:
        return {
            each.group: {"version": each.version, "key": each.key.hex()}
            for each in package.keys
            if each.subject == subject
        }

    return {
        "format": FORMAT,
        "chain_id": package.chain_id,
        "ledger": "0x" + package.ledger,
        "from": package.sender,
        "for": package.recipient,
        "dossier": package.dossier,
        "groups": groups(package.dossier),
        "items": [{"item": item, "schema": schema, "groups": groups(item)} for item, schema in package.schemas.items()],
        "steps": [_step_json(each) for each in package.steps],
    }


def _step_json(shared: SharedStep) -> dict[str, object]:
    step = shared.step
    return {
        "party": shared.party,
        "kind": step.kind.label,
        "occurrence": step.occurrence,
        "claimed_at": moment(step.claimed_at),
        "subject": step.subject.hex(),
        "detail": step.detail.hex(),
        "words": [word.hex() for word in step.words],
        "list": {
            "deadline": moment(shared.deadline),
            "signer": "0x" + shared.signer,
            "digests": [digest.hex() for digest in shared.digests],
            "position": shared.position,
            "signature": "0x" + shared.signature.hex(),
        },
        "openings": [
            {"subject": subject, "group": values.group, "values": dict(values.values)}
            for subject, values in shared.openings
        ],
    }


# -- reading --


def package_of(content: Mapping[str, object]) -> Package:
    """The package that `content` is; raises PackageRefused at the first thing that is not of its form."""
    top = _Reader(content, "")
    top.only("format", "chain_id", "ledger", "from", "for", "dossier", "groups", "items", "steps")
    if top.text("format", 40) != FORMAT:
        raise top.refusal("format", f"the format is not {FORMAT}")
    dossier = top.hex("dossier", ID_LENGTH)
    keys = _keys(top, dossier)
    schemas: dict[str, str] = {}
    for item in top.parts("items", MAX_ITEMS):
        item.only("item", "schema", "groups")
        name = item.hex("item", ID_LENGTH)
        schemas[name] = item.text("schema", 64)
        keys += _keys(item, name)
    steps = tuple(_step(part, dossier, schemas) for part in top.parts("steps", MAX_STEPS))
    return Package(
        top.number("chain_id", 1 << 53), top.hex("ledger", 20, "0x"), top.number("from", 1 << 32),
        top.number("for", 1 << 32), dossier, schemas, tuple(keys), steps,
    )  # fmt: skip


def _keys(reader: "_Reader", subject: str) -> list[SharedKey]:
    found = []
    groups = reader.part("groups")
    for name in groups.content:
        if not re.fullmatch("[a-z_]{1,32}", name):
            raise reader.refusal("groups", "a group has no such name")
        group = groups.part(name)
        group.only("version", "key")
        found.append(SharedKey(subject, name, group.number("version", 256), bytes.fromhex(group.hex("key", 32))))
    return found


def _step(reader: "_Reader", dossier: str, schemas: Mapping[str, str]) -> SharedStep:
    reader.only("party", "kind", "occurrence", "claimed_at", "subject", "detail", "words", "list", "openings")
    kind = reader.checked("kind", lambda value: {each.label: each for each in Kind}[str(value)])
    step = Step(
        kind, reader.number("occurrence", 256), reader.moment("claimed_at"),
        bytes.fromhex(reader.hex("subject", ID_LENGTH)), bytes.fromhex(reader.hex("detail", DETAIL_LENGTH)),
        reader.hashes("words", 2 + 5 * MAX_ITEMS),
    )  # fmt: skip
    if not is_well_formed(step):
        raise reader.refusal("words", "the step is not of the form that the ledger takes")
    signed = reader.part("list")
    signed.only("deadline", "signer", "digests", "position", "signature")
    digests = signed.hashes("digests", 1024)
    position = signed.number("position", max(1, len(digests)))
    if not digests or digests[position] != step.digest:
        raise signed.refusal("position", "the step is not the one at its position in the list")
    openings = tuple(_opening(part, dossier, schemas) for part in reader.parts("openings", 8 * MAX_ITEMS))
    return SharedStep(
        reader.number("party", 1 << 32), step, signed.moment("deadline"), signed.hex("signer", 20, "0x"), digests,
        position, bytes.fromhex(signed.hex("signature", 65, "0x")), openings,
    )  # fmt: skip


def _opening(reader: "_Reader", dossier: str, schemas: Mapping[str, str]) -> tuple[str, GroupValues]:
    reader.only("subject", "group", "values")
    subject = reader.hex("subject", ID_LENGTH)
    schema = DOSSIER_SCHEMA if subject == dossier else schemas.get(subject)
    if schema is None:
        raise reader.refusal("subject", "the subject is neither the dossier nor one of the items")
    group, values = reader.text("group", 32), reader.part("values").content
    try:
        return subject, canonical_values(schema, group, values, reader.where + "/values")  # type: ignore[arg-type]
    except InvalidRecord as error:
        raise PackageRefused(error.detail, error.where, "Ask the sender for the package again.") from None


class _Reader:
    """Reads one JSON object, refusing whatever is not there or not of its type, and never quoting it."""

    def __init__(self, content: object, where: str) -> None:
        self.where = where
        if not isinstance(content, Mapping):
            raise PackageRefused("an object is expected", where or None, _ASK_AGAIN)
        self.content: Mapping[str, object] = content

    def refusal(self, name: str, detail: str) -> PackageRefused:
        """What is wrong with the field `name`."""
        return PackageRefused(detail, f"{self.where}/{name}", _ASK_AGAIN)

    def only(self, *names: str) -> None:
        """Refuse unless exactly these fields are there."""
        if self.content.keys() != set(names):
            raise PackageRefused("the object does not have exactly its fields", self.where or None, _ASK_AGAIN)

    def checked(self, name: str, convert: Callable[[object], Part]) -> Part:
        """The field, converted."""
        try:
            return convert(self.content[name])
        except (KeyError, ValueError, TypeError, OverflowError):
            pass
        raise self.refusal(name, f"{name} is not of its form")

    def text(self, name: str, longest: int) -> str:
        """A text of at most `longest` characters."""
        value = self.content.get(name)
        if not isinstance(value, str) or len(value) > longest:
            raise self.refusal(name, f"{name} is not of its form")
        return value

    def number(self, name: str, below: int) -> int:
        """A whole number from 0 to below `below`."""
        value = self.content.get(name)
        if type(value) is not int or not 0 <= value < below:
            raise self.refusal(name, f"{name} is not a whole number of its range")
        return value

    def hex(self, name: str, length: int, prefix: str = "") -> str:
        """`length` bytes in lower-case hex, without the prefix they carry."""
        value = self.text(name, len(prefix) + 2 * length)
        if not re.fullmatch(f"{prefix}[0-9a-f]{{{2 * length}}}", value):
            raise self.refusal(name, f"{name} is not {length} bytes in lower-case hex")
        return value.removeprefix(prefix)

    def hashes(self, name: str, most: int) -> tuple[bytes, ...]:
        """A list of 32-byte values in hex."""
        value = self.content.get(name)
        if not isinstance(value, list) or len(value) > most:
            raise self.refusal(name, f"{name} is not a list of at most {most} hashes")
        if not all(isinstance(each, str) and re.fullmatch("[0-9a-f]{64}", each) for each in value):
            raise self.refusal(name, f"{name} holds something that is not {HASH_LENGTH} bytes in hex")
        return tuple(bytes.fromhex(each) for each in value)

    def moment(self, name: str) -> int:
        """A moment in RFC 3339, UTC, whole seconds."""
        return self.checked(name, lambda value: seconds_of(str(value)))

    def part(self, name: str) -> "_Reader":
        """An object inside this one."""
        return _Reader(self.content.get(name), f"{self.where}/{name}")

    def parts(self, name: str, most: int) -> list["_Reader"]:
        """A list of objects inside this one."""
        value = self.content.get(name)
        if not isinstance(value, list) or len(value) > most:
            raise self.refusal(name, f"{name} is not a list of at most {most}")
        return [_Reader(each, f"{self.where}/{name}/{number}") for number, each in enumerate(value)]


_ASK_AGAIN = "Ask the sender for the package again, and pass it on unchanged."
