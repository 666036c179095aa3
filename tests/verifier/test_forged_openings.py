"""No forged opening is taken, neither by our verifier nor by the second implementation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from eth_abi.abi import encode

from app.domain import merkle
from app.domain.commitment import Hash, Opening, group_root, leaf, openings
from app.domain.keccak import keccak256
from app.domain.records import GroupValues, group_values
from tests.verifier.forging import Claim, forged, true_claim
from tests.verifier.second import answers, hexed, shown

KEY = bytes(range(32, 64))
FRAME = group_values("optics.frame/1", "product", {"maker": "ATELIER0", "code": "A1", "size": "52-18-140"})
TRADE: dict[tuple[str, str], dict[str, Any]] = {
    ("optics.lens/1", "correction"): {"eye": "right", "sphere": "-3.25", "cylinder": "-0.75", "axis": 90},
    ("optics.lens/1", "product"): {"maker": "VERALIA0", "code": "PRG16", "index": "1.6", "geometry": "progressive"},
    ("optics.lens/1", "supplements"): {"codes": ["AR", "PHOTO"]},
    ("optics.lens/1", "coding"): {"grouped_code": "VP2", "class": "B", "mapping": "sample/1"},
    ("dossier/1", "renewal"): {},
}
GROUPS = [group_values(*about, trade) for about, trade in TRADE.items()] + [FRAME]


def question(claim: Claim) -> dict[str, Any]:
    """The claim, put to the second implementation."""
    return {"ask": "opens", "root": hexed(claim.root), "openings": [shown(each) for each in claim.openings]}


def neither_takes(claims: Sequence[Claim]) -> None:
    """Assert that both refuse each of the claims."""
    assert claims
    for number, (claim, theirs) in enumerate(zip(claims, answers([question(each) for each in claims]), strict=True)):
        assert (claim.holds, theirs) == (False, False), f"claim {number}: {claim}"


def test_none_of_many_openings_with_one_thing_changed_is_taken(draws: int) -> None:
    seed = Random().getrandbits(64)
    chance = Random(seed)
    truths = [true_claim(chance.choice(GROUPS), chance.randbytes(32), chance) for _ in range(draws // 20)]
    assert all(claim.holds for claim in truths)
    assert all(answers([question(claim) for claim in truths]))
    lies = [forged(truth, chance) for truth in truths for _ in range(20)]
    ours = [number for number, lie in enumerate(lies) if lie.holds]
    theirs = [number for number, taken in enumerate(answers([question(lie) for lie in lies])) if taken]
    assert (ours, theirs) == ([], []), f"seed {seed}"


def field_of(values: GroupValues, path: str) -> tuple[bytes, Opening, Opening]:
    """The root of a group, and what opens its schema and one of its fields."""
    by_path = {each.path: each for each in openings(values, KEY)}
    return group_root(values, KEY), by_path["schema"], by_path[path]


def test_no_inner_node_passes_for_a_leaf() -> None:
    root, schema, field = field_of(GROUPS[0], "sphere")
    neither_takes([Claim((schema, replace(field, siblings=field.siblings[cut:])), root) for cut in range(1, 5)])
    # The root alone, as a tree of one leaf that is a node.
    neither_takes([Claim((replace(schema, siblings=()), replace(field, siblings=())), root)])


def test_a_value_of_64_bytes_is_no_pair_of_nodes() -> None:
    every = openings(GROUPS[0], KEY)
    leaves = [bytes(each.leaf()) for each in every]
    node = keccak256(b"".join(sorted(leaves[:2])))
    for pair in (leaves[:2], leaves[1::-1]):
        text = b"".join(pair).hex()
        for value in (text, text[:64], b"".join(pair).decode("latin-1")):
            assert leaf(every[1].salt, 1, every[1].path, value) != node
    root, schema, field = field_of(GROUPS[0], "sphere")
    glued = (Hash(field.siblings[0]) + Hash(field.siblings[1]), *field.siblings[2:])
    neither_takes([Claim((schema, replace(field, siblings=glued)), root)])  # type: ignore[arg-type]


def test_a_tree_that_doubles_its_last_leaf_is_another() -> None:
    for values in GROUPS:
        leaves = [bytes(each.leaf()) for each in openings(values, KEY)]
        level = list(leaves)
        while len(level) > 1:
            level += level[-1:] * (len(level) % 2)
            level = [keccak256(min(a, b) + max(a, b)) for a, b in zip(level[::2], level[1::2], strict=True)]
        if len(leaves) & (len(leaves) - 1):
            assert level[0] != merkle.root(leaves)
        with pytest.raises(ValueError, match="no two alike"):
            merkle.root([*leaves, leaves[-1]])


def test_fields_do_not_trade_places() -> None:
    chance = Random(35)
    for values in GROUPS:
        root, (schema, *fields) = group_root(values, KEY), openings(values, KEY)
        leaves = [bytes(each.leaf()) for each in (schema, *fields)]
        # The order of leaves is not in the root: a field's place is in its leaf.
        assert merkle.root(chance.sample(leaves, len(leaves))) == root
        if len(fields) > 1:
            traded = [replace(one, path=other.path) for one, other in pairwise([*fields, fields[0]])]
            neither_takes([Claim((schema, each), root) for each in traded])


def lying_root(leaves: Sequence[bytes], openings_of: Sequence[Opening]) -> Claim:
    """What a committer who lies can make: a tree over any leaves, and true paths in it."""
    tree = sorted(leaves)
    paths = [tuple(map(Hash, merkle.path(tree, bytes(each)))) for each in leaves[: len(openings_of)]]
    return Claim(
        tuple(replace(each, siblings=siblings) for each, siblings in zip(openings_of, paths, strict=True)),
        merkle.root(tree),
    )


@pytest.mark.parametrize("about", [("position", 3), ("path", "spheres"), ("present", False), ("twice", None)], ids=str)
def test_a_leaf_that_was_committed_wrongly_opens_as_nothing(about: tuple[str, Any]) -> None:
    every = openings(GROUPS[0], KEY)
    target = every[2]
    fields = {"salt": target.salt, "position": 2, "path": target.path, "present": True, "value": target.value}
    encoded = encode(["bytes32", "uint16", "string", "bool", "string"], list((fields | dict([about])).values())[:5])
    wrong = keccak256(keccak256(encoded)) if about[0] != "twice" else keccak256(encoded)
    rest = [bytes(each.leaf()) for each in every if each is not target and each is not every[0]]
    neither_takes([lying_root([bytes(every[0].leaf()), wrong, *rest], (every[0], target))])


def test_a_tree_of_more_or_fewer_leaves_than_the_schema_has_opens_nothing() -> None:
    every = openings(GROUPS[0], KEY)
    leaves = [bytes(each.leaf()) for each in every]
    more = [keccak256(bytes([number])) for number in range(64)]
    neither_takes([lying_root([*leaves[:2], *leaves[2:], *more], every[:2]), lying_root(leaves[:2], every[:2])])


def test_fields_of_another_schema_or_group_do_not_open_as_ones_own() -> None:
    root, every = group_root(FRAME, KEY), openings(FRAME, KEY)
    as_lens = tuple(replace(each, schema="optics.lens/1") for each in every[:3])
    named = (replace(as_lens[0], value="optics.lens/1 product"), *as_lens[1:])
    mixed = (every[0], as_lens[1])
    unknown = tuple(replace(each, schema="optics.lens/9") for each in every)
    neither_takes([Claim(each, root) for each in (as_lens, named, mixed, unknown, every[1:], ())])
