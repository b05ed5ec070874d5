import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "./random.ts";

const some = (count: number, draw: () => number): number[] => Array.from({ length: count }, draw);

test("the sequences are fixed: whatever was made from a seed can be made again", () => {
  // Recorded once; a change here changes every trained model, drawn item and packed row.
  const random = createRandom(42);
  assert.deepEqual(
    some(3, () => random.integer(1_000_000)),
    [749964, 235242, 312954],
  );
  assert.deepEqual(some(2, random.next), [0.0032740132379192044, 0.7127793196445426]);
  // The last bit of logarithm and cosine differs between versions of V8.
  const near = (actual: number, expected: number): void => assert.ok(Math.abs(actual - expected) < 1e-15);
  near(random.normal(), -0.8336245611929115);
  near(random.normal(), 0.4835658672060022);
  near(random.exponential(), 0.018112883530511707);
  assert.deepEqual(random.shuffle([0, 1, 2, 3, 4, 5, 6, 7]), [3, 7, 6, 0, 1, 2, 5, 4]);
});

test("sfc32 itself gives what its author's gives", () => {
  // Against a plain transcription of PractRand's sfc32 in arithmetic modulo 2^32, from the same state.
  const state = [1, 2, 3, 4] as const;
  const random = createRandom(state);
  let [a, b, c, counter] = state.map(BigInt) as [bigint, bigint, bigint, bigint];
  const wrap = (value: bigint): bigint => BigInt.asUintN(32, value);
  const word = (): bigint => {
    const result = wrap(a + b + counter);
    counter = wrap(counter + 1n);
    a = b ^ (b >> 9n);
    b = wrap(c + (c << 3n));
    c = wrap(wrap((c << 21n) | (c >> 11n)) + result);
    return result;
  };
  for (let i = 0; i < 1000; i++) {
    const expected = (Number(word() >> 5n) * 2 ** 26 + Number(word() >> 6n)) / 2 ** 53;
    assert.equal(random.next(), expected, `number ${i}`);
  }
});

test("a saved state continues the sequence, also through JSON", () => {
  const random = createRandom("shuffle");
  some(10, random.next);
  const saved = JSON.parse(JSON.stringify(random.save()));
  const expected = some(20, random.normal);
  assert.deepEqual(some(20, createRandom(saved).normal), expected);
});

test("neighbouring seeds are strangers; a number and its text are the same seed", () => {
  const firsts = some(100, () => 0).map((_, seed) => createRandom(seed).next());
  assert.equal(new Set(firsts).size, 100);
  assert.ok(Math.abs(firsts.reduce((a, b) => a + b) / 100 - 0.5) < 0.1);
  assert.equal(createRandom(7).next(), createRandom("7").next());
  assert.notEqual(createRandom("7/a").next(), createRandom("7/b").next());
});

test("the distributions have the moments they should", () => {
  const random = createRandom("moments");
  const moments = (values: number[]): [mean: number, variance: number] => {
    const mean = values.reduce((a, b) => a + b) / values.length;
    return [mean, values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length];
  };
  const near = ([mean, variance]: [number, number], m: number, v: number): void => {
    assert.ok(Math.abs(mean - m) < 0.02 && Math.abs(variance - v) < 0.04, `${mean}, ${variance}`);
  };
  near(moments(some(50_000, random.next)), 1 / 2, 1 / 12);
  near(moments(some(50_000, random.normal)), 0, 1);
  near(moments(some(50_000, random.exponential)), 1, 1);
  const counts = new Array(6).fill(0);
  for (const value of some(60_000, () => random.integer(6))) counts[value]++;
  assert.ok(
    counts.every((count) => Math.abs(count - 10_000) < 400),
    `${counts}`,
  );
});

test("a shuffle keeps every item and returns the same array; every order is as likely", () => {
  const random = createRandom("orders");
  const orders = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const items = [1, 2, 3];
    assert.equal(random.shuffle(items), items);
    orders.set(items.join(), (orders.get(items.join()) ?? 0) + 1);
  }
  assert.equal(orders.size, 6);
  assert.ok(
    [...orders.values()].every((count) => Math.abs(count - 1000) < 150),
    `${[...orders]}`,
  );
  assert.deepEqual(random.shuffle([]), []);
});
