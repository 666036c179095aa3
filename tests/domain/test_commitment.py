"""Commitments: the same bytes as the published construction, and nothing opens that should not."""

import hmac
from dataclasses import replace

import pytest
from eth_abi.abi import encode
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain import merkle
from app.domain.commitment import (
    GroupKey,
    Hash,
    ItemSecret,
    Opening,
    Salt,
    field_salt,
    group_key,
    group_root,
    leaf,
    openings,
    verify_openings,
)
from app.domain.keccak import keccak256
from app.domain.records import GroupValues, group_values
from app.domain.schemas import SCHEMAS
from app.errors import InvalidRecord, ProofRejected
from tests.domain.lenses import group_of_values, trade_values

LENS = "optics.lens/1"
BYTES_32 = st.binary(min_size=32, max_size=32)
GROUP_NAMES = sorted({group for schema in SCHEMAS.values() for group in schema.groups})
CORRECTIONS = trade_values(LENS, "correction").map(lambda trade: group_values(LENS, "correction", trade))


def salts(key: bytes, *paths: str) -> list[Salt]:
    """The salts of fields of these names."""
    return [field_salt(key, path) for path in paths]


def hkdf(secret: bytes, info: bytes) -> bytes:
    """RFC 5869 with one block of output, as the RFC writes it."""
    return hmac.digest(hmac.digest(b"optitrace/1", secret, "sha256"), info + b"\x01", "sha256")


@given(BYTES_32, st.sampled_from(GROUP_NAMES), st.integers(1, 255))
def test_a_group_key_is_the_published_derivation(secret: bytes, group: str, version: int) -> None:
    assert group_key(secret, group, version) == hkdf(secret, b"group\0" + group.encode() + b"\0" + bytes([version]))


@given(BYTES_32, st.sampled_from(["schema", "sphere", "maker"]))
def test_a_field_salt_is_the_published_derivation(key: bytes, path: str) -> None:
    assert field_salt(key, path) == hkdf(key, b"field\0" + path.encode())


@given(BYTES_32, st.integers(0, 65_535), st.text(min_size=1, max_size=40), st.none() | st.text(max_size=256))
def test_a_leaf_is_the_published_encoding(salt: bytes, position: int, path: str, value: str | None) -> None:
    assume(path.isprintable() and (value is None or value.isprintable()))
    encoded = encode(
        ["bytes32", "uint16", "string", "bool", "string"],
        [salt, position, path, value is not None, value or ""],
    )
    assert leaf(salt, position, path, value) == keccak256(keccak256(encoded))


@given(group_of_values(), BYTES_32)
def test_the_same_values_committed_by_two_parties_give_the_same_root(values: GroupValues, secret: bytes) -> None:
    mine = group_root(values, group_key(secret, values.group))
    theirs = group_root(
        GroupValues(values.schema, values.group, dict(reversed(list(values.values.items())))),
        bytes(group_key(bytes(secret), values.group, 1)),
    )
    assert mine == theirs


@given(group_of_values(), group_of_values(), BYTES_32)
def test_different_values_give_different_roots(one: GroupValues, other: GroupValues, key: bytes) -> None:
    assert (group_root(one, key) == group_root(other, key)) is (one == other)


@given(CORRECTIONS, CORRECTIONS, BYTES_32, st.data())
def test_changing_any_one_field_changes_the_root(
    values: GroupValues, other: GroupValues, key: bytes, data: st.DataObject
) -> None:
    changed = data.draw(st.sampled_from(["eye", "addition", "diameter", "pupillary_distance", "fitting_height"]))
    assume(values.values[changed] != other.values[changed])
    new = replace(values, values={**values.values, changed: other.values[changed]})
    assert group_root(new, key) != group_root(values, key)


