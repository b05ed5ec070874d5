// Generation: what a text costs beside llama.cpp alone, and what many at once gain.
//
//   node perf/generate.mjs MODEL.gguf [ROUNDS]        (built program: npx tsc -b; a model: perf/random-model.mjs)
//
// One thread. `bare` is llama_decode and the largest logit in a loop, on a context of the same settings; `one` is
// `model.generate`; `many` is 32 of them at once, as a server runs them. Rounds are interleaved; medians are printed, by the
// clock and by processor time (which other programs on the machine disturb less).

import { openGguf } from "../dist/engine/index.js";
import { createContext } from "../dist/engine/llama-context.js";
import { loadLlama } from "../dist/engine/llama-library.js";

const [, , path, rounds = "5"] = process.argv;
if (path === undefined) {
  console.error("usage: node perf/generate.mjs MODEL.gguf [ROUNDS]");
  process.exit(2);
}

const STREAMS = 32;
/** Streams begin one after the other, as their prompts are read: long enough that all run together for most of the time. */
const TOKENS = 112;
const CONTEXT = 512;
const PROMPT = "What should a patient with a fever and a stiff neck do, and how soon must a doctor see them?";

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const model = await openGguf(path, {
  threads: 1,
  exact: "scores",
  contextLength: CONTEXT,
  maxSequences: STREAMS,
});
const prompt = model.tokenizer.encode(PROMPT);
const llama = loadLlama();
const native = await llama.model_load_from_file(path, llama.model_default_params());
const context = await createContext(llama, native, model.vocabularySize, {
  cells: CONTEXT,
  sequences: 1,
  outputs: 1,
  threads: 1,
  flash: true,
  cache: "f16",
});

function largest(logits) {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  return best;
}

/** Milliseconds a token after the first: llama.cpp alone. */
async function bare() {
  context.remove(0, 0);
  let row = 0;
  prompt.forEach((token, i) => {
    row = context.add(token, i, 0, i === prompt.length - 1);
  });
  await context.decode();
  let next = largest(context.logits(row));
  const start = performance.now();
  for (let count = 1; count < TOKENS; count++) {
    row = context.add(next, prompt.length + count - 1, 0, true);
    await context.decode();
    next = largest(context.logits(row));
  }
  return (performance.now() - start) / (TOKENS - 1);
}

/** Times of a stream's chunks. */
async function stream(input, onFirst = () => {}, onLast = () => {}) {
  const times = [];
  for await (const _chunk of model.generate({ input: { prompt: input }, maxTokens: TOKENS })) {
    times.push(performance.now());
    if (times.length === 1) onFirst();
    if (times.length === TOKENS) onLast();
  }
  if (times.length !== TOKENS) throw new Error(`${times.length} chunks, ${TOKENS} were expected`);
  return times;
}

async function one() {
  const times = await stream(PROMPT);
  return (times.at(-1) - times[0]) / (TOKENS - 1);
}

const processorMilliseconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Milliseconds a token of all streams together, with their prompts and while all run; and the wait for the first word. */
async function many() {
  const start = performance.now();
  const processor = { begin: 0, end: 0 };
  let started = 0;
  const onFirst = () => {
    if (++started === STREAMS) processor.begin = processorMilliseconds();
  };
  const onLast = () => {
    processor.end ||= processorMilliseconds();
  };
  const streams = await Promise.all(
    Array.from({ length: STREAMS }, (_, i) => stream(`Case ${i}. ${PROMPT}`, onFirst, onLast)),
  );
  const firsts = streams.map((times) => times[0] - start).sort((a, b) => a - b);
  const ends = streams.map((times) => times.at(-1) - start);
  const [allRun, firstEnds] = [Math.max(...firsts), Math.min(...ends)];
  const together = streams.flat().filter((time) => time - start > allRun && time - start <= firstEnds).length;
  record("steady cpu", (processor.end - processor.begin) / together);
  return {
    whole: Math.max(...ends) / (STREAMS * TOKENS),
    steady: (firstEnds - allRun) / together,
    firsts,
  };
}

const measured = {};
const record = (name, value) => {
  measured[name] ??= [];
  measured[name].push(value);
};
/** Runs one side; its processor time a token goes beside what it measured by the clock. */
async function timed(name, tokens, work) {
  const before = processorMilliseconds();
  const result = await work();
  record(`${name} cpu`, (processorMilliseconds() - before) / tokens);
  return result;
}

await bare();
await one();
for (let round = 0; round < Number(rounds); round++) {
  record("bare", await timed("bare", TOKENS, bare));
  record("one", await timed("one", TOKENS, one));
  const { whole, steady, firsts } = await timed("many", STREAMS * TOKENS, many);
  record("whole", whole);
  record("steady", steady);
  record("first", firsts[STREAMS >> 1]);
  record("last", firsts.at(-1));
}
const rate = (name) => (1000 / median(measured[name])).toFixed(1);
const ratio = (over, under) => median(measured[over].map((value, i) => value / measured[under][i]));
console.log(`${path}, 1 thread, ${rounds} rounds of ${TOKENS} tokens, medians`);
console.log(`bare llama_decode loop         ${rate("bare")} tokens/s`);
console.log(`one stream                     ${rate("one")} tokens/s`);
console.log(`${STREAMS} streams, while all run     ${rate("steady")} tokens/s together`);
console.log(`${STREAMS} streams, prompts included  ${rate("whole")} tokens/s together`);
console.log(
  `first word of ${STREAMS} at once: median ${median(measured.first).toFixed(0)} ms, last ${median(measured.last).toFixed(0)} ms`,
);
console.log(
  `one / bare: ${(100 * ratio("bare", "one")).toFixed(1)} %, processor time ${(100 * ratio("bare cpu", "one cpu")).toFixed(1)} % (bar 97 %)`,
);
console.log(
  `many / one: ${ratio("one", "steady").toFixed(1)} x, processor time ${ratio("one cpu", "steady cpu").toFixed(1)} x (bar 6)`,
);
context.free();
llama.model_free(native);
await model.close();
