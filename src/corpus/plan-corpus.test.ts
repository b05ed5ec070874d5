import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBytes, planCorpus } from "./plan-corpus.ts";

test("the measured corpus takes what was measured", () => {
  const plan = planCorpus({ bytes: 205e6, nodes: [1], coresPerNode: 1 });
  // 153,492 documents, 45.8 million tokens; 10.7 + 32 + 21 + 22 + 45.1 = 130.8 s, and 2 s for each of five tasks.
  assert.equal(plan.documents, 153_492);
  assert.equal(plan.tokens, 45_800_000);
  assert(plan.stages.every(({ tasks }) => tasks === 1));
  const grouping = 153_492 / 2e6;
  // 205 MB at 65, 200, 32, 200 and 17 MB a second.
  const joining = 205 / 65 + 205 / 200 + 205 / 32 + 205 / 200 + 205 / 17;
  assert(Math.abs(plan.totals[0]!.hours * 3600 - (130.8 + 10 + grouping + joining)) < 1e-6);
  // 16 bands x 8 bytes a document, which is 128: too little for more than one partition a band.
  assert.equal(plan.dedup.shuffleBytes, 153_492 * 128);
  assert.equal(plan.dedup.partitions, 16);
  assert.equal(plan.dedup.partitionBytes, 153_492 * 8);
  assert.deepEqual(plan.limits, []);
});

test("ten terabytes by hand", () => {
  const plan = planCorpus({ bytes: 10e12, nodes: [1, 4, 16], coresPerNode: 32, documentBytes: 10_000 });
  const clean = plan.stages.find(({ stage }) => stage === "clean")!;
  assert.equal(clean.tasks, 10_000);
  // One process joins ten terabytes at 200 MB a second: 13.8889 h.
  const joining = 10e12 / 200e6 / 3600;
  assert(Math.abs(clean.aloneHours - joining) < 1e-9);
  // 32 s for 205 MB: 156.0976 s a gigabyte, and 2 s: 158.0976 s a task. On 32 cores 313 rounds: 13.7457 h; on 512 cores 20: 0.8783 h.
  assert(Math.abs(clean.times[0]!.hours - joining - 13.7457) < 1e-3);
  // Twice read, once written: 30 TB. One gigabyte a second: 8.33 h on one node, half an hour on 16.
  assert(Math.abs(clean.times[2]!.hours - joining - 0.8783) < 1e-3);
  assert.deepEqual(
    clean.times.map(({ bound }) => bound),
    ["one machine", "one machine", "one machine"],
  );
  // A storage that gives 2 GB/s however many ask is what 16 nodes wait for: 30e12 / 2e9 s.
  const slow = planCorpus({
    bytes: 10e12,
    nodes: [16],
    coresPerNode: 32,
    documentBytes: 10_000,
    storage: 2e9,
  });
  const waiting = slow.stages.find(({ stage }) => stage === "clean")!.times[0]!;
  assert(Math.abs(waiting.hours - joining - 15_000 / 3600) < 1e-9);
  assert.equal(waiting.bound, "one machine");
  // 10^9 documents: 128 GB of keys, 8 GB a band, 256 partitions of 31.25 MB each; 4 bytes a document while grouping.
  assert.equal(plan.dedup.shuffleBytes, 128e9);
  assert.equal(plan.dedup.partitions, 16 * 256);
  assert.equal(plan.dedup.partitionBytes, 31_250_000);
  assert.equal(plan.dedup.groupMemory, 4e9);
  assert.deepEqual(
    plan.limits.map((limit) => limit.slice(0, 11)),
    ["one process"],
  );
  assert.equal(plan.totals.length, 3);
  assert(plan.totals[0]!.hours > plan.totals[1]!.hours && plan.totals[1]!.hours > plan.totals[2]!.hours);
});

test("a hundred terabytes of short documents meet the limits that there are", () => {
  const { limits, documents } = planCorpus({ bytes: 100e12, nodes: [64] });
  // 100e12 / (205e6 / 153,492) = 74.9 billion, more than 2^31.
  assert(documents > 74e9 && documents < 75e9);
  assert(limits.some((limit) => limit.includes("31 bits")));
  assert(limits.some((limit) => limit.includes("groups all documents")));
});

test("amounts of data", () => {
  assert.equal(parseBytes("100TB"), 1e14);
  assert.equal(parseBytes("2.5 gb"), 2.5e9);
  assert.equal(parseBytes("7G"), 7e9);
  assert.equal(parseBytes("1e12"), 1e12);
  for (const text of ["", "TB", "-1GB", "12XB", "0"])
    assert.throws(() => parseBytes(text), { code: "bad-option" });
  assert.throws(() => planCorpus({ bytes: 1, nodes: [0] }), { code: "bad-option" });
});