@given(group_of_values(), BYTES_32, BYTES_32)
def test_another_item_group_or_version_gives_another_root(values: GroupValues, one: bytes, other: bytes) -> None:
    assume(one != other)
    keys = {group_key(one, values.group), group_key(other, values.group), group_key(one, values.group, 2)}
    keys |= {group_key(one, group) for group in GROUP_NAMES}
    assert len({group_root(values, key) for key in keys}) == len(keys) == len(GROUP_NAMES) + 2


def test_an_absent_value_is_not_an_empty_one() -> None:
    assert leaf(b"\1" * 32, 1, "codes", None) != leaf(b"\1" * 32, 1, "codes", "")


@given(group_of_values(), BYTES_32, st.data())
def test_every_field_opens_beside_the_schema(values: GroupValues, key: bytes, data: st.DataObject) -> None:
    root, every = group_root(values, key), openings(values, key)
    assert every[0].value == f"{values.schema} {values.group}"
    assert {each.path: each.value for each in every[1:]} == dict(values.values)
    verify_openings(every, root)
    verify_openings([data.draw(st.sampled_from(every[1:])), every[0]], root)


@given(group_of_values(), BYTES_32, st.data())
def test_an_opening_with_anything_changed_is_rejected(values: GroupValues, key: bytes, data: st.DataObject) -> None:
    root, (schema, *fields) = group_root(values, key), openings(values, key)
    field = data.draw(st.sampled_from(fields))
    false_salt = data.draw(BYTES_32.filter(lambda salt: salt != field.salt))
    node = field.siblings[0]
    changed = [
        replace(field, value="FALSE" if field.value is None else None),
        replace(field, value=(field.value or "") + "0"),
        replace(field, salt=Salt(false_salt)),
        replace(field, siblings=()),
        replace(field, siblings=field.siblings[1:]),
        replace(field, siblings=field.siblings[:-1]),
        replace(field, siblings=(*field.siblings, node)),
        replace(field, siblings=(node, *field.siblings)),
        *(replace(field, path=other.path) for other in fields if other != field),
    ]
    if field.siblings != field.siblings[::-1]:
        changed.append(replace(field, siblings=field.siblings[::-1]))
    for false in changed:
        with pytest.raises(ProofRejected):
            verify_openings([schema, false], root)
    with pytest.raises(ProofRejected):
        verify_openings([schema, field], keccak256(root))


@given(CORRECTIONS, BYTES_32)
def test_openings_must_say_what_they_belong_to(values: GroupValues, key: bytes) -> None:
    root, (schema, first, *rest) = group_root(values, key), openings(values, key)
    verify_openings([schema], root)
    for false in (
        [],
        [first],
        [first, *rest],
        [schema, first, first],
        [schema, schema, first],
        [replace(schema, value="optics.frame/1 product"), first],
        [schema, replace(first, path="wearer")],
    ):
        with pytest.raises(ProofRejected):
            verify_openings(false, root)


SHARED = [
    (one, other, name)
    for one in SCHEMAS
    for other in SCHEMAS
    for name, group in SCHEMAS[one].groups.items()
    if one < other and name in SCHEMAS[other].groups and group.fields == SCHEMAS[other].groups[name].fields
]


@pytest.mark.parametrize(("one", "other", "group"), SHARED)
@given(data=st.data(), key=BYTES_32)
def test_the_same_values_under_another_schema_give_another_root(
    one: str, other: str, group: str, data: st.DataObject, key: bytes
) -> None:
    values = group_values(one, group, data.draw(trade_values(one, group)))
    assert group_root(values, key) != group_root(replace(values, schema=other), key)


@given(BYTES_32)
def test_a_field_cannot_be_read_as_another_schemas(key: bytes) -> None:
    frame = group_values("optics.frame/1", "product", {"maker": "ATELIER0", "code": "A1"})
    root = group_root(frame, key)
    as_lens = [replace(each, schema=LENS) for each in openings(frame, key)[:3]]
    with pytest.raises(ProofRejected, match="schema"):
        verify_openings(as_lens, root)
    named = [replace(as_lens[0], value=f"{LENS} product"), *as_lens[1:]]
    with pytest.raises(ProofRejected, match="root"):
        verify_openings(named, root)


