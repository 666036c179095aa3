"""
OpenZeppelin's standard Merkle tree.

The same tree is checked by audited libraries in Solidity and JavaScript, so
nobody has to trust ours. Leaves are sorted, which hides their order, and each
node hashes the smaller of its children first, so a path needs no sides.

A leaf must be the hash of 32 bytes (hashed twice), a node hashes 64: neither
passes for the other.
"""

from collections.abc import Sequence

from app.domain.keccak import keccak256


def root(leaves: Sequence[bytes]) -> bytes:
    """Give the root over `leaves`, in any order; at least one, 32 bytes each, no two alike."""
    return _tree(leaves)[0]


def path(leaves: Sequence[bytes], leaf: bytes) -> tuple[bytes, ...]:
    """Give the siblings from `leaf` up to the root over `leaves`, of which it is one."""
    tree = _tree(leaves)
    index = len(tree) - 1 - sorted(leaves).index(leaf)
    siblings = []
    while index > 0:
        siblings.append(tree[index + 1 if index % 2 else index - 1])
        index = (index - 1) // 2
    return tuple(siblings)


def leads_to(leaf: bytes, siblings: Sequence[bytes]) -> bytes:
    """Give the root to which `siblings` lead from `leaf`."""
    node = leaf
    for sibling in siblings:
        node = _parent(node, sibling)
    return node


def path_lengths(count: int) -> tuple[int, int]:
    """Give the shortest and the longest path of a tree of `count` leaves. Other lengths start at no leaf."""
    return count.bit_length() - 1, (2 * count - 1).bit_length() - 1


def _tree(leaves: Sequence[bytes]) -> list[bytes]:
    count = len(leaves)
    if count == 0 or len(set(leaves)) != count or any(len(leaf) != 32 for leaf in leaves):
        raise ValueError("a tree has at least one leaf, each of 32 bytes, no two alike")
    tree = [b""] * (count - 1) + sorted(leaves, reverse=True)
    for index in range(count - 2, -1, -1):
        tree[index] = _parent(tree[2 * index + 1], tree[2 * index + 2])
    return tree


def _parent(one: bytes, other: bytes) -> bytes:
    return keccak256(one + other if one < other else other + one)
