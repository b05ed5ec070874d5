import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { inOrder } from "./in-order.ts";

test("results come in order, however long each takes, with no more at once than allowed", async () => {
  let running = 0;
  let most = 0;
  const results: number[] = [];
  for await (const result of inOrder([5, 1, 4, 0, 3, 2], 3, async (n) => {
    running++;
    most = Math.max(most, running);
    await sleep(n);
    running--;
    return n;
  }))
    results.push(result);
  assert.deepEqual(results, [5, 1, 4, 0, 3, 2]);
  assert.equal(most, 3);
});

test("a failure comes in its turn; what was begun is waited for, nothing else begins", async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const results: number[] = [];
  await assert.rejects(async () => {
    for await (const result of inOrder([0, 1, 2, 3, 4], 3, async (n) => {
      begun.push(n);
      if (n === 1) throw new Error("one");
      await sleep(5);
      ended.push(n);
      return n;
    }))
      results.push(result);
  }, /one/);
  assert.deepEqual(results, [0]);
  assert.deepEqual(begun, [0, 1, 2, 3]);
  assert.deepEqual(ended, [0, 2, 3]);
});
