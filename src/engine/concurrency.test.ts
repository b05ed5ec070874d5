import assert from "node:assert/strict";
import { test } from "node:test";
import { createConcurrencyLimit } from "./concurrency.ts";
import { createMutex } from "./mutex.ts";

test("requests rise one by one with success and halve when the server is busy", async () => {
  const limit = createConcurrencyLimit(2, 4);
  let active = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++active);
    await new Promise((resolve) => setImmediate(resolve));
    active--;
  };
  await Promise.all(Array.from({ length: 100 }, () => limit.run(work)));
  assert.equal(most, 4);
  assert.equal(limit.allowed, 4);
  const refused = (): Promise<void> =>
    limit.run(async ({ slowDown }) => {
      await new Promise((resolve) => setImmediate(resolve));
      slowDown(0);
      throw new Error("refused");
    });
  await Promise.allSettled([refused(), refused(), refused()]);
  assert.equal(limit.allowed, 2, "refusals of one burst are one");
  await assert.rejects(refused(), /refused/);
  assert.equal(limit.allowed, 1);
  await assert.rejects(
    limit.run(() => Promise.reject(new Error("failed"))),
    /failed/,
  );
  await limit.run(work);
});

test("nothing new starts before the time that the server named", async () => {
  const limit = createConcurrencyLimit(2, 2);
  const order: string[] = [];
  let named = 0;
  await Promise.all([
    limit.run(async ({ slowDown }) => {
      named = performance.now() + 30;
      slowDown(30);
      order.push("refused");
    }),
    limit.run(async () => void order.push("under way")),
    limit.run(async () => {
      order.push("later");
      // A timer may fire a millisecond early.
      assert(performance.now() >= named - 2);
    }),
  ]);
  assert.deepEqual(order, ["refused", "under way", "later"]);
});

test("a mutex keeps order and survives a failure", async () => {
  const exclusive = createMutex();
  const done: number[] = [];
  const results = await Promise.allSettled([
    exclusive(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      done.push(1);
    }),
    exclusive(() => Promise.reject(new Error("failed"))),
    exclusive(async () => {
      done.push(3);
    }),
  ]);
  assert.deepEqual(done, [1, 3]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
});
