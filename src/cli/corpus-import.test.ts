import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { runCli, runHere, startCli } from "./run-cli.test.helper.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-cli-import-"));
});
after(() => rm(folder, { recursive: true }));

test("broken records: an error with its place and exit code 2; with --keep-going counted, and exit code 2", async () => {
  const file = join(folder, "math_en.json");
  const out = join(folder, "kept");
  await writeFile(file, '[["1+1?", "2"], ["odd"]]');
  const refused = await runCli(["corpus", "import", file, "--out", out, "--json"]);
  assert.equal(refused.code, 2);
  const { error } = refused.json as { error: Record<string, string> };
  assert.deepEqual([error.code, error.file, error.at], ["odd-length", file, "byte 16"]);
  assert.match(error.message!, /found a single text, expected questions and answers/);
  assert.ok(!existsSync(out));
  const kept = await runCli(["corpus", "import", file, "--out", out, "--keep-going", "--json"]);
  assert.equal(kept.code, 2, kept.stderr);
  assert.match(kept.stderr, /1 broken records.*dropped\.jsonl/);
  const { documents, dropped, broken } = kept.json as Record<string, unknown>;
  assert.deepEqual([documents, dropped, broken], [1, { "odd-length": 1 }, 1]);
});

test("options are checked", async () => {
  const file = join(folder, "math_fr.json");
  await writeFile(file, '[["1+1?", "2"]]');
  const import_ = (...words: string[]) =>
    runHere(["corpus", "import", file, "--out", join(folder, "no"), ...words]);
  for (const [words, complaint] of [
    [["--format", "docx"], /--format must be one of json, jsonl/],
    [["--columns", "title=Q"], /--columns has "title=Q", expected ROLE=NAME/],
    [["--workers", "0"], /--workers must be a whole number from 1/],
    [["--kind", "song"], /--kind must be text or qa/],
    [["--category", "../leaflets"], /category "..\/leaflets" cannot be part of a file's name/],
    [["--language", "french"], /no language has the code "french"/],
  ] as const) {
    const { code, stderr } = await import_(...words);
    assert.equal(code, 2);
    assert.match(stderr, complaint);
  }
  const exported = await runHere([
    "corpus",
    "export",
    folder,
    "--format",
    "xml",
    "--out",
    join(folder, "no"),
  ]);
  assert.match(exported.stderr, /--format must be one of apollo, messages, parquet/);
});

test("an import that is killed and started again gives the same bytes, with any number of workers", async () => {
  const file = join(folder, "general_en.json");
  const answer = "Drink enough water and rest. ".repeat(10);
  const pairs = Array.from({ length: 30_000 }, (_, i) => [`What helps in case ${i}?`, `${i}: ${answer}`]);
  await writeFile(file, JSON.stringify(pairs, null, 2));
  const whole = join(folder, "whole");
  assert.equal((await runCli(["corpus", "import", file, "--out", whole, "--workers", "1"])).code, 0);
  const killed = join(folder, "killed");
  const words = ["corpus", "import", file, "--out", killed, "--workers", "3"];
  const running = startCli(words);
  const parts = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => name.startsWith("killed.") && name.endsWith(".part"));
  // In the middle: some of it is on the disk, the rest is not.
  for (let [part] = await parts(); part === undefined || (await readdir(join(folder, part))).length === 0; ) {
    await setTimeout(5);
    [part] = await parts();
  }
  running.child.kill("SIGKILL");
  assert.equal((await running.ended).code, undefined);
  assert.equal((await parts()).length, 1);
  assert.ok(!existsSync(killed));
  assert.equal((await runCli(words)).code, 0);
  assert.deepEqual(await parts(), []);
  const names = await readdir(whole);
  assert.deepEqual(await readdir(killed), names);
  for (const name of names)
    assert.ok((await readFile(join(killed, name))).equals(await readFile(join(whole, name))), name);
});
