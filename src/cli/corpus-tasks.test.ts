// Divided stages as a user starts them: processes of this machine, killed, broken and told of.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { exists } from "../core/index.ts";
import { runCli, startCli } from "./run-cli.test.helper.ts";

let folder: string;
let corpus: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-corpus-tasks-"));
  corpus = join(folder, "medicalExam_en.json");
  const pairs = Array.from({ length: 400 }, (_, i) => [
    `What happened in case number ${i}?`,
    Array.from(
      { length: 12 },
      (_, j) => `Patient ${(i * 7919 + j * 104729) % 9973} took ${j} mg and slept well.`,
    ).join("\n"),
  ]);
  await writeFile(corpus, JSON.stringify(pairs));
});
after(() => rm(folder, { recursive: true }));

async function sameFiles(one: string, other: string): Promise<void> {
  const names = (await readdir(one)).sort();
  assert.ok(names.length > 2);
  assert.deepEqual((await readdir(other)).sort(), names);
  for (const name of names)
    assert.equal(await readFile(join(other, name), "utf8"), await readFile(join(one, name), "utf8"), name);
}

test("killed in the middle, a divided stage goes on and ends in the bytes of one process", async () => {
  const [one, divided] = [join(folder, "one"), join(folder, "divided")];
  const { json } = await runCli(["corpus", "clean", corpus, "--out", one, "--json"]);
  const words = ["corpus", "clean", corpus, "--out", divided, "--tasks", "4", "--processes", "1", "--json"];
  const running = startCli(words);
  const first = join(`${divided}.tasks`, "count", "task-00000", "manifest.json");
  while (running.child.exitCode === null && !(await exists(first))) await sleep(5);
  running.child.kill("SIGKILL");
  await running.ended;
  assert.equal(await exists(divided), false);
  assert.equal(await exists(first), true, "what was done stays");
  const again = await runCli(words);
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(again.json, json);
  await sameFiles(one, divided);
  assert.equal(await exists(`${divided}.tasks`), false);
});

test("a task's error reaches the user with file and place", async () => {
  const broken = join(folder, "medicalWeb_en_qa.json");
  const pairs = Array.from({ length: 50 }, (_, i) => [
    `What is case ${i}?`,
    `It is case number ${i}, as was said.`,
  ]);
  await writeFile(broken, JSON.stringify([...pairs, ["no answer?"], ...pairs]));
  const words = ["corpus", "clean", broken, "--out", join(folder, "broken"), "--json"];
  const alone = await runCli(words);
  const divided = await runCli([...words, "--tasks", "3"]);
  for (const { code, json } of [alone, divided]) {
    assert.equal(code, 2);
    const { error } = json as { error: { code: string; file: string; at: string } };
    assert.equal(error.code, "bad-document");
    assert.equal(error.file, broken);
  }
  assert.deepEqual(divided.json, alone.json);
  assert.equal(await exists(join(folder, "broken")), false);
});

test("what makes no sense is refused before anything is begun", async () => {
  const out = join(folder, "refused");
  const [zero, shown, task] = await Promise.all([
    runCli(["corpus", "clean", corpus, "--out", out, "--tasks", "0"]),
    runCli(["corpus", "clean", corpus, "--out", out, "--tasks", "2", "--show", "1"]),
    runCli(["task", join(folder, "nowhere"), "--index", "0"]),
  ]);
  assert.match(zero.stderr, /--tasks must be a whole number from 1/u);
  assert.match(shown.stderr, /examples are shown by a single process/u);
  assert.match(task.stderr, /tasks\.json: no such file/u);
  assert.deepEqual([zero.code, shown.code, task.code], [2, 2, 2]);
  // A folder of the user's where the tasks would live is not touched.
  const other = join(folder, "occupied.tasks", "count");
  await mkdir(other, { recursive: true });
  await writeFile(join(other, "mine.txt"), "mine");
  const occupied = await runCli([
    "corpus",
    "clean",
    corpus,
    "--out",
    join(folder, "occupied"),
    "--tasks",
    "2",
  ]);
  assert.equal(occupied.code, 2);
  assert.match(occupied.stderr, /already holds other files/u);
  assert.equal(await readFile(join(other, "mine.txt"), "utf8"), "mine");
});
