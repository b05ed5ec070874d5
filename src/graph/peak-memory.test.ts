import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const CHILD = fileURLToPath(new URL("peak-memory.test.helper.js", import.meta.url));

/** A process of its own: peaks never fall. */
function measure(layers: "kept" | "again"): { loss: number; gradient: number; growth: number } {
  const { stdout, stderr } = spawnSync(process.execPath, [CHILD, layers], { encoding: "utf8" });
  assert.ok(stdout.startsWith("{"), stderr);
  return JSON.parse(stdout);
}

test("layers computed again need less than half the memory of layers kept, and give the same gradients", (t) => {
  const [kept, again] = [measure("kept"), measure("again")];
  t.diagnostic(
    `kept ${Math.round(kept.growth / 2 ** 20)} MB, again ${Math.round(again.growth / 2 ** 20)} MB`,
  );
  assert.equal(again.loss, kept.loss);
  assert.ok(Math.abs(again.gradient / kept.gradient - 1) < 1e-6, `${again.gradient} and ${kept.gradient}`);
  assert.ok(again.growth < kept.growth / 2, `${again.growth} against ${kept.growth} bytes`);
});
