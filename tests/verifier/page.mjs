// The schemas as docs/protocol.md has them: the fields of each group, in order, read from its tables.

import { readFileSync } from "node:fs";

const HEAD = /^\| group \| fields of `([a-z.]+\/[0-9]+)`, in order from position 1 \|$/;
const ROW = /^\| ([a-z]+) \| ([a-z_, ]+) \|$/;

function read(page) {
  const schemas = {};
  let current = null;
  for (const line of page.split("\n")) {
    const head = HEAD.exec(line);
    const row = ROW.exec(line);
    if (head) current = schemas[head[1]] = {};
    else if (row && current) current[row[1]] = row[2].split(", ");
    else if (!line.startsWith("|--")) current = null;
  }
  return schemas;
}

export const SCHEMAS = read(readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8"));
