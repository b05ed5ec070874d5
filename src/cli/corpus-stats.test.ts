import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { saveTokenizer, trainByteLevelBpe } from "../tokenizer/index.ts";
import { runHere } from "./run-cli.test.helper.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-cli-stats-"));
  await writeFile(
    join(folder, "general_en.json"),
    '[["What is fever?", "A body temperature above 38 degrees."]]',
  );
});
after(() => rm(folder, { recursive: true }));

test("what cannot be drawn, or not there, is told before anything is counted, and leaves nothing", async () => {
  const names = await readdir(folder);
  const file = join(folder, "general_en.json");
  for (const [place, code] of [
    [join(folder, "picture.svg"), "no-curriculum"],
    [folder, "not-a-file"],
    [join(file, "picture.svg"), "not-a-folder"],
  ] as const) {
    const { stdout, json } = await runHere(["corpus", "stats", folder, "--svg", place, "--json"]);
    assert.equal((json as { error?: { code: string } }).error?.code, code, stdout);
    assert.deepEqual(await readdir(folder), names);
  }
});

test("the order of packed rows is drawn as a picture and as a page", async () => {
  const out = join(folder, "packed");
  const tokenizer = join(folder, "tokenizer");
  const trained = trainByteLevelBpe(["What is fever?"], {
    vocabularySize: 270,
    specialTokens: ["<|endoftext|>"],
  });
  await saveTokenizer(trained, tokenizer, { eosToken: "<|endoftext|>" });
  await runHere([
    "corpus",
    "pack",
    join(folder, "general_en.json"),
    "--tokenizer",
    tokenizer,
    "--length",
    "64",
    "--out",
    out,
  ]);
  const [svg, html] = [join(folder, "picture.svg"), join(folder, "page.html")];
  const { code, stderr } = await runHere(["corpus", "stats", out, "--svg", svg, "--html", html]);
  assert.equal(code, 0, stderr);
  assert.match(await readFile(svg, "utf8"), /^<svg/u);
  assert.match(await readFile(html, "utf8"), /<svg[\s\S]*general/u);
});