@given(group_of_values(), BYTES_32)
def test_a_tree_with_more_leaves_than_the_schema_has_is_rejected(values: GroupValues, key: bytes) -> None:
    every = openings(values, key)
    leaves = [bytes(each.leaf()) for each in every]
    grown = [*leaves, *(keccak256(b"forged" + bytes([number])) for number in range(32))]
    longer = [
        replace(each, siblings=tuple(map(Hash, merkle.path(grown, leaf))))
        for each, leaf in zip(every, leaves, strict=True)
    ]
    with pytest.raises(ProofRejected, match="length"):
        verify_openings(longer, merkle.root(grown))


@given(group_of_values(), BYTES_32)
def test_no_node_of_the_tree_passes_for_a_leaf(values: GroupValues, key: bytes) -> None:
    root, every = group_root(values, key), openings(values, key)
    leaves = {each.leaf() for each in every}
    nodes = {root}
    for each in every:
        # A path's first sibling may be a leaf; all further ones are nodes over leaves.
        nodes |= set(each.siblings[1:]) - leaves
    assert not nodes & leaves
    for node in nodes:
        inner_pairs = {keccak256(bytes(node)), keccak256(keccak256(bytes(node)))}
        assert not inner_pairs & leaves


@given(group_of_values(), BYTES_32)
def test_pre_images_differ_in_length_by_what_they_are(values: GroupValues, key: bytes) -> None:
    """
    A leaf hashes at least 256 bytes and then 32, a node 64. The table of an item's roots has 576 bytes,
    a signed list 66, 128 or 224: no hash of one kind is a hash of another.
    """
    lengths = set()
    for position, each in enumerate(openings(values, key)):
        shown = [bytes(each.salt), position, each.path, each.value is not None, each.value or ""]
        encoded = encode(["bytes32", "uint16", "string", "bool", "string"], shown)
        assert each.leaf() == keccak256(keccak256(encoded))
        lengths.add(len(encoded))
    assert min(lengths) >= 256
    assert max(lengths) < 576


def test_the_tags_of_key_and_salt_keep_their_derivations_apart() -> None:
    secret = b"\7" * 32
    derived = {
        bytes(group_key(secret, "product")),
        *map(bytes, salts(secret, "product", "product\0\1", "group")),
    }
    assert len(derived) == 4


@pytest.mark.parametrize("kind", [Hash, ItemSecret, GroupKey, Salt])
@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_bytes_of_another_length_are_refused(kind: type[bytes], length: int) -> None:
    assert kind(b"\1" * 32) == b"\1" * 32
    with pytest.raises(InvalidRecord):
        kind(bytes(length))


@pytest.mark.parametrize("kind", [ItemSecret, GroupKey, Salt])
def test_a_secret_does_not_show_in_a_log(kind: type[bytes]) -> None:
    secret: object = kind(bytes(range(32, 64)))
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r}", "%s" % secret, repr([secret])):  # noqa: UP031
        assert shown.strip("[]") == f"{kind.__name__}(hidden)"


def test_an_opening_does_not_show_its_value_or_salt_in_a_log() -> None:
    opening = Opening(LENS, "correction", "sphere", "-325", Salt(bytes(range(32, 64))), ())
    assert "325" not in repr(opening)
    assert "hidden" in repr(opening)


@pytest.mark.parametrize("version", [0, -1, 256])
def test_a_version_outside_one_byte_is_refused(version: int) -> None:
    with pytest.raises(InvalidRecord):
        group_key(b"\1" * 32, "product", version)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_secret_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(InvalidRecord):
        group_key(bytes(length), "product")
    with pytest.raises(InvalidRecord):
        group_root(GroupValues.absent(LENS, "product"), bytes(length))
