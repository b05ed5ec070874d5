import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { silentProgress, writeJson } from "../core/index.ts";
import { writeTinyGguf } from "../engine/index.ts";
import {
  initializeWeights,
  parseModelConfig,
  toHuggingFaceConfig,
  writeSafetensors,
} from "../model/index.ts";
import { saveTokenizer, trainByteLevelBpe } from "../tokenizer/index.ts";
import { COMMANDS } from "./commands.ts";
import { runCli, runHere } from "./run-cli.test.helper.ts";
import { runWords } from "./run-words.ts";

let folder: string;
/** Where every command is told to write; it stays empty. */
let outs: string;
const at = (name: string): string => join(folder, name);
const out = (name = "result"): string => join(outs, name);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-bad-input-"));
  outs = at("outs");
  await mkdir(outs);
  await writeTinyGguf(at("good.gguf"));
  const gguf = await readFile(at("good.gguf"));
  await writeFile(at("header.gguf"), gguf.subarray(0, 300));
  await writeFile(at("data.gguf"), gguf.subarray(0, gguf.length - 1000));
  await writeFile(at("empty.gguf"), "");
  await writeFile(at("text.gguf"), "this is no model");
  await writeCheckpoint(at("checkpoint"));
  await writeCheckpoint(at("cut-checkpoint"));
  const weights = await readFile(at("checkpoint/model.safetensors"));
  await writeFile(at("cut-checkpoint/model.safetensors"), weights.subarray(0, weights.length / 2));
  await mkdir(at("empty-folder"));
  const item = { question: "2 + 2?", options: "(A) 3\n(B) 4", answer: "(B)", source: "sums" };
  await writeJson(at("suite.json"), [item]);
  await writeFile(at("cut.json"), JSON.stringify([item]).slice(0, -10));
  await writeFile(at("empty.yaml"), "");
  await writeFile(at("none.json"), "[]");
  await writeFile(at("medicalWiki_en_text.json"), `["a text", "another`);
  await writeFile(
    at("recipe.yaml"),
    "steps: 2\nbatch: 1\nlearningRate: 0.1\nmodel: {hiddenSize: 8, layers: 1}\n",
  );
});
after(() => rm(folder, { recursive: true }));

async function writeCheckpoint(path: string): Promise<void> {
  const tokenizer = trainByteLevelBpe(["text"], { vocabularySize: 257, specialTokens: ["<|endoftext|>"] });
  const config = parseModelConfig(
    {
      model_type: "qwen2",
      vocab_size: tokenizer.vocabularySize,
      hidden_size: 8,
      intermediate_size: 8,
      num_hidden_layers: 1,
      num_attention_heads: 1,
      tie_word_embeddings: true,
    },
    "test",
  );
  await saveTokenizer(tokenizer, path);
  await writeJson(join(path, "config.json"), toHuggingFaceConfig(config));
  const tensors = [...initializeWeights(config, 1)].map(([name, value]) => ({ name, ...value }));
  await writeSafetensors(join(path, "model.safetensors"), tensors);
}

/** Words of a command line, and what its one line of complaint must say. */
type Case = readonly [words: () => string[], code: string, line: RegExp];

