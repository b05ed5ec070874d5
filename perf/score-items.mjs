// Scoring: items a second beside each option as a prompt of its own, and beside llama.cpp's own prefill.
//
//   node perf/score-items.mjs SUITE.json MODEL.gguf [ITEMS]        (built program: npx tsc -b; a model: perf/random-model.mjs)
//
// SUITE is XMedBench's test.json; ITEMS (default 200) are taken evenly from its sources, asked by their letters after three
// worked examples of the source. One thread. Five sides, interleaved source by source:
//   exact    model.score, as `bench run` calls it: the same bits in any batch, without flash attention
//   fast     the same with `bench run --fast`: flash attention
//   bare     llama_decode alone, with its default settings, of the tokens that ours must compute (each item's beyond what it
//            shares with the one before)
//   plain    bare without flash attention: what exactness costs llama.cpp itself
//   options  each option as a full prompt of its own, by llama_decode alone; one item of each source
import { openGguf } from "../dist/engine/index.js";
import { createContext } from "../dist/engine/llama-context.js";
import { loadLlama } from "../dist/engine/llama-library.js";
import { examRequests } from "./exam-requests.mjs";

const [, , suite, path, wanted = "200"] = process.argv;
if (path === undefined) {
  console.error("usage: node perf/score-items.mjs SUITE.json MODEL.gguf [ITEMS]");
  process.exit(2);
}

const CONTEXT = 4096;
const BATCH = 16;
const tasks = examRequests(suite, Number(wanted));

const model = await openGguf(path, { threads: 1, contextLength: CONTEXT });
const fast = await openGguf(path, { threads: 1, contextLength: CONTEXT, exact: false });
const llama = loadLlama();
const native = await llama.model_load_from_file(path, llama.model_default_params());
const bareContext = (flash) =>
  createContext(llama, native, model.vocabularySize, {
    cells: CONTEXT,
    sequences: 1,
    outputs: 64,
    threads: 1,
    flash,
    cache: "f16",
  });
const bare = await bareContext(true);
const plain = await bareContext(false);

/** Evaluates `tokens` from `start` on, in pieces of 512, with logits after the last. */
async function prefill(context, tokens, start) {
  context.remove(0, start);
  for (let at = start; at < tokens.length; at += context.capacity) {
    const end = Math.min(at + context.capacity, tokens.length);
    for (let i = at; i < end; i++) context.add(tokens[i], i, 0, i === tokens.length - 1);
    await context.decode();
  }
}

function common(a, b) {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a[length] === b[length]) length++;
  return length;
}

/** What scoring `requests` in the best order must compute. */
function work(requests) {
  const prompts = requests
    .map(({ prompt }) => model.tokenizer.encode(prompt, { special: "parse", bos: true }))
    .sort((a, b) => {
      const at = common(a, b);
      return (a[at] ?? -1) - (b[at] ?? -1);
    });
  return prompts.map((tokens, i) => ({
    tokens,
    start: i === 0 ? 0 : Math.min(common(prompts[i - 1], tokens), tokens.length - 1),
  }));
}

const sides = {};
/** Adds the time that `run` takes to a side, by the clock and by the processor. */
async function timed(name, items, run) {
  sides[name] ??= { items: 0, clock: 0, processor: 0 };
  const side = sides[name];
  const cpu = process.cpuUsage();
  const start = performance.now();
  await run();
  side.clock += (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  side.processor += (user + system) / 1e6;
  side.items += items;
}

for (const each of [model, fast]) await each.score(tasks[0].requests.slice(0, 1));
for (const context of [bare, plain]) await prefill(context, work(tasks[0].requests)[0].tokens, 0);
let tokens = 0;
for (const { source, requests } of tasks) {
  const must = work(requests);
  const count = must.reduce((sum, piece) => sum + piece.tokens.length - piece.start, 0);
  tokens += count;
  for (const [name, each] of Object.entries({ exact: model, fast })) {
    await timed(name, requests.length, async () => {
      for (let i = 0; i < requests.length; i += BATCH) await each.score(requests.slice(i, i + BATCH));
    });
  }
  for (const [name, context] of Object.entries({ bare, plain })) {
    await timed(name, requests.length, async () => {
      for (const piece of must) await prefill(context, piece.tokens, piece.start);
    });
  }
  await timed("options", 1, async () => {
    for (const continuation of requests[0].continuations)
      await prefill(
        bare,
        model.tokenizer.encode(requests[0].prompt + continuation, { special: "parse", bos: true }),
        0,
      );
  });
  console.error(`${source}: ${requests.length} items, ${count} tokens to compute`);
}

const speed = (name, by) => sides[name].items / sides[name][by];
console.log(
  `${path}, 1 thread, ${sides.exact.items} items of ${tasks.length} sources, ${tokens} tokens to compute`,
);
for (const [name, side] of Object.entries(sides))
  console.log(
    `${name.padEnd(8)} ${speed(name, "clock").toFixed(2)} items/s by the clock, ${speed(name, "processor").toFixed(2)} by processor time (${side.items} items)`,
  );
const ratio = (ours, theirs) =>
  `${ours} / ${theirs}: ${(speed(ours, "clock") / speed(theirs, "clock")).toFixed(2)} (processor time ${(speed(ours, "processor") / speed(theirs, "processor")).toFixed(2)})`;
console.log(`${ratio("exact", "options")}, bar 4`);
console.log(`${ratio("fast", "bare")}, bar 0.9`);
console.log(ratio("exact", "bare"));
console.log(`${ratio("exact", "plain")}, bar 0.9`);
bare.free();
plain.free();
llama.model_free(native);
await model.close();
await fast.close();
