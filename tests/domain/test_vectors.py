"""The committed vectors are what the code gives, and an independent reading of the protocol agrees."""

import hashlib
import hmac
import json
from typing import Any

import commitment_vectors
import pytest

from app.domain.keccak import keccak256
from app.domain.records import canonical_values, group_values
from app.errors import InvalidRecord

VECTORS: dict[str, Any] = json.loads(commitment_vectors.FILE.read_text(encoding="utf-8"))


def named(part: str) -> pytest.MarkDecorator:
    """Parametrise a test over one part of the vectors."""
    return pytest.mark.parametrize("vector", [pytest.param(each, id=each["name"]) for each in VECTORS[part]])


def test_making_the_vectors_again_gives_the_committed_file() -> None:
    assert commitment_vectors.text() == commitment_vectors.FILE.read_text(encoding="utf-8")


@named("canonical")
def test_trade_values_become_the_published_ones(vector: dict[str, Any]) -> None:
    schema, group = vector["schema"], vector["group"]
    assert group_values(schema, group, vector["trade"]).values == vector["canonical"]
    assert canonical_values(schema, group, vector["canonical"]).values == vector["canonical"]


@named("refused")
def test_what_is_published_as_refused_is(vector: dict[str, Any]) -> None:
    with pytest.raises(InvalidRecord) as refused:
        group_values(vector["schema"], vector["group"], vector["trade"])
    assert (refused.value.where or "") == vector["where"]


@named("groups")
def test_a_root_can_be_made_from_the_published_page_alone(vector: dict[str, Any]) -> None:
    secret = bytes.fromhex(vector["secret"][2:])
    key = derived(secret, b"group\0" + vector["group"].encode() + b"\0" + bytes([vector["version"]]))
    assert "0x" + key.hex() == vector["key"]
    first = vector["fields"][0]
    assert (first["path"], first["value"]) == ("schema", f"{vector['schema']} {vector['group']}")
    leaves = []
    for position, field in enumerate(vector["fields"]):
        salt = derived(key, b"field\0" + field["path"].encode())
        assert field["position"] == position
        assert field["salt"] == "0x" + salt.hex()
        leaves.append(hashed_leaf(salt, position, field))
        assert field["leaf"] == "0x" + leaves[-1].hex()
    assert vector["root"] == "0x" + root(leaves).hex()
    for field, leaf in zip(vector["fields"], leaves, strict=True):
        node = leaf
        for sibling in field["siblings"]:
            node = keccak256(b"".join(sorted((node, bytes.fromhex(sibling[2:])))))
        assert vector["root"] == "0x" + node.hex()


@pytest.mark.parametrize("tree", VECTORS["trees"], ids=lambda tree: f"{len(tree['leaves'])} leaves")
def test_a_published_tree_has_its_root(tree: dict[str, Any]) -> None:
    assert "0x" + root([bytes.fromhex(leaf[2:]) for leaf in tree["leaves"]]).hex() == tree["root"]


def derived(secret: bytes, info: bytes) -> bytes:
    """HKDF-SHA256 with one block of output, as RFC 5869 writes it."""
    extracted = hmac.new(b"optitrace/1", secret, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()


def hashed_leaf(salt: bytes, position: int, field: dict[str, Any]) -> bytes:
    """The leaf as the ABI lays it out, word by word."""
    path, value = field["path"].encode(), field["value"].encode()
    padded = path.ljust(-(-len(path) // 32) * 32, b"\0")
    words = [position, 160, int(field["present"]), 160 + 32 + len(padded), len(path)]
    encoded = salt + b"".join(word.to_bytes(32, "big") for word in words) + padded
    encoded += len(value).to_bytes(32, "big") + value.ljust(-(-len(value) // 32) * 32, b"\0")
    return keccak256(keccak256(encoded))


def root(leaves: list[bytes]) -> bytes:
    """The root by taking pairs off a queue, greatest leaf first, which ends at the same tree."""
    queue = sorted(leaves)
    while len(queue) > 1:
        queue = [*queue[2:], keccak256(b"".join(sorted(queue[:2])))]
    return queue[0]
