// What proxy tuning costs over its decodes: a step of the trio beside the same three decodes by themselves, and the time of the
// combination alone. The small models advance at the same time as the base or one after the other: also measured.
//
//   node perf/proxy.mjs BASE.gguf EXPERT.gguf ANTI.gguf [ROUNDS] [THREADS]     (built program: npx tsc -b)
//
// Make the models with random-model.mjs: shape 0.5b for the base, small (two seeds) for the others. In turns, on one thread
// unless told otherwise; medians of rounds. Both sides take the same tokens: those the trio chooses first.
import { openGguf } from "../dist/engine/index.js";
import { createCombination, findSharedTokens } from "../dist/proxy/combine.js";
import { alignVocabularies, createProxyModel } from "../dist/proxy/index.js";

const [, , basePath, expertPath, antiPath, rounds = "7", threads = "1"] = process.argv;
if (antiPath === undefined) {
  console.error("usage: node perf/proxy.mjs BASE.gguf EXPERT.gguf ANTI.gguf [ROUNDS] [THREADS]");
  process.exit(2);
}

const TOKENS = 24;
const PROMPT = "What should a patient with a fever and a stiff neck do, and how soon must a doctor see them?";

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const processorMilliseconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const options = { threads: Number(threads), contextLength: 256, maxSequences: 2 };
const base = await openGguf(basePath, options);
const expert = await openGguf(expertPath, options);
const anti = await openGguf(antiPath, options);
const members = [base, expert, anti];
const variants = {
  trio: createProxyModel({ base, expert, anti, alpha: 1 }),
  "trio, topk=50": createProxyModel({ base, expert, anti, alpha: 1, topK: 50 }),
  "trio, unsure:0.5": createProxyModel({
    base,
    expert,
    anti,
    alpha: 1,
    schedule: { kind: "unsure", below: 0.5 },
  }),
};
const prompt = base.tokenizer.encode(PROMPT);

function largest(logits) {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  return best;
}

/** The tokens that all sides read. */
const text = [];
{
  const session = variants.trio.open();
  let next = largest(await session.advance(prompt));
  for (let i = 0; i < TOKENS; i++) {
    text.push(next);
    next = largest(await session.advance(Int32Array.of(next)));
  }
  session.dispose();
}

/** Milliseconds a token, by the clock and of the processor. */
async function measure(sessions, step) {
  for (const session of sessions) await session.advance(prompt);
  const [clock, processor] = [performance.now(), processorMilliseconds()];
  for (const token of text) await step(Int32Array.of(token), sessions);
  const result = {
    clock: (performance.now() - clock) / TOKENS,
    processor: (processorMilliseconds() - processor) / TOKENS,
  };
  for (const session of sessions) session.dispose();
  return result;
}

const together = (tokens, sessions) => Promise.all(sessions.map((session) => session.advance(tokens)));
async function inTurn(tokens, sessions) {
  for (const session of sessions) await session.advance(tokens);
}

const sides = {
  "three decodes in turn": () =>
    measure(
      members.map((model) => model.open()),
      inTurn,
    ),
  "three decodes at once": () =>
    measure(
      members.map((model) => model.open()),
      together,
    ),
  "base alone": () => measure([base.open()], inTurn),
  ...Object.fromEntries(
    Object.entries(variants).map(([name, model]) => [name, () => measure([model.open()], inTurn)]),
  ),
};

/** Milliseconds that the formula takes. */
function combination() {
  const shared = findSharedTokens(
    base.vocabularySize,
    alignVocabularies(base, expert),
    alignVocabularies(base, anti),
  );
  const rows = members.map(({ vocabularySize }, i) =>
    Float32Array.from({ length: vocabularySize }, (_, id) => Math.sin(id + i)),
  );
  const out = new Float32Array(base.vocabularySize);
  const combine = createCombination({ alpha: 1 }, shared);
  const times = [];
  for (let i = 0; i < 300; i++) {
    const start = performance.now();
    combine(...rows, 0, out);
    times.push(performance.now() - start);
  }
  return median(times);
}

const measured = {};
for (const side of Object.values(sides)) await side();
for (let round = 0; round < Number(rounds); round++)
  for (const [name, side] of Object.entries(sides)) {
    measured[name] ??= [];
    measured[name].push(await side());
  }

const reference = measured["three decodes at once"];
const ratio = (name, kind) => median(measured[name].map((value, i) => value[kind] / reference[i][kind]));
const percent = (value) => `${(100 * (value - 1)).toFixed(1)} %`;
console.log(
  `${threads} thread(s), ${rounds} rounds of ${TOKENS} tokens, medians; over: three decodes at once`,
);
for (const name of Object.keys(sides)) {
  const clock = median(measured[name].map((value) => value.clock));
  console.log(
    `${name.padEnd(22)} ${clock.toFixed(2).padStart(7)} ms a token; over by ${percent(ratio(name, "clock"))}, by processor time ${percent(ratio(name, "processor"))}`,
  );
}
console.log(`the combination alone: ${combination().toFixed(3)} ms`);
for (const model of members) await model.close();
