import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { openPackedRows } from "./packed.ts";

const LENGTH = 6;
const ROWS = 5000;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-packed-"));
});
after(() => rm(folder, { recursive: true }));

/** Writes a Parquet file from SQL. */
async function write(name: string, select: string): Promise<string> {
  await mkdir(join(folder, name), { recursive: true });
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  await connection.run(
    `COPY (${select}) TO '${join(folder, name, "packed.parquet")}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
  );
  connection.closeSync();
  instance.closeSync();
  return join(folder, name);
}

const list = (value: string): string => `[(${value})::INTEGER for i in range(${LENGTH})]`;
const GOOD = `SELECT ${list("r * 10 + i")} AS input_ids, ${list("-100")} AS labels, ${list("i")} AS position_ids,
  ${list("0")} AS segment_ids, ${list("r")} AS doc_ids FROM range(${ROWS}) rows(r)`;
const refuses = (path: string, code: string, message: RegExp) =>
  assert.rejects(openPackedRows(path), { name: "UserError", code, message });

test("rows are read in order, across blocks, and from any place again", async () => {
  const packed = await openPackedRows(await write("good", GOOD));
  assert.equal(packed.rows, ROWS);
  assert.equal(packed.length, LENGTH);
  for (const from of [0, 2040, 4990, 3, 2049, 2048]) {
    const rows = await packed.read(from, 20);
    assert.equal(rows.length, Math.min(20, ROWS - from));
    rows.forEach((row, i) => {
      const first = (from + i) * 10;
      assert.deepEqual([...row.inputIds], [first, first + 1, first + 2, first + 3, first + 4, first + 5]);
      assert.deepEqual([...row.labels], new Array(LENGTH).fill(-100));
      assert.deepEqual([...row.positionIds], [0, 1, 2, 3, 4, 5]);
      assert.deepEqual([...row.segmentIds], new Array(LENGTH).fill(0));
    });
  }
  assert.deepEqual(await packed.read(ROWS, 1), []);
  packed.close();
});

test("what is not a whole packed file is refused", async () => {
  await refuses(join(folder, "nowhere"), "file-not-found", /no such file/);
  const good = await readFile(join(await write("cut", GOOD), "packed.parquet"));
  await writeFile(join(folder, "cut", "packed.parquet"), good.subarray(0, good.length / 2));
  await refuses(join(folder, "cut"), "bad-packed-rows", /not a readable Parquet file/);
  await refuses(await write("foreign", "SELECT 1 AS x"), "bad-packed-rows", /input_ids is missing/);
  await refuses(
    await write("text", GOOD.replace("AS labels", "::VARCHAR[] AS labels")),
    "bad-packed-rows",
    /labels is VARCHAR/,
  );
  await refuses(await write("empty", `${GOOD} WHERE r < 0`), "bad-packed-rows", /no rows/);
});

test("a value that is not there is no value, and found before it is read", async () => {
  const packed = await openPackedRows(
    await write("gap", GOOD.replace(list("-100"), list("if(r = 7 and i = 3, NULL, 1)"))),
  );
  assert.deepEqual(await packed.survey(10 * ROWS + LENGTH), { firstOutside: 7, learnt: true });
  await assert.rejects(packed.read(7, 1), { at: "row 7", message: /labels has no value at position 3/ });
  packed.close();
});

test("a row of another length is found when it is read", async () => {
  const packed = await openPackedRows(
    await write("ragged", GOOD.replace(list("-100"), "[1::INTEGER for i in range(if(r = 7, 2, 6))]")),
  );
  assert.equal((await packed.read(0, 7)).length, 7);
  await assert.rejects(packed.read(7, 1), {
    name: "UserError",
    at: "row 7",
    message: /2 values, expected 6/,
  });
  packed.close();
});
