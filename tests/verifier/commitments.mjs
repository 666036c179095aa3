// Commitments, as docs/protocol.md, 3 has them: keys and salts by HKDF, leaves and roots by OpenZeppelin's own tree.

import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { hkdfSync } from "node:crypto";
import { SCHEMAS } from "./page.mjs";

const LEAF = ["bytes32", "uint16", "string", "bool", "string"];
const NO_SALT = `0x${"00".repeat(32)}`;
const BYTES_32 = /^0x[0-9a-f]{64}$/;

const bytes = (hex) => Buffer.from(hex.slice(2), "hex");
const derived = (secret, info) => Buffer.from(hkdfSync("sha256", secret, "optitrace/1", info, 32));
const hexed = (buffer) => `0x${buffer.toString("hex")}`;

export function keyOf(secret, group, version) {
  return hexed(derived(bytes(secret), Buffer.concat([Buffer.from(`group\0${group}\0`), Buffer.from([version])])));
}

function saltOf(key, path) {
  return hexed(derived(bytes(key), Buffer.from(`field\0${path}`)));
}

function pathsOf(schema, group) {
  return ["schema", ...SCHEMAS[schema][group]];
}

function leafOf(salt, position, path, value) {
  return [salt, position, path, value !== null, value ?? ""];
}

// The whole group: its root, and what opens each of its fields.
export function committed(schema, group, values, key) {
  const shown = pathsOf(schema, group).map((path) => ({
    path,
    value: path === "schema" ? `${schema} ${group}` : values[path],
    salt: saltOf(key, path),
  }));
  const leaves = shown.map((each, position) => leafOf(each.salt, position, each.path, each.value));
  const tree = StandardMerkleTree.of(leaves, LEAF);
  return { root: tree.root, openings: shown.map((each, position) => ({ ...each, siblings: tree.getProof(position) })) };
}

// The root of a mapping table, from the file that holds it.
export function tableRoot({ name, schema, valid_from: from, rows }) {
  const texts = rows.map((row) => {
    const { grouped_code: code, class: benefits, ...told } = row;
    return [...Object.values(told).flat(), code, benefits].map((each) => each ?? "").join(";");
  });
  const leaves = [`${schema};${from ?? ""}`, ...texts].map((text, place) => leafOf(NO_SALT, place, name, text));
  return StandardMerkleTree.of(leaves, LEAF).root;
}

// Whether the openings are fields of the group that the root commits to: the five rules of the page, in their order.
export function opens({ root, openings }) {
  const [{ schema, group } = {}] = openings;
  const known = Object.hasOwn(SCHEMAS, schema ?? "") && Object.hasOwn(SCHEMAS[schema], group ?? "");
  if (!known || openings.some((each) => each.schema !== schema || each.group !== group)) return false;
  const paths = pathsOf(schema, group);
  const shown = openings.map((each) => each.path);
  if (new Set(shown).size !== shown.length || shown.some((path) => !paths.includes(path))) return false;
  const named = openings.find((each) => each.path === "schema");
  if (named === undefined || named.value !== `${schema} ${group}`) return false;
  if (!openings.every((each) => [each.salt, ...each.siblings].every((hex) => BYTES_32.test(hex)))) return false;
  const [shortest, longest] = [paths.length, 2 * paths.length - 1].map((count) => Math.floor(Math.log2(count)));
  if (openings.some(({ siblings: { length } }) => length < shortest || length > longest)) return false;
  return openings.every(({ salt, path, value, siblings }) =>
    StandardMerkleTree.verify(root, LEAF, leafOf(salt, paths.indexOf(path), path, value), siblings),
  );
}
