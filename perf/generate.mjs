// Generation: what a text costs beside llama.cpp alone, and what many at once gain.
//
//   node perf/generate.mjs MODEL.gguf [ROUNDS]        (built program: npx tsc -b; a model: perf/random-model.mjs)
//
// One thread. `bare` is llama_decode and the largest logit in a loop, on a context of the same settings; `one` is
// `model.generate`; `many` is 32 of them at once, as a server runs them. Rounds are interleaved; medians are printed, by the
// clock and by processor time (which other programs on the machine disturb less).
import { openGguf } from "../dist/engine/index.js";
import { measureMany, measureOne, median, openBare, PROMPT, rate, ratio } from "./decode.mjs";

const [, , path, rounds = "5"] = process.argv;
if (path === undefined) {
  console.error("usage: node perf/generate.mjs MODEL.gguf [ROUNDS]");
  process.exit(2);
}
const STREAMS = 32;
const TOKENS = 112;
const CONTEXT = 512;

const model = await openGguf(path, {
  threads: 1,
  exact: "scores",
  contextLength: CONTEXT,
  maxSequences: STREAMS,
});
const prompt = model.tokenizer.encode(PROMPT);
const bare = await openBare(path, { contextLength: CONTEXT, vocabularySize: model.vocabularySize });
const generate = async (text, onToken) => {
  for await (const _chunk of model.generate({ input: { prompt: text }, maxTokens: TOKENS })) onToken();
};

const measured = { bare: [], one: [], many: [] };
await bare.run(prompt, TOKENS);
await generate(PROMPT, () => {});
for (let round = 0; round < Number(rounds); round++) {
  measured.bare.push(await bare.run(prompt, TOKENS));
  measured.one.push(await measureOne((onToken) => generate(PROMPT, onToken), TOKENS));
  measured.many.push(
    await measureMany(STREAMS, (i, onToken) => generate(`Case ${i}. ${PROMPT}`, onToken), TOKENS),
  );
}
const first = (pick) => median(measured.many.map(({ firsts }) => pick(firsts))).toFixed(0);
const share = (what) => (100 * ratio(measured.bare, measured.one, what)).toFixed(1);
const times = (what) => ratio(measured.one, measured.many, what).toFixed(1);
console.log(`${path}, 1 thread, ${rounds} rounds of ${TOKENS} tokens, medians`);
console.log(`bare llama_decode loop         ${rate(measured.bare)} tokens/s`);
console.log(`one stream                     ${rate(measured.one)} tokens/s`);
console.log(`${STREAMS} streams, while all run     ${rate(measured.many)} tokens/s together`);
console.log(`${STREAMS} streams, prompts included  ${rate(measured.many, "whole")} tokens/s together`);
console.log(
  `first word of ${STREAMS} at once: median ${first((all) => all[STREAMS >> 1])} ms, last ${first((all) => all.at(-1))} ms`,
);
console.log(`one / bare: ${share("clock")} %, processor time ${share("cpu")} % (bar 97 %)`);
console.log(`many / one: ${times("clock")} x, processor time ${times("cpu")} x (bar 6)`);
bare.close();
await model.close();
