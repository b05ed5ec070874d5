import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { readRange } from "./file-ranges.ts";
import type { PreparedRecord } from "./prepare-records.ts";
import { createRangeWorkers, type RangeWorkers, readInRanges } from "./range-workers.ts";

let file: string;
before(async () => {
  file = join(await mkdtemp(join(tmpdir(), "apollo-ranges-")), "file");
});
after(() => rm(join(file, ".."), { recursive: true }));

/** Three workers' way of reading without their threads. */
const THREE: RangeWorkers = { count: 3, run: readRange, close: async () => {} };

interface Read {
  readonly records: readonly PreparedRecord[];
  readonly elements: string;
}

async function read(
  content: string | Uint8Array,
  layout: "json" | "jsonl",
  workers: RangeWorkers,
  rangeBytes?: number,
): Promise<Read> {
  await writeFile(file, content);
  const head = Buffer.from(content).toString("utf8").slice(0, 1000);
  const input = { path: file, layout, bytes: (await stat(file)).size, head };
  const records: PreparedRecord[] = [];
  let elements = "";
  for await (const batch of readInRanges(input, { language: "en" }, workers, rangeBytes)) {
    records.push(...batch.records);
    elements += Buffer.from(batch.bytes).toString("utf8");
  }
  return { records, elements };
}

/** Texts full of what looks like the border between two elements. */
const tricky = fc
  .array(
    fc.constantFrom('"', "\\", "],[", '","', "}, {", "{", "[", "]", ",", "\n", "é", "字", "a ", '"]\n, ["'),
  )
  .map((parts) => `x${parts.join("")}`);
const record = fc.oneof(
  tricky,
  fc.tuple(tricky, tricky),
  fc.record({
    messages: fc.constant([
      { role: "user", content: "],[" },
      { role: "assistant", content: "b" },
    ]),
  }),
  fc.constant(["odd"]),
  fc.constant(7),
);

test("ranges of any size give what one scan gives, for arrays and lines", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { maxLength: 12 }),
      fc.constantFrom(undefined, 1, "\r\n"),
      fc.integer({ min: 8, max: 120 }),
      async (values, indent, rangeBytes) => {
        const array = JSON.stringify(values, null, indent);
        const whole = await read(array, "json", { ...THREE, count: 1 });
        assert.equal(whole.records.length, values.length);
        assert.deepEqual(await read(array, "json", THREE, rangeBytes), whole);
        const lines = values.map((value) => `${JSON.stringify(value)}\n`).join("");
        const wholeLines = await read(lines, "jsonl", { ...THREE, count: 1 });
        assert.equal(wholeLines.elements, whole.elements);
        assert.deepEqual(await read(lines, "jsonl", THREE, rangeBytes), wholeLines);
      },
    ),
    { seed: 2, numRuns: 60 },
  );
});

test("a broken file gives the same records and the same problem in any ranges", async () => {
  const text = JSON.stringify([["a", "b"], ["c", "d"], "e", ["f"], { g: 1 }, ["h", "i"]]);
  for (let cut = 0; cut <= text.length; cut++) {
    const broken = `${text.slice(0, cut)}${cut % 3 === 0 ? "" : text.slice(cut + 1)}`;
    const whole = await read(broken, "json", { ...THREE, count: 1 });
    for (const rangeBytes of [5, 13, 29])
      assert.deepEqual(await read(broken, "json", THREE, rangeBytes), whole, `${broken} in ${rangeBytes}`);
  }
});

test("threads give the same", async () => {
  const pairs = Array.from({ length: 3000 }, (_, i) => [
    `What is ${i}?`,
    `It is "${i}", [${i}], [${i + 1}].`,
  ]);
  const text = JSON.stringify(pairs, null, 2);
  const workers = createRangeWorkers(3);
  try {
    const whole = await read(text, "json", createRangeWorkers(1));
    assert.deepEqual(await read(text, "json", workers, 1 << 14), whole);
    assert.equal(whole.records.length, 3000);
  } finally {
    await workers.close();
  }
});
