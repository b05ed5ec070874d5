import assert from "node:assert/strict";
import { test } from "node:test";
import { hashBytes } from "../core/index.ts";
import { createIdSet } from "./id-set.ts";

test("it is a set: ids that end alike, the id of zeros, many", () => {
  const set = createIdSet();
  const ids = ["0".repeat(16), `${"0".repeat(15)}1`, `1${"0".repeat(15)}`, "f".repeat(16)];
  for (let i = 0; i < 20_000; i++) ids.push(hashBytes(String(i)).slice(0, 16));
  for (const id of ids) assert.ok(set.add(id), id);
  for (const id of ids) assert.ok(!set.add(id), id);
  assert.equal(set.size, ids.length);
});
