// Log-probabilities of a prompt's own tokens, for `echo`: one evaluation of what is new in it. Clients that score choices send
// the same prompt once for each choice, so what the last few prompts gave is kept; a row has the same bits wherever the evaluation
// begins (engine/llama-rows.ts).
import { type LogitModel, logNormaliser } from "../engine/index.ts";
import type { PlacedToken } from "./log-probabilities.ts";

/** What a scored prompt gave. */
export interface PromptScores {
  readonly tokens: readonly PlacedToken[];
  /** The most likely token after the prompt, when it was asked for. */
  readonly next: PlacedToken | undefined;
}

/** A prompt as it was evaluated, with what is known of each of its tokens but the first. */
interface Remembered {
  readonly all: Int32Array;
  readonly top: number;
  /** By place in `all`. */
  readonly placed: readonly PlacedToken[];
}

/** Prompts kept for each model, in memory alone. */
const MOST_REMEMBERED = 8;
/** More alternatives would take too much memory to be kept. */
const MOST_ALTERNATIVES = 5;

const memories = new WeakMap<LogitModel, Remembered[]>();

/**
 * Scores every token of `ids` given those before it, with `top` alternatives each. The first is reported without a
 * probability, as clients expect, even when `prefix` (a beginning-of-text id, itself not reported) stands before it.
 * `UserError` when they do not fit the context.
 */
export async function scorePromptTokens(
  model: LogitModel,
  ids: Int32Array,
  options: {
    readonly prefix: readonly number[];
    readonly top: number;
    /** Find the most likely token after the prompt as well; the context needs room for it. */
    readonly next: boolean;
  },
): Promise<PromptScores> {
  const { prefix, top } = options;
  const { vocabularySize } = model.tokenizer;
  const textOf = (id: number): string => model.tokenizer.decode([id], { special: true });
  const all = Int32Array.of(...prefix, ...ids);
  if (ids.length === 0) return { tokens: [], next: undefined };
  const memory = memories.get(model) ?? [];
  memories.set(model, memory);
  const { start, placed } = longestKnown(memory, all, top);
  let next: PlacedToken | undefined;
  // A last token that is never evaluated makes its predecessor give logits.
  const wanted = options.next ? Int32Array.of(...all.subarray(start), 0) : all.slice(start);
  if (wanted.length > 0) {
    await model.visitLogits(all.subarray(0, start), [wanted], (logits, _, position) => {
      const { logSum } = logNormaliser(logits);
      const describe = (id: number) => ({ id, text: textOf(id), logProbability: logits[id]! - logSum });
      const best = largest(logits, vocabularySize, Math.max(top, 1));
      const id = all[start + position];
      const token = { ...describe(id ?? best[0]!), top: best.slice(0, top).map(describe) };
      if (id === undefined) next = token;
      else placed[start + position] = token;
    });
  }
  if (top <= MOST_ALTERNATIVES) remember(memory, { all, top, placed });
  const first = { id: ids[0]!, text: textOf(ids[0]!), logProbability: undefined, top: [] };
  return { tokens: [first, ...placed.slice(prefix.length + 1)], next };
}

/** How much of `all` has been scored before, one token at least, and what that gave. */
function longestKnown(
  memory: readonly Remembered[],
  all: Int32Array,
  top: number,
): { start: number; placed: PlacedToken[] } {
  let start = 1;
  let placed: PlacedToken[] = [];
  for (const known of memory) {
    if (known.top !== top) continue;
    let shared = 0;
    while (shared < Math.min(all.length, known.all.length) && all[shared] === known.all[shared]) shared++;
    if (shared <= start) continue;
    start = shared;
    placed = known.placed.slice(0, shared);
  }
  return { start, placed };
}

/** The newest first; one that another continues is dropped. */
function remember(memory: Remembered[], scored: Remembered): void {
  const { all } = scored;
  const kept = memory.filter((known) => known.top !== scored.top || known.all.some((id, i) => id !== all[i]));
  memory.splice(0, memory.length, scored, ...kept.slice(0, MOST_REMEMBERED - 1));
}

/** Ids of the `count` largest logits, largest first, the lowest id first among equals. Rows past `size` are padding. */
function largest(logits: Float32Array, size: number, count: number): number[] {
  const best: number[] = [];
  for (let id = 0; id < size && count > 0; id++) {
    if (best.length === count && logits[id]! <= logits[best[count - 1]!]!) continue;
    let place = best.length;
    while (place > 0 && logits[best[place - 1]!]! < logits[id]!) place--;
    best.splice(place, 0, id);
    if (best.length > count) best.pop();
  }
  return best;
}