const CASES: Record<string, readonly Case[]> = {
  "words that the program does not know": [
    [() => ["trian"], "unknown-command", /no such command: trian.*--help/],
    [
      () => ["corpus", "imprt"],
      "unknown-command",
      /no such command: corpus imprt.*mean apollo corpus import\?/,
    ],
    [() => ["train", "--recipes", "r"], "bad-option", /'--recipes'.*mean --recipe\?/],
    [() => ["train", "--recipe", "r", "--out="], "bad-option", /--out is empty/],
    [
      () => ["train", "--recipe", "r", "--threads", "0"],
      "bad-option",
      /--threads must be a whole number from 1, found "0"/,
    ],
    [
      () => ["train", "--recipe", "r", "--device", "gpu"],
      "bad-option",
      /--device gpu: expected one of cpu, webgpu, cuda/,
    ],
    [
      () => ["train", "--recipe", "r", "--device", "webgpu", "--engine", "ray"],
      "bad-option",
      /--device webgpu is of --engine local, found ray/,
    ],
    [
      () => ["train", "--recipe", "r", "--watch", "99999"],
      "bad-option",
      /--watch must be .* from 0 to 65535/,
    ],
    [() => ["bench", "audit", "s", "--gpu-layers", "-1"], "bad-option", /'--gpu-layers'/],
    [
      () => [...bench("absent.json", "m"), "--threads", "-2"],
      "bad-option",
      /--threads must be .* found "-2"/,
    ],
    [() => [...bench("absent.json", "m"), "--gpu-layers", "-1"], "file-not-found", /absent\.json/],
    [() => ["corpus"], "unknown-command", /needs one of: import, .*pack/],
    [() => ["corpus", "eat"], "unknown-command", /no such command: corpus eat/],
    [() => ["--verbose"], "bad-option", /--verbose/],
    [() => ["train", "--fast"], "bad-option", /'--fast'.*apollo train --help/],
    [() => ["inspect"], "missing-argument", /FILE is missing/],
    [() => ["plan"], "missing-option", /--recipe and --cluster, or --corpus, are missing/],
    [() => ["inspect", "a", "b"], "unexpected-argument", /unexpected argument "b"/],
    [() => ["train", "--data", "d", "--out", out()], "missing-option", /--recipe is missing/],
    [() => ["train", "--recipe"], "bad-option", /--recipe/],
    [
      () => ["corpus", "pack", "c", "--tokenizer", "t", "--out", out(), "--length", "many"],
      "bad-option",
      /--length must be a whole number from 8, found "many"/,
    ],
  ],
  corpus: [
    [() => ["corpus", "import", at("absent.json"), "--out", out()], "file-not-found", /absent\.json/],
    [
      () => ["corpus", "import", at("medicalWiki_en_text.json"), "--out", out()],
      "bad-json",
      /medicalWiki_en_text\.json/,
    ],
    [() => ["corpus", "import", at("empty-folder"), "--out", out()], ".", /empty-folder/],
    [
      () => ["corpus", "pack", at("absent"), "--tokenizer", at("checkpoint"), "--out", out()],
      "file-not-found",
      /absent/,
    ],
    [
      () => ["corpus", "pack", at("empty-folder"), "--tokenizer", at("absent"), "--out", out()],
      "file-not-found",
      /absent/,
    ],
    [
      () => ["corpus", "decontaminate", at("empty-folder"), "--against", at("none.json"), "--out", out()],
      ".",
      /none\.json|empty-folder/,
    ],
    [
      () => ["tokenizer", "encode", "--tokenizer", at("checkpoint"), "--file", at("cut.json")],
      "bad-json",
      /cut\.json/,
    ],
    [
      () => ["tokenizer", "encode", "--tokenizer", at("cut.json"), "--file", at("none.json")],
      ".",
      /cut\.json/,
    ],
  ],
  train: [
    [
      () => ["train", "--recipe", at("recipe.yaml"), "--data", at("absent"), "--out", out()],
      "file-not-found",
      /absent.*packed\.parquet.*apollo corpus pack/,
    ],
    [
      () => ["train", "--recipe", at("recipe.yaml"), "--data", at("cut.json"), "--out", out()],
      "not-a-folder",
      /cut\.json: is a file.*apollo corpus pack/,
    ],
    [
      () => ["train", "--recipe", at("absent.yaml"), "--data", at("absent"), "--out", out()],
      "file-not-found",
      /absent\.yaml: no such recipe/,
    ],
    [
      () => [
        "train",
        "--recipe",
        at("recipe.yaml"),
        "--data",
        "d",
        "--out",
        out(),
        "--set",
        "model.hiddenSize=abc",
      ],
      "bad-recipe",
      /model\.hiddenSize/,
    ],
    [
      () => ["train", "--recipe", at("empty.yaml"), "--data", "d", "--out", out()],
      "bad-recipe",
      /empty\.yaml: is empty/,
    ],
    [() => ["quickstart", "--no-serve", "--out", out(), "--set", "stepps=3"], "bad-recipe", /stepps/],
    [() => ["quickstart", "--no-serve", "--out", at("cut.json")], "not-a-folder", /cut\.json/],
  ],
  export: [
    [() => ["export", "gguf", at("absent"), "--out", out()], "file-not-found", /absent/],
    [
      () => ["export", "gguf", at("cut-checkpoint"), "--out", out()],
      "bad-safetensors",
      /cut off or overlong/,
    ],
    [() => ["export", "gguf", at("checkpoint"), "--type", "q9", "--out", out()], "unknown-type", /"q9"/],
    [
      () => ["export", "gguf", at("checkpoint"), "--out", at("empty-folder")],
      "not-a-file",
      /empty-folder: is a folder/,
    ],
    [
      () => ["export", "llama2c", at("text.gguf"), "--tokenizer", at("text.gguf"), "--out", out()],
      ".",
      /text\.gguf/,
    ],
    [() => ["inspect", at("header.gguf")], ".", /header\.gguf.*(?:cut|end)/],
    [() => ["inspect", at("data.gguf")], ".", /data\.gguf.*(?:cut|end)/],
    [() => ["inspect", at("empty.gguf")], ".", /empty\.gguf/],
    [() => ["inspect", at("text.gguf")], ".", /text\.gguf/],
    [() => ["inspect", at("absent")], "file-not-found", /absent/],
    [() => ["inspect", at("cut-checkpoint")], "bad-safetensors", /cut off/],
  ],
  bench: [
    [() => bench(at("absent.json"), at("good.gguf")), "file-not-found", /absent\.json/],
    [
      () => [...bench(at("suite.json"), at("good.gguf")).slice(0, -1), at("cut.json")],
      "not-a-folder",
      /cut\.json: is a file, a folder was expected/,
    ],
    [() => bench(at("none.json"), at("good.gguf")), ".", /none\.json.*no items/],
    [() => bench(at("cut.json"), at("good.gguf")), ".", /cut\.json/],
    [
      () => bench(at("suite.json"), "nonsense"),
      "unknown-model-spec",
      /"nonsense" names no model.*hf:owner\/name/,
    ],
    [() => bench(at("suite.json"), at("absent.gguf")), "file-not-found", /absent\.gguf/],
    [() => bench(at("suite.json"), at("data.gguf")), ".", /data\.gguf/],
    [() => bench(at("suite.json"), at("text.gguf")), ".", /text\.gguf/],
    [() => bench(at("suite.json"), at("empty-folder")), "file-not-found", /empty-folder.*config\.json/],
    [() => bench(at("suite.json"), "http://127.0.0.1:1/v1#m"), ".", /127\.0\.0\.1:1/],
    [() => [...bench(at("suite.json"), at("good.gguf")), "--mode", "guess"], "bad-option", /--mode/],
    [() => ["bench", "import", "nonsense", at("suite.json"), "--out", out()], "bad-format", /nonsense/],
    [() => ["bench", "import", "medqa", at("cut.json"), "--out", out()], ".", /cut\.json/],
    [() => ["bench", "audit", at("cut.json")], ".", /cut\.json/],
    [() => ["bench", "audit", at("suite.json"), "--against", at("none.json")], ".", /none\.json.*no items/],
    [() => ["bench", "audit", at("empty-folder")], "empty-suite", /empty-folder: holds no suite file/],
    [() => ["bench", "grade", at("empty-folder")], "not-a-file", /empty-folder: is a folder/],
    [() => ["bench", "compare", at("absent"), at("absent")], ".", /absent: is no run folder/],
    [
      () => ["bench", "report", at("empty-folder")],
      "no-run",
      /empty-folder: holds no finished .*apollo bench run/,
    ],
    [() => ["bench", "report", at("absent")], "no-such-folder", /absent: is no folder/],
  ],
  "serve and pull": [
    [() => ["serve", "--model", "nonsense", "--port", "0"], "unknown-model-spec", /"nonsense"/],
    [() => ["serve", "--model", at("header.gguf"), "--port", "0"], ".", /header\.gguf/],
    [
      () => ["serve", "--model", at("good.gguf"), "--host", "0.0.0.0", "--port", "0"],
      "key-needed",
      /API key/,
    ],
    [() => ["serve", "--model", at("good.gguf"), "--port", "70000"], "bad-port", /70000/],
    [() => ["pull", "not a name"], ".", /not a name/],
  ],
};

