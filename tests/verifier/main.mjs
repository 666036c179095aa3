// A second implementation of docs/protocol.md, 1 to 3 and 7, written from that page alone. It reads a list of questions as
// JSON from standard input and writes the list of answers:
//
//   {"ask": "canonical", schema, group, trade}                  canonical values, or null if they are refused
//   {"ask": "committed", schema, group, values, secret, version} key, root, and what opens each field
//   {"ask": "opens", root, openings}                            whether these are fields of what the root commits to
//   {"ask": "table", table}                                     the root of a mapping table

import { readFileSync } from "node:fs";
import { committed, keyOf, opens, tableRoot } from "./commitments.mjs";
import { canonical } from "./values.mjs";

const ANSWERS = {
  canonical: ({ schema, group, trade }) => canonical(schema, group, trade),
  committed: ({ schema, group, values, secret, version }) => {
    const key = keyOf(secret, group, version);
    return { key, ...committed(schema, group, values, key) };
  },
  opens,
  table: ({ table }) => tableRoot(table),
};

const questions = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(questions.map((question) => ANSWERS[question.ask](question))));
