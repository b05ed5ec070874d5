import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { writeTinyGguf } from "../engine/index.ts";
import { runHere } from "./run-cli.test.helper.ts";

let folder = "";
let sweep: string[] = [];
let trio = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-cli-proxy-"));
  const path = (name: string): string => join(folder, name);
  for (const [seed, name] of ["base", "expert", "anti"].entries())
    await writeTinyGguf(path(`${name}.gguf`), { seed, contextLength: 1024 });
  const items = ["en", "ar"].flatMap((language) =>
    ["A", "B", "A"].map((letter, i) => ({
      question: `${i}?`,
      options: "(A) yes\n(B) no",
      answer: `(${letter})`,
      source: `exam-${language}`,
    })),
  );
  await writeFile(path("suite.json"), JSON.stringify(items));
  const members = ["base", "expert", "anti"].flatMap((name) => [`--${name}`, path(`${name}.gguf`)]);
  sweep = ["proxy", "sweep", ...members, "--suite", path("suite.json")];
  trio = `proxy:${path("base.gguf")}+${path("expert.gguf")}-${path("anti.gguf")}`;
});
after(() => rm(folder, { recursive: true }));

test("proxy sweep: the points and nothing else with --json, a table and a page without, and runs that can be compared", async () => {
  const words = [...sweep, "--alpha", "0,1.5", "--limit", "2", "--out", join(folder, "run")];
  const { code, json, stderr } = await runHere([...words, "--json"]);
  assert.equal(code, 0, stderr);
  const { points, ...rest } = json as { points: Record<string, number | string>[] };
  assert.deepEqual(rest, {});
  assert.deepEqual(
    points.map(({ alpha, language, n }) => [alpha, language, n]),
    [
      [0, "en", 2],
      [0, "ar", 2],
      [1.5, "en", 2],
      [1.5, "ar", 2],
    ],
  );
  for (const point of points) {
    assert.deepEqual(Object.keys(point), ["alpha", "language", "n", "accuracy", "klToBase"]);
    assert.equal(Number(point.klToBase) > 0, point.alpha !== 0);
  }
  const table = await runHere(words);
  assert.match(table.stdout, /KL to base {2}p \(Holm\)/u);
  assert.match(await readFile(join(folder, "run", "report.html"), "utf8"), /<svg/u);
  const alone = ["bench", "run", "--suite", join(folder, "suite.json"), "--model", `${trio}@1.5`];
  const continued = await runHere([...alone, "--limit", "2", "--out", join(folder, "run", "alpha-1.5")]);
  assert.equal(continued.code, 0, continued.stderr);
});

test("proxy sweep --topk: another sweep, and what steering costs beside the table", async () => {
  const words = [
    ...sweep,
    "--alpha",
    "0,1.5",
    "--limit",
    "2",
    "--out",
    join(folder, "restricted"),
    "--topk",
    "3",
  ];
  const { stdout, stderr, code } = await runHere(words);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /one alpha by itself: [\d.]+ items\/s, the base alone [\d.]+/u);
  const speed = JSON.parse(await readFile(join(folder, "restricted", "speed.json"), "utf8"));
  assert.deepEqual(Object.keys(speed), ["items", "base", "trio"]);
  const other = await runHere([...words.slice(0, -1), "4"]);
  assert.notEqual(other.code, 0, "a folder of another sweep is not gone on with");
  const wrong = await runHere([...words.slice(0, -1), "0"]);
  assert.match(wrong.stderr, /--topk must be a whole number from 1, found "0"/u);
});

test("proxy explain: a line for each token, a page, and the same with --json", async () => {
  const page = join(folder, "why.html");
  const words = ["proxy", "explain", "the man", "--model", `${trio}@1`, "--tokens", "4"];
  const { code, stdout, stderr } = await runHere([...words, "--html", page]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /base wanted +expert wanted +anti wanted/u);
  assert.match(await readFile(page, "utf8"), /the man/u);
  const { json } = await runHere([...words, "--json"]);
  const { tokens } = json as { tokens: { token: string; base: { top: unknown[] } }[] };
  assert.ok(tokens.length >= 1 && tokens.length <= 4);
  assert.equal(tokens[0]!.base.top.length, 3);
  const raw = await runHere([...words, "--raw", "--json"]);
  assert.notDeepEqual(raw.json, json);
});

test("what is wrong is said in one line", async () => {
  const out = ["--out", join(folder, "bad")];
  const cases: [string[], string][] = [
    [[...sweep, ...out, "--alpha", "0,,1"], "bad-option"],
    [[...sweep, ...out, "--alpha", "zero"], "bad-option"],
    [[...sweep, ...out, "--alpha", "1,1.0"], "bad-alpha"],
    [[...sweep, ...out, "--limit", "0"], "bad-option"],
    [[...sweep, ...out, "--mode", "generate"], "bad-option"],
    [[...sweep, ...out, "--anti", "http://127.0.0.1:1/v1#m"], "no-logits"],
    [[...sweep, ...out, "--anti", join(folder, "none.gguf")], "file-not-found"],
    [[...sweep, "--out", join(folder, "suite.json")], "not-a-folder"],
    [["proxy", "explain", "x", "--model", join(folder, "base.gguf")], "not-a-proxy"],
    [["proxy", "explain", " ", "--model", `${trio}@1`], "empty-prompt"],
    [["proxy", "explain", "x", "--model", `${trio}@0`], "nothing-to-explain"],
    [["proxy", "explain", "x", "--model", `${trio}@1`, "--tokens", "0"], "bad-option"],
    [["proxy", "explain", "x", "--model", `${trio}@1`, "--html", folder], "not-a-file"],
  ];
  for (const [words, expected] of cases) {
    const { code, json, stderr } = await runHere([...words, "--json"]);
    assert.equal(code, 2, `${words.join(" ")}: ${stderr}`);
    assert.equal((json as { error: { code: string } }).error.code, expected, words.join(" "));
    assert.equal(stderr.split("\n").length, 1);
  }
});
