import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { writeTinyGguf } from "../engine/index.ts";
import { runHere } from "./run-cli.test.helper.ts";

const EXAM = fileURLToPath(new URL("../../samples/exam/taught.json", import.meta.url));
let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-bench-report-"));
  for (const [i, name] of ["one", "two & <more>"].entries()) {
    const model = join(folder, `tiny-${i}.gguf`);
    await writeTinyGguf(model, { contextLength: 1024, seed: i });
    const words = ["bench", "run", "--suite", EXAM, "--limit", "2", "--model", model];
    const { code, stderr } = await runHere([...words, "--out", join(folder, "runs", name)]);
    assert.equal(code, 0, stderr);
  }
});
after(() => rm(folder, { recursive: true }));

test("bench report writes one page whose links lead to the runs' own reports", async () => {
  const out = join(folder, "pages", "results.html");
  await mkdir(dirname(out));
  const words = ["bench", "report", join(folder, "runs"), "--against", "one", "--out", out, "--json"];
  const { code, json } = await runHere(words);
  assert.equal(code, 0);
  const { report, boards, broken } = json as {
    report: string;
    boards: { base: string; runs: { run: string; differences: { n: number }[] }[] }[];
    broken: unknown[];
  };
  assert.equal(report, out);
  assert.deepEqual(broken, []);
  assert.equal(boards[0]?.base, "one");
  assert.equal(boards[0]?.runs.find(({ run }) => run !== "one")?.differences[0]?.n, 12);
  const page = await readFile(out, "utf8");
  const links = [...page.matchAll(/href="([^"#]+report\.html)"/gu)].map(([, link]) =>
    decodeURIComponent(link!),
  );
  assert.equal(links.length, 2);
  for (const link of links) assert.ok(existsSync(join(dirname(out), link)), link);
  assert.ok(!page.includes("<more>"));
});

test("in another language the runs' own pages are written beside, and linked", async () => {
  const out = join(folder, "pages", "ar.html");
  const { code } = await runHere(["bench", "report", join(folder, "runs"), "--language", "ar", "--out", out]);
  assert.equal(code, 0);
  const links = [...(await readFile(out, "utf8")).matchAll(/href="([^"#]+report\.ar\.html)"/gu)];
  assert.equal(links.length, 2);
  for (const [, link] of links) {
    const page = await readFile(join(dirname(out), decodeURIComponent(link!)), "utf8");
    assert.match(page, /<html lang="ar" dir="rtl">/u);
    assert.match(page, /تدقيق الامتحان/u);
    assert.match(page, /id="samples-data">[A-Za-z0-9+/=]{100,}</u);
    assert.doesNotMatch(page, /https?:|<link|src=|Samples|Accuracy/u);
  }
});

test("mistakes name what there is", async () => {
  const runs = join(folder, "runs");
  const code = async (...words: string[]) =>
    ((await runHere(["bench", "report", ...words, "--json"])).json as { error: { code: string } }).error.code;
  assert.equal(await code(join(folder, "nowhere")), "no-such-folder");
  assert.equal(await code(runs, "--against", "three"), "no-such-run");
  assert.equal(await code(runs, "--language", "tlh"), "bad-option");
});
