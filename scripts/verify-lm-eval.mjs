// lm-evaluation-harness through our server beside our model in process, on the shipped exam: the same log-probabilities, to the last bit
// where both read the same tokens, and the same greedy answers.
//
//   APOLLO_PYTHON=python node scripts/verify-lm-eval.mjs MODEL.gguf [ITEMS] [CONCURRENT]     (built program: npx tsc -b)
//
// APOLLO_PYTHON has lm-eval[api] 0.4 (0.4.13 was tried). It takes the server's tokenizer (/tokenizer_info, /tokenize), so nothing is
// downloaded. Two tasks: the options' texts scored, and an answer generated. ITEMS (default 40) are taken evenly from the six languages.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openGguf } from "../dist/engine/index.js";

const [, , path, items = "40", concurrent = "1"] = process.argv;
const python = process.env.APOLLO_PYTHON;
if (path === undefined || python === undefined)
  throw new Error(
    "usage: APOLLO_PYTHON=python node scripts/verify-lm-eval.mjs MODEL.gguf [ITEMS] [CONCURRENT]",
  );
const GENERATED = 16;
const root = new URL("..", import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), "apollo-verify-lm-eval-"));

const exam = JSON.parse(await readFile(join(root, "samples/exam/held-out.json"), "utf8"));
const every = Math.max(1, Math.floor(exam.length / Number(items)));
const documents = exam
  .filter((_, i) => i % every === 0)
  .slice(0, Number(items))
  .map(({ question, options, answer }) => {
    const choices = [...options.matchAll(/^\(([A-Z])\) (.*)$/gmu)];
    return {
      question,
      choices: choices.map(([, , text]) => text),
      gold: choices.findIndex(([, letter]) => `(${letter})` === answer),
    };
  });
await writeFile(join(folder, "items.jsonl"), documents.map((item) => `${JSON.stringify(item)}\n`).join(""));
const task = (name, type, rest) => `task: ${name}
dataset_path: json
dataset_kwargs:
  data_files:
    test: ${join(folder, "items.jsonl")}
test_split: test
output_type: ${type}
doc_to_text: "Question: {{question}}\\nAnswer:"
${rest}`;
await writeFile(
  join(folder, "scored.yaml"),
  task(
    "apollo_scored",
    "multiple_choice",
    "doc_to_choice: choices\ndoc_to_target: gold\nmetric_list:\n  - metric: acc\n  - metric: acc_norm\n",
  ),
);
await writeFile(
  join(folder, "generated.yaml"),
  task(
    "apollo_generated",
    "generate_until",
    `doc_to_target: "{{choices[gold]}}"\ngeneration_kwargs:\n  until: ["\\n\\n"]\n  max_gen_toks: ${GENERATED}\n  temperature: 0\nmetric_list:\n  - metric: exact_match\n`,
  ),
);