function bench(suite: string, model: string): string[] {
  return ["bench", "run", "--suite", suite, "--model", model, "--out", out()];
}

// The first of each room in a process of its own, as a shell would run it; the others, to save time, in this one.
for (const [room, cases] of Object.entries(CASES)) {
  test(room, async () => {
    for (const [i, [words, code, line]] of cases.entries())
      await assertRefused(words(), code, line, i === 0 ? runCli : runHere);
  });
}

test("every number that a command takes", async () => {
  for (const { name, options } of COMMANDS) {
    const all = Object.entries(options);
    const numbers = all.filter(([, { type }]) => type === "whole" || type === "number");
    for (const [wrong] of numbers) {
      const given = all.filter(([other, { required }]) => required === true && other !== wrong);
      const words = [
        ...name.split(" "),
        ...given.flatMap(([other]) => [`--${other}`, numbers.some(([each]) => each === other) ? "1" : "x"]),
        `--${wrong}`,
        "many",
      ];
      const line = new RegExp(`--${wrong} must be .*number.*found "many"`, "u");
      await assertRefused(words, "bad-option", line, runHere);
    }
  }
});

test("a port in use", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const words = ["serve", "--model", at("good.gguf"), "--port", String(port)];
  const line = new RegExp(`port ${port} at 127\\.0\\.0\\.1 is in use.*--port`);
  await assertRefused(words, "port-in-use", line, runCli);
  server.close();
});

