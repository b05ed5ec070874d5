import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { createRandom } from "../core/index.ts";
import { createPackedWriter, type PackedColumns } from "./packed-writer.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-parquet-"));
});
after(() => rm(folder, { recursive: true }));

test("DuckDB reads back every value, whatever the length of rows and their number", async () => {
  const random = createRandom(1);
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  // Lengths around a block of 128 differences, one value alone, and rows enough for several row groups.
  for (const [length, rows] of [
    [1, 3],
    [2, 1],
    [128, 1],
    [129, 2],
    [1000, 600],
  ] as const) {
    const path = join(folder, `${length}.parquet`);
    const writer = await createPackedWriter(path, length);
    const written: PackedColumns[] = [];
    for (let r = 0; r < rows; r++) {
      const row: PackedColumns = {
        input_ids: Int32Array.from({ length }, () => random.integer(2 ** 29)),
        labels: Int32Array.from({ length }, () => (random.next() < 0.5 ? -100 : random.integer(150_000))),
        position_ids: Int32Array.from({ length }, (_, i) => i),
        segment_ids: new Int32Array(length).fill(-1),
        doc_ids: new Int32Array(length).fill(r),
      };
      written.push(row);
      await writer.write(row);
    }
    assert.ok(!existsSync(path), "nothing is there before the end");
    await writer.commit();
    const read = (await connection.runAndReadAll(`SELECT * FROM '${path}'`)).getRowObjectsJson();
    assert.equal(read.length, rows);
    written.forEach((row, r) => {
      for (const [name, values] of Object.entries(row)) assert.deepEqual(read[r]![name], [...values]);
    });
  }
  connection.closeSync();
  instance.closeSync();
});
