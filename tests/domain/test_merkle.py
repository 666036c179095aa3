"""The tree is OpenZeppelin's: checked against a second writing of it, and against their own library."""

import json
import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import merkle
from app.domain.keccak import keccak256

ROOT = Path(__file__).resolve().parents[2]
LEAVES = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=20, unique=True)


@pytest.mark.parametrize(
    ("data", "hashed"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
        (
            b"Transfer(address,address,uint256)",
            "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef",
        ),
    ],
)
def test_keccak_is_the_ledgers_hash_not_sha3(data: bytes, hashed: str) -> None:
    assert keccak256(data).hex() == hashed


def test_the_root_of_one_leaf_is_the_leaf() -> None:
    assert merkle.root([b"\1" * 32]) == b"\1" * 32
    assert merkle.path([b"\1" * 32], b"\1" * 32) == ()


def test_the_root_of_three_leaves_written_out() -> None:
    small, middle, great = (bytes([number]) * 32 for number in (1, 2, 3))
    # Leaves from the smallest lie at the end of the tree: 4, 3, 2; node 1 is over 3 and 4.
    inner = keccak256(small + middle)
    assert merkle.root([great, small, middle]) == keccak256(min(inner, great) + max(inner, great))


@given(LEAVES, st.randoms())
def test_the_root_does_not_depend_on_the_order_of_leaves(leaves: list[bytes], random: Random) -> None:
    shuffled = list(leaves)
    random.shuffle(shuffled)
    assert merkle.root(shuffled) == merkle.root(leaves)


@given(LEAVES)
def test_the_path_of_each_leaf_leads_to_the_root_and_has_a_lawful_length(leaves: list[bytes]) -> None:
    shortest, longest = merkle.path_lengths(len(leaves))
    lengths = set()
    for leaf in leaves:
        siblings = merkle.path(leaves, leaf)
        assert merkle.leads_to(leaf, siblings) == merkle.root(leaves)
        lengths.add(len(siblings))
    assert (min(lengths), max(lengths)) == (shortest, longest)


@given(LEAVES, st.binary(min_size=32, max_size=32))
def test_no_other_leaf_leads_to_the_root(leaves: list[bytes], other: bytes) -> None:
    for leaf in leaves:
        siblings = merkle.path(leaves, leaf)
        for stranger in {other, *leaves} - {leaf, *siblings}:
            assert merkle.leads_to(stranger, siblings) != merkle.root(leaves)


@given(LEAVES, st.data())
def test_changing_one_leaf_changes_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(st.binary(min_size=32, max_size=32).filter(lambda leaf: leaf not in leaves))
    assert merkle.root([*leaves[:place], other, *leaves[place + 1 :]]) != merkle.root(leaves)


@pytest.mark.parametrize("malformed", [[], [b"\1" * 31], [b"\1" * 32, b"\2" * 33], [b"\1" * 32, b"\1" * 32]], ids=str)
def test_what_is_no_tree_is_refused(malformed: list[bytes]) -> None:
    with pytest.raises(ValueError, match="at least one leaf"):
        merkle.root(malformed)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
@pytest.mark.skipif(not (ROOT / "node_modules/@openzeppelin/merkle-tree").is_dir(), reason="needs the node modules")
def test_roots_and_paths_are_those_of_openzeppelins_library() -> None:
    trees = [[keccak256(bytes([count, number])) for number in range(count)] for count in range(1, 24)]
    answer = subprocess.run(
        ["node", "tests/domain/merkle_check.mjs"],
        input=json.dumps([["0x" + value.hex() for value in values] for values in trees]),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
        timeout=60,
    )
    for values, theirs in zip(trees, json.loads(answer.stdout), strict=True):
        leaves = [keccak256(keccak256(value)) for value in values]
        assert theirs["root"] == "0x" + merkle.root(leaves).hex()
        ours = [["0x" + sibling.hex() for sibling in merkle.path(leaves, leaf)] for leaf in leaves]
        assert theirs["paths"] == ours
