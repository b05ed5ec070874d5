import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { doctor } from "./doctor.ts";

test("on the machine that runs these tests every part works", async () => {
  const checks = await doctor(tmpdir());
  assert.ok(checks.length >= 5);
  for (const { name, ok, detail } of checks) {
    // Memory and disk are the machine's own affair.
    if (name !== "memory" && name !== "disk") assert.ok(ok, `${name}: ${detail}`);
    assert.ok(detail.length > 0 && !detail.includes("\n"), name);
  }
});

test("what does not work says what to do, and does not hide the rest", async () => {
  const checks = await doctor(join(tmpdir(), "apollo", "nowhere"));
  const disk = checks.find(({ name }) => name === "disk");
  assert.equal(disk?.ok, false);
  assert.ok(disk?.remedy);
  assert.ok(checks.filter(({ ok }) => ok).length >= 4);
});