/** Runs a program; its output when it ends well. */
function run(command, words, options = {}) {
  const child = spawn(command, words, { stdio: ["ignore", "ignore", "pipe"], ...options });
  let told = "";
  child.stderr.on("data", (data) => {
    told += data;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}\n${told.slice(-3000)}`)),
    );
  });
}

const server = spawn(
  process.execPath,
  [join(root, "dist/cli/main.js"), "serve", "--model", path, "--port", "0", "--threads", "1", "--json"],
  { stdio: ["ignore", "pipe", "inherit"] },
);
const { url, models } = await new Promise((resolve, reject) => {
  server.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  server.stdout.once("data", (line) => resolve(JSON.parse(line)));
});
try {
  const begun = performance.now();
  await run(
    python,
    [
      ...["-m", "lm_eval", "--model", "local-completions"],
      ...[
        "--model_args",
        `model=${models[0]},base_url=${url}/v1/completions,num_concurrent=${concurrent},tokenizer_backend=remote`,
      ],
      ...["--tasks", "apollo_scored,apollo_generated", "--include_path", folder],
      ...["--log_samples", "--output_path", join(folder, "out")],
    ],
    { env: { ...process.env, HF_HOME: join(folder, "hf"), HF_DATASETS_OFFLINE: "1", HF_HUB_OFFLINE: "1" } },
  );
  console.log(
    `lm_eval took ${((performance.now() - begun) / 1000).toFixed(0)} s for ${documents.length} items`,
  );
} finally {
  server.removeAllListeners("exit");
  server.kill("SIGTERM");
}

/** The samples that lm_eval logged for a task. */
async function samples(name) {
  const files = await readdir(join(folder, "out"), { recursive: true });
  const file = files.find((entry) => entry.includes(`samples_${name}`));
  const lines = (await readFile(join(folder, "out", file), "utf8")).trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}

const model = await openGguf(path, { threads: 1, exact: "scores" });
/** lm-evaluation-harness's own rule: together, cut at the context's length. */
function cut(context, continuation) {
  const spaces = context.length - context.trimEnd().length;
  const encode = (text) => model.tokenizer.encode(text, { special: "parse" });
  const before = encode(context.slice(0, context.length - spaces));
  const whole = encode(context + continuation);
  return { prefix: whole.subarray(0, before.length), rest: whole.subarray(before.length) };
}

const counts = { texts: 0, equal: 0, greedy: 0, ours: 0 };
let largest = 0;
let right = 0;
for (const sample of await samples("apollo_scored")) {
  const requests = Object.values(sample.arguments).map(({ arg_0: context, arg_1: text }) => ({
    context,
    text,
  }));
  const own = await model.score([
    { prompt: requests[0].context, continuations: requests.map(({ text }) => text) },
  ]);
  const sums = [];
  for (const [i, { context, text }] of requests.entries()) {
    const { prefix, rest } = cut(context, text);
    const [score] = await model.scoreTokens(prefix, [rest]);
    const [[logProbability, greedy]] = sample.resps[i];
    const difference = Math.abs(Number(logProbability) - score.logProbability);
    largest = Math.max(largest, difference);
    counts.texts++;
    counts.equal += difference === 0 ? 1 : 0;
    counts.greedy += String(greedy).toLowerCase() === String(score.greedy) ? 1 : 0;
    counts.ours += own[0][i].logProbability === score.logProbability ? 1 : 0;
    sums.push(score.logProbability);
  }
  right += sums.indexOf(Math.max(...sums)) === sample.doc.gold ? 1 : 0;
}
console.log(
  `${counts.texts} option texts: ${counts.equal} log-probabilities equal to the last bit, the others at most ${largest} apart`,
);
console.log(
  `greedy flags equal: ${counts.greedy}; model.score tokenises as lm_eval does and agrees: ${counts.ours}`,
);
const results = (await readdir(join(folder, "out"), { recursive: true })).find((entry) =>
  /results_.*json$/u.test(entry),
);
const { results: table } = JSON.parse(await readFile(join(folder, "out", results), "utf8"));
console.log(`accuracy: lm_eval ${table.apollo_scored["acc,none"]}, ours ${right / documents.length}`);

let same = 0;
const generated = await samples("apollo_generated");
for (const { arguments: given, resps } of generated) {
  let text = "";
  const { arg_0: prompt } = Object.values(given)[0];
  const ids = model.tokenizer.encode(prompt, { special: "parse" });
  for await (const chunk of model.generate({
    input: { prompt: model.tokenizer.decode(ids, { special: true }) },
    maxTokens: GENERATED,
    stop: ["\n\n"],
  }))
    text += chunk.text;
  same += text === resps[0][0] ? 1 : 0;
}
console.log(`${generated.length} generated answers: ${same} equal`);
await model.close();
await rm(folder, { recursive: true });
assert.equal(counts.greedy, counts.texts);
assert.ok(largest <= 1e-9, "scores through the server are not the model's own");
assert.equal(table.apollo_scored["acc,none"], right / documents.length);
