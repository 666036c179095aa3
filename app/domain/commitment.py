"""
Commitments that hide what they commit to.

The correction of one lens has about 18 bits of entropy: whoever sees a bare
hash of it finds it in seconds. So every field is hashed with a salt that is
derived from a secret of the item, in two steps: item secret, group key, field
salt. To give a group key is to open that group and no other; to give a salt is
to open one field and no other; to destroy the secret is to make the commitment
unreadable for ever.

The salts belong to the item, not to the step. The same values committed by two
parties therefore give the same group root, and the ledger compares them
without seeing them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.domain import merkle
from app.domain.keccak import keccak256
from app.domain.records import GroupValues
from app.domain.schemas import schema_of
from app.errors import InvalidRecord, ProofRejected

HKDF_SALT = b"optitrace/1"
SCHEMA_PATH = "schema"
LENGTH = 32
MAX_VERSION = 255

_HEAD = 5 * 32


class _Bytes32(bytes):
    """32 bytes of one meaning."""

    __slots__ = ()

    def __new__(cls, value: bytes) -> Self:
        if len(value) != LENGTH:
            raise InvalidRecord(None, f"a value of type {cls.__name__} is {LENGTH} bytes long")
        return super().__new__(cls, value)


class _Secret32(_Bytes32):
    """32 bytes that never show in a log."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(hidden)"

    __str__ = __repr__


class Hash(_Bytes32):
    """A Keccak-256 hash."""

    __slots__ = ()


class ItemSecret(_Secret32):
    """The random secret of one item, or of one dossier."""

    __slots__ = ()


class GroupKey(_Secret32):
    """The key that opens one group of one item, at every step."""

    __slots__ = ()


class Salt(_Secret32):
    """The salt that opens one field."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """
    What shows one field of a group: its value (`None` is absent), its salt, the siblings up to the root.

    `path` is the name of the field, or `schema` for the leaf that says which schema and group these are.
    """

    schema: str
    group: str
    path: str
    value: str | None = field(repr=False)
    salt: Salt
    siblings: tuple[Hash, ...]

    def leaf(self) -> Hash:
        """Hash this field; its position is part of the hash, so fields cannot trade places."""
        names = _paths(self.schema, self.group)
        if self.path not in names:
            raise ProofRejected(f"{self.group} has no such field")
        return leaf(self.salt, names.index(self.path), self.path, self.value)


def group_key(secret: bytes, group: str, version: int = 1) -> GroupKey:
    """Give the key of a group of the item that `secret` belongs to; `version` is 1 to 255."""
    if not 1 <= version <= MAX_VERSION:
        raise InvalidRecord(None, f"a version is 1 to {MAX_VERSION}")
    info = b"group\0" + group.encode() + b"\0" + bytes([version])
    return GroupKey(_derived(ItemSecret(secret), info))


def field_salt(key: bytes, path: str) -> Salt:
    """Give the salt of the field `path` of the group that `key` opens."""
    return Salt(_salts(GroupKey(key), (path,))[0])


def leaf(salt: bytes, position: int, path: str, value: str | None) -> Hash:
    """Hash one field, twice: `abi.encode(salt, position, path, present, value)`; `None` is not present."""
    return Hash(_leaf(Salt(salt), position, path, value))


def group_root(values: GroupValues, key: bytes) -> Hash:
    """Commit to all fields of a group at once."""
    return Hash(merkle.root(_leaves(values, GroupKey(key))))


def openings(values: GroupValues, key: bytes) -> tuple[Opening, ...]:
    """Give the opening of the schema and then of each field in order."""
    paths, leaves = _paths(values.schema, values.group), _leaves(values, GroupKey(key))
    siblings = [tuple(map(Hash, merkle.path(leaves, leaf))) for leaf in leaves]
    salts = map(Salt, _salts(GroupKey(key), paths))
    fields = zip(paths, _committed(values), salts, siblings, strict=True)
    return tuple(Opening(values.schema, values.group, *each) for each in fields)


def verify_openings(shown: Sequence[Opening], root: bytes) -> None:
    """
    Check that `shown` are fields of the group that `root` commits to; `ProofRejected` if not.

    1. All are of one schema and group, no field twice, and the schema's own leaf is among them: without it a field
       could be read as another schema's.
    2. The schema's own leaf says this schema and group.
    3. Every sibling has 32 bytes.
    4. Each path is as long as a path from a leaf is.
    5. Each path leads from the field's leaf to the root.

    A committer who lies may have hidden a second value of a field among the leaves that are not shown.
    Only `group_root` over all values rules that out; a root that another party committed to as well
    rules it out too, if that party is honest.
    """
    # 1
    groups, paths = {(each.schema, each.group) for each in shown}, {each.path for each in shown}
    if len(groups) != 1 or len(paths) != len(shown):
        raise ProofRejected("the openings are not different fields of one group")
    named = [each for each in shown if each.path == SCHEMA_PATH]
    if not named:
        raise ProofRejected("the openings do not open the schema")
    # 2
    if named[0].value != _schema_value(named[0].schema, named[0].group):
        raise ProofRejected("the schema opened is not the one named")
    shortest, longest = merkle.path_lengths(len(_paths(named[0].schema, named[0].group)))
    for each in shown:
        # 3
        if any(len(sibling) != LENGTH for sibling in each.siblings):
            raise ProofRejected(f"the path of {each.path} has a sibling of a wrong length")
        # 4
        if not shortest <= len(each.siblings) <= longest:
            raise ProofRejected(f"the path of {each.path} has a wrong length")
        # 5
        if merkle.leads_to(each.leaf(), each.siblings) != root:
            raise ProofRejected(f"the path of {each.path} does not lead to the root")


def _schema_value(schema: str, group: str) -> str:
    return f"{schema} {group}"


@lru_cache(maxsize=256)
def _paths(schema: str, group: str) -> tuple[str, ...]:
    """Give the paths of a group's leaves in order of position."""
    return (SCHEMA_PATH, *(each.name for each in schema_of(schema).group(group).fields))


def _committed(values: GroupValues) -> tuple[str | None, ...]:
    return (_schema_value(values.schema, values.group), *values.values.values())


def _leaves(values: GroupValues, key: GroupKey) -> list[bytes]:
    paths = _paths(values.schema, values.group)
    fields = zip(_salts(key, paths), paths, _committed(values), strict=True)
    return [_leaf(salt, position, path, value) for position, (salt, path, value) in enumerate(fields)]


def _derived(secret: bytes, info: bytes) -> bytes:
    """HKDF-SHA256 (RFC 5869), 32 bytes."""
    return HKDF(SHA256(), LENGTH, HKDF_SALT, info).derive(secret)


def _salts(key: GroupKey, paths: Sequence[str]) -> list[bytes]:
    return [_derived(key, b"field\0" + path.encode()) for path in paths]


def _leaf(salt: bytes, position: int, path: str, value: str | None) -> bytes:
    head, tail = _encoded_path(position, path)
    text = (value or "").encode()
    present = _word(value is not None)
    return keccak256(keccak256(b"".join((salt, head, present, tail, _word(len(text)), _padded(text)))))


@lru_cache(maxsize=256)
def _encoded_path(position: int, path: str) -> tuple[bytes, bytes]:
    """
    Give the parts of a leaf's ABI encoding that the schema fixes, before and after `present`.

    Before: the position, and where the path begins. After: where the value begins, and the path.
    """
    text = path.encode()
    encoded = _word(len(text)) + _padded(text)
    return _word(position) + _word(_HEAD), _word(_HEAD + len(encoded)) + encoded


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _padded(text: bytes) -> bytes:
    return text + bytes(-len(text) % 32)
