// Root and paths that OpenZeppelin's own library gives for the trees on standard input: lists of 32-byte values as
// hex. Each value is hashed twice into a leaf, as their standard tree does.

import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { readFileSync } from "node:fs";

const trees = JSON.parse(readFileSync(0, "utf8")).map((values) => {
  const tree = StandardMerkleTree.of(values.map((value) => [value]), ["bytes32"]);
  return { root: tree.root, paths: values.map((_, index) => tree.getProof(index)) };
});

process.stdout.write(JSON.stringify(trees));
