import assert from "node:assert/strict";
import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openAppendLog } from "./append-log.ts";

test("lines of any length are given with their places, and a torn last one goes", async () => {
  const folder = await mkdtemp(join(tmpdir(), "apollo-log-"));
  const path = join(folder, "new", "log.jsonl");
  const records = ["a", "é".repeat(1_500_000), "", "हिन्दी"].map((text, n) => ({ n, text }));
  const keep = (line: string, number: number, start: number, end: number) => ({
    n: (JSON.parse(line) as { n: number }).n,
    number,
    start,
    end,
  });
  const first = await openAppendLog<ReturnType<typeof keep>, (typeof records)[number]>(path, keep);
  assert.deepEqual(first.done, []);
  await first.append(records.slice(0, 3));
  await first.append(records.slice(3));
  await first.close();
  const whole = await readFile(path, "utf8");
  await appendFile(path, '{"n":4,"te');
  const second = await openAppendLog(path, keep);
  assert.deepEqual(
    second.done.map(({ n, number }) => [n, number]),
    [0, 1, 2, 3].map((n) => [n, n + 1]),
  );
  for (const { n, start, end } of second.done)
    assert.deepEqual(JSON.parse(await second.read(start, end)), records[n]);
  await second.close();
  assert.equal(await readFile(path, "utf8"), whole);
  await rm(folder, { recursive: true });
});
