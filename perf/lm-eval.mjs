// Scoring an exam: items a second beside lm-evaluation-harness's hf backend, the same checkpoint, one thread, in turns
// source by source (bar 4 x); and how far the log-likelihoods are apart.
//
//   APOLLO_PYTHON=python node perf/lm-eval.mjs SUITE.json CHECKPOINT [ITEMS] [BATCH] [TYPE]        (built program: npx tsc -b)
//
// SUITE is XMedBench's test.json, asked as in score-items.mjs. APOLLO_PYTHON has lm-eval[hf]. BATCH (default 1, the harness's own) is its
// batch size. The harness computes in float32; ours reads a GGUF file of TYPE (default f32). What is timed is scoring alone: neither side's start, nor reading the weights.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openGguf } from "../dist/engine/index.js";
import { exportGguf } from "../dist/export/index.js";
import { examRequests } from "./exam-requests.mjs";

const [, , suite, checkpoint, wanted = "48", batch = "1", type = "f32"] = process.argv;
const python = process.env.APOLLO_PYTHON;
if (checkpoint === undefined || python === undefined) {
  console.error(
    "usage: APOLLO_PYTHON=python node perf/lm-eval.mjs SUITE.json CHECKPOINT [ITEMS] [BATCH] [TYPE]",
  );
  process.exit(2);
}
const tasks = examRequests(suite, Number(wanted));

const folder = await mkdtemp(join(tmpdir(), "apollo-perf-lm-eval-"));
const path = join(folder, "model.gguf");
await exportGguf(checkpoint, { type, out: path, verifyUpTo: 0 });
const model = await openGguf(path, { threads: 1, contextLength: 4096 });

const script = new URL("lm_eval_hf.py", import.meta.url).pathname;
const peer = spawn(python, [script, checkpoint, batch], {
  stdio: ["pipe", "pipe", "ignore"],
  env: { ...process.env, OMP_NUM_THREADS: "1", HF_HUB_OFFLINE: "1" },
});
const answers = createInterface(peer.stdout);
async function ask(pairs) {
  peer.stdin.write(`${JSON.stringify(pairs)}\n`);
  const [line] = await once(answers, "line");
  return JSON.parse(line);
}
const [ready] = await once(answers, "line");

const time = { ours: { clock: 0, processor: 0 }, harness: { clock: 0, processor: 0 } };
let items = 0;
let furthest = 0;
let sameAnswer = 0;
const best = (values) => values.indexOf(Math.max(...values));
await model.score(tasks[0].requests.slice(0, 1));
await ask(tasks[0].requests.slice(0, 1).map(({ prompt, continuations }) => [prompt, continuations[0]]));
for (const { source, requests } of tasks) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const ours = await model.score(requests);
  time.ours.clock += (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  time.ours.processor += (user + system) / 1e6;

  const theirs = await ask(
    requests.flatMap(({ prompt, continuations }) => continuations.map((text) => [prompt, text])),
  );
  time.harness.clock += theirs.seconds;
  time.harness.processor += theirs.cpuSeconds;

  items += requests.length;
  let at = 0;
  for (const scores of ours) {
    const own = scores.map(({ logProbability }) => logProbability);
    const other = own.map(() => theirs.scores[at++][0]);
    for (const [i, value] of own.entries()) furthest = Math.max(furthest, Math.abs(value - other[i]));
    sameAnswer += best(own) === best(other) ? 1 : 0;
  }
  console.error(`${source}: ${requests.length} items`);
}
peer.stdin.end();
await model.close();
await rm(folder, { recursive: true });

console.log(
  `${checkpoint}, ${type} beside float32, 1 thread, ${items} items of ${tasks.length} sources; ${JSON.parse(ready).ready}, batch ${batch}`,
);
const ratio = {};
for (const by of ["clock", "processor"]) {
  ratio[by] = time.harness[by] / time.ours[by];
  console.log(
    `by ${by.padEnd(9)} ours ${(items / time.ours[by]).toFixed(2)} items/s, lm-evaluation-harness ${(items / time.harness[by]).toFixed(2)}: ${ratio[by].toFixed(2)} x (bar 4)`,
  );
}
console.log(
  `the same answer for ${sameAnswer} of ${items} items; log-likelihoods at most ${furthest.toExponential(1)} nats apart`,
);
assert.ok(sameAnswer > 0.9 * items, "the two do not score the same");