test("without --json nothing is on standard output", async () => {
  const { code, stdout, stderr } = await runCli(["inspect", at("absent")]);
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /^error: .*absent: no such file or folder\. .*\n$/);
});

test("a mistake of ours is told apart: exit code 1", async () => {
  const io = {
    progress: { start: silentProgress, close: () => {} },
    signal: new AbortController().signal,
    err: () => {},
  };
  const lines: string[] = [];
  const broken = {
    ...io,
    out: (line: string) => {
      if (lines.push(line) === 1) throw new Error("the paper is out");
    },
  };
  assert.equal(await runWords(["--help", "--json"], broken), 1);
  assert.deepEqual(JSON.parse(lines[1]!), { error: { code: "internal", message: "the paper is out" } });
});

const ENVIRONMENT = { HF_HUB_OFFLINE: "1", NO_COLOR: "1" };

/** Exit code 2, one line on standard error, the error as the last line of standard output, and nothing written. */
async function assertRefused(
  words: readonly string[],
  code: string,
  line: RegExp,
  run: typeof runCli,
): Promise<void> {
  const environment = { ...ENVIRONMENT, XDG_CACHE_HOME: at("cache") };
  Object.assign(process.env, environment);
  const result = await run([...words, "--json"], environment);
  const said = `${words.join(" ")}: ${result.code}\n${result.stderr}`;
  assert.equal(result.code, 2, said);
  const lines = result.stderr.trimEnd().split("\n");
  assert.equal(lines.length, 1, said);
  assert.match(lines[0]!, /^error: /);
  assert.match(lines[0]!, line);
  const { error } = result.json as { error: Record<string, string> };
  assert.deepEqual(Object.keys(result.json as object), ["error"]);
  assert.match(error.code!, code === "." ? /^[a-z]+(-[a-z0-9]+)+$/ : new RegExp(`^${code}$`), said);
  assert.ok(error.message!.length > 0);
  for (const key of Object.keys(error)) assert.ok(["code", "message", "file", "at", "remedy"].includes(key));
  assert.deepEqual(await readdir(outs), [], said);
  assert.deepEqual(existsSync(at("cache")) ? await readdir(at("cache"), { recursive: true }) : [], [], said);
}
