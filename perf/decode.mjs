// What serve.mjs and generate.mjs measure against and how: llama.cpp alone in a loop, on a context of the engine's own settings; processor
// time; and of streams that ran at once, the stretch in which all of them did.
import { readFileSync } from "node:fs";
import { createContext } from "../dist/engine/llama-context.js";
import { loadLlama } from "../dist/engine/llama-library.js";

/** What every stream goes on with: real models must not come to an end before they have written what is measured. */
export const PROMPT =
  "A list of one hundred medicines and their doses:\n1. Paracetamol, 500 mg\n2. Ibuprofen, 400 mg\n3.";

export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** Clock ticks of the kernel, as /proc counts them. */
const TICK_MILLISECONDS = 10;

/** Processor time of this process, and of another beside it. */
export function processorMilliseconds(other) {
  const { user, system } = process.cpuUsage();
  const own = (user + system) / 1000;
  if (other === undefined) return own;
  const fields = readFileSync(`/proc/${other}/stat`, "utf8").split(") ")[1].split(" ");
  return own + TICK_MILLISECONDS * (Number(fields[11]) + Number(fields[12]));
}

/** llama_decode and the largest logit in a loop, one thread: `run(prompt, tokens)` gives milliseconds a token after the first. */
export async function openBare(path, { contextLength, vocabularySize }) {
  const llama = loadLlama();
  const native = await llama.model_load_from_file(path, llama.model_default_params());
  const context = await createContext(llama, native, vocabularySize, {
    cells: contextLength,
    sequences: 1,
    outputs: 1,
    threads: 1,
    flash: true,
    cache: "f16",
  });
  return {
    async run(prompt, tokens) {
      context.remove(0, 0);
      let row = 0;
      prompt.forEach((token, i) => {
        row = context.add(token, i, 0, i === prompt.length - 1);
      });
      await context.decode();
      let next = largest(context.logits(row));
      const [start, processor] = [performance.now(), processorMilliseconds()];
      for (let count = 1; count < tokens; count++) {
        row = context.add(next, prompt.length + count - 1, 0, true);
        await context.decode();
        next = largest(context.logits(row));
      }
      const steps = tokens - 1;
      return {
        clock: (performance.now() - start) / steps,
        cpu: (processorMilliseconds() - processor) / steps,
      };
    },
    close() {
      context.free();
      llama.model_free(native);
    },
  };
}

function largest(logits) {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  return best;
}

/** A stream alone: `work(onToken)` calls `onToken` at each of its tokens. Milliseconds a token after the first. */
export async function measureOne(work, tokens) {
  const [times, processor] = [[], []];
  await work(() => {
    times.push(performance.now());
    processor.push(processorMilliseconds());
  });
  expect(times, tokens);
  const steps = tokens - 1;
  return { clock: (times.at(-1) - times[0]) / steps, cpu: (processor.at(-1) - processor[0]) / steps };
}

/**
 * `count` streams at once: milliseconds by token of all together, `clock` and `cpu` while all of them run (they begin one after the
 * other, as their prompts are read), `whole` with prompts and ends; and each one's wait for its first token, sorted.
 */
export async function measureMany(count, work, tokens) {
  const start = performance.now();
  const processor = { begin: 0, end: 0 };
  let begun = 0;
  const streams = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const times = [];
      let lastHeard = 0;
      await work(i, () => {
        times.push(performance.now() - start);
        if (times.length === 1 && ++begun === count) processor.begin = processorMilliseconds();
        lastHeard = processorMilliseconds();
      });
      expect(times, tokens);
      processor.end ||= lastHeard;
      return times;
    }),
  );
  const firsts = streams.map((times) => times[0]).sort((a, b) => a - b);
  const ends = streams.map((times) => times.at(-1)).sort((a, b) => a - b);
  const together = streams.flat().filter((time) => time > firsts.at(-1) && time <= ends[0]).length;
  if (together === 0) throw new Error("the first stream had ended when the last began: take more tokens");
  return {
    clock: (ends[0] - firsts.at(-1)) / together,
    cpu: (processor.end - processor.begin) / together,
    whole: ends.at(-1) / (count * tokens),
    firsts,
  };
}

/** A token that ends inside a character is not heard of until the next. */
const LEAST_HEARD = 0.9;

function expect(times, tokens) {
  if (times.length > tokens || times.length < LEAST_HEARD * tokens)
    throw new Error(`${times.length} tokens were heard of, ${tokens} expected: another model may write more`);
}

/** The median over rounds of `over / under`. */
export const ratio = (over, under, what) => median(over.map((value, i) => value[what] / under[i][what]));

/** Tokens a second from milliseconds a token. */
export const rate = (values, what = "clock") =>
  (1000 / median(values.map((value) => value[what]))).toFixed(1);
