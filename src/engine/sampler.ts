// Picks the next token from logits: bias, penalties, grammar, temperature, top-k, top-p, min-p, then a seeded draw.
import { createRandom, UserError } from "../core/index.ts";
import type { SamplingOptions, TokenConstraint } from "./language-model.ts";

/** Chooses a token id; `history` is every token of the sequence so far, prompt included. */
export type Sampler = (logits: Float32Array, history: readonly number[]) => number;

/** What a sampler knows besides its options. */
export interface SamplerContext {
  /** Tokens at the start of the history that were not generated. Default 0. */
  readonly promptLength?: number;
  readonly constraint?: TokenConstraint | undefined;
}

/** Tokens that the repetition penalty looks back on. */
const PENALTY_WINDOW = 64;
/** Candidates for top-p are first sought among tokens at least exp(-8) as likely as the best; then ever further down. */
const FIRST_DEPTH = 8;

/** Makes a sampler with a random stream of its own. */
export function createSampler(options: SamplingOptions, context: SamplerContext = {}): Sampler {
  const { temperature = 0, topK = 0, topP = 1, minP = 0, seed = 0 } = options;
  const random = createRandom(seed);
  const adjust = createAdjustment(options, context.promptLength ?? 0);

  function draw(logits: Float32Array): number {
    if (temperature === 0) return argmax(logits);
    const kept = candidates(logits, { temperature, topK, topP, minP });
    let total = 0;
    for (const { weight } of kept) total += weight;
    let left = random.next() * total;
    for (const { id, weight } of kept) {
      left -= weight;
      if (left < 0) return id;
    }
    return kept[kept.length - 1]!.id;
  }

  const { constraint } = context;
  return (logits, history) => {
    const adjusted = adjust === undefined ? logits : adjust(logits, history);
    let id = draw(adjusted);
    if (constraint === undefined) return id;
    // Most draws follow the grammar; a whole vocabulary is checked only after one that does not.
    if (!constraint.allows(id)) {
      const restricted = adjusted.slice();
      constraint.restrict(restricted);
      if (restricted[argmax(restricted)] === Number.NEGATIVE_INFINITY)
        throw new UserError("grammar-dead-end", "no token of the model can follow the grammar here");
      id = draw(restricted);
    }
    constraint.accept(id);
    return id;
  };
}

/** Bias and penalties on a copy of the logits; `undefined` when the options change nothing. */
function createAdjustment(
  options: SamplingOptions,
  promptLength: number,
): ((logits: Float32Array, history: readonly number[]) => Float32Array) | undefined {
  const { repetitionPenalty = 1, frequencyPenalty = 0, presencePenalty = 0, logitBias } = options;
  const counts = frequencyPenalty !== 0 || presencePenalty !== 0;
  if (repetitionPenalty === 1 && !counts && (logitBias === undefined || logitBias.size === 0))
    return undefined;
  return (logits, history) => {
    const result = logits.slice();
    for (const [id, bias] of logitBias ?? []) if (id < result.length) result[id] = result[id]! + bias;
    if (repetitionPenalty !== 1) penalise(result, history.slice(-PENALTY_WINDOW), repetitionPenalty);
    if (counts) {
      const seen = new Map<number, number>();
      for (let i = promptLength; i < history.length; i++)
        seen.set(history[i]!, (seen.get(history[i]!) ?? 0) + 1);
      for (const [id, count] of seen) result[id] = result[id]! - count * frequencyPenalty - presencePenalty;
    }
    return result;
  };
}

/** Divides positive and multiplies negative logits of `recent` tokens (CTRL, arXiv 1909.05858, section 4.1). */
function penalise(logits: Float32Array, recent: readonly number[], penalty: number): void {
  for (const id of new Set(recent)) {
    const logit = logits[id];
    if (logit !== undefined) logits[id] = logit > 0 ? logit / penalty : logit * penalty;
  }
}

/** The most likely id; the lowest of several. */
function argmax(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  return best;
}

/** The `count` most likely ids, most likely first; the lower id first on a tie. */
export function mostLikely(logits: Float32Array, count: number): number[] {
  if (count === 0) return [];
  if (count >= logits.length) return [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b);
  const best: number[] = [];
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (best.length === count && logit <= logits[best[count - 1]!]!) continue;
    let place = Math.min(best.length, count - 1);
    while (place > 0 && logits[best[place - 1]!]! < logit) {
      best[place] = best[place - 1]!;
      place--;
    }
    best[place] = id;
  }
  return best;
}

interface Candidate {
  readonly id: number;
  /** Probability up to a common factor; the most likely token has 1. */
  readonly weight: number;
}

/** Above this, keeping a sorted list of the best costs more than sorting all. */
const MOST_BY_INSERTION = 256;

function candidates(
  logits: Float32Array,
  { temperature, topK, topP, minP }: { temperature: number; topK: number; topP: number; minP: number },
): Candidate[] {
  const max = logits[argmax(logits)]!;
  const weigh = (id: number): Candidate => ({ id, weight: Math.exp((logits[id]! - max) / temperature) });
  let kept: Candidate[];
  if (topK > 0 && topK < logits.length) {
    kept = (
      topK <= MOST_BY_INSERTION ? mostLikely(logits, topK) : mostLikely(logits, logits.length).slice(0, topK)
    ).map(weigh);
    if (topP < 1) {
      const total = kept.reduce((sum, { weight }) => sum + weight, 0);
      kept = nucleus(kept, topP * total) ?? kept;
    }
  } else if (topP < 1) {
    let total = 0;
    for (let id = 0; id < logits.length; id++) total += Math.exp((logits[id]! - max) / temperature);
    kept = likelyNucleus(logits, max, temperature, topP * total, weigh);
  } else {
    kept = Array.from(logits, (_, id) => weigh(id));
  }
  return minP > 0 ? kept.filter(({ weight }) => weight >= minP) : kept;
}

/** The nucleus without sorting the whole vocabulary: only tokens near the best are sorted, unless they do not suffice. */
function likelyNucleus(
  logits: Float32Array,
  max: number,
  temperature: number,
  mass: number,
  weigh: (id: number) => Candidate,
): Candidate[] {
  for (let depth = FIRST_DEPTH; ; depth *= 4) {
    const near: number[] = [];
    const lowest = max - depth * temperature;
    for (let id = 0; id < logits.length; id++) if (logits[id]! >= lowest) near.push(id);
    near.sort((a, b) => logits[b]! - logits[a]! || a - b);
    const sorted = near.map(weigh);
    const found = nucleus(sorted, mass);
    if (found !== undefined) return found;
    if (near.length === logits.length || depth > 1e6) return sorted;
  }
}

/** The shortest start of `sorted` whose weights sum to at least `mass`. */
function nucleus(sorted: readonly Candidate[], mass: number): Candidate[] | undefined {
  let sum = 0;
  for (let i = 0; i < sorted.length; i++) {
    sum += sorted[i]!.weight;
    if (sum >= mass) return sorted.slice(0, i + 1);
  }
  return undefined;
}
