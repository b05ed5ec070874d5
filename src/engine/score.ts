// Scores continuations with any model whose logits can be visited.
import { UserError } from "../core/index.ts";
import type { Tokenizer } from "../tokenizer/index.ts";
import type { ContinuationScore, LogitModel, LogitVisitor, ScoreRequest } from "./language-model.ts";
import { logNormaliser } from "./log-softmax.ts";

/** Sums the log-probabilities of each continuation's tokens. */
export async function scoreTokens(
  model: Pick<LogitModel, "visitLogits">,
  prefix: Int32Array,
  continuations: readonly Int32Array[],
): Promise<ContinuationScore[]> {
  const { scores, visit } = createScoreSums(continuations);
  await model.visitLogits(prefix, continuations, visit);
  return scores;
}

/** The sums of `scoreTokens` while the logits are visited; `scores` is complete when the visit has ended. */
export function createScoreSums(continuations: readonly Int32Array[]): {
  readonly scores: ContinuationScore[];
  readonly visit: LogitVisitor;
} {
  const scores = continuations.map(({ length }) => ({ logProbability: 0, tokens: length, greedy: true }));
  const visit: LogitVisitor = (logits, continuation, position) => {
    const { argmax, logSum } = logNormaliser(logits);
    const add = (index: number): void => {
      const token = continuations[index]![position];
      if (token === undefined) return;
      const score = scores[index]!;
      score.logProbability += logits[token]! - logSum;
      score.greedy &&= token === argmax;
    };
    if (continuation !== undefined) add(continuation);
    else for (let index = 0; index < continuations.length; index++) add(index);
  };
  return { scores, visit };
}

/** Continuations that follow the same tokens, and which answers they are. */
export interface PrefixGroup {
  readonly prefix: Int32Array;
  readonly continuations: Int32Array[];
  readonly places: { readonly request: number; readonly continuation: number }[];
}

/** `LanguageModel.score` over token scores: tokenises, groups by prefix, and orders so that neighbours share a long one. */
export async function scoreRequests(
  model: Pick<LogitModel, "tokenizer" | "scoreTokens">,
  requests: readonly ScoreRequest[],
): Promise<ContinuationScore[][]> {
  const results: ContinuationScore[][] = requests.map(({ continuations }) => new Array(continuations.length));
  const groups = requests
    .flatMap((request, index) => groupByPrefix(model.tokenizer, request, index))
    .sort((a, b) => compareTokens(a.prefix, b.prefix));
  for (const { prefix, continuations, places } of groups) {
    const scores = await model.scoreTokens(prefix, continuations);
    places.forEach(({ request, continuation }, i) => {
      results[request]![continuation] = scores[i]!;
    });
  }
  return results;
}

/** A request as tokens; `request` is put into the places. */
export function groupByPrefix(
  tokenizer: Tokenizer,
  { prompt, continuations }: ScoreRequest,
  request: number,
): PrefixGroup[] {
  // One group, unless a continuation merged with the end of the prompt.
  const groups: PrefixGroup[] = [];
  const context = encodeContext(tokenizer, prompt);
  continuations.forEach((text, continuation) => {
    const pair = encodeAfter(tokenizer, context, prompt, text);
    let group = groups.find(({ prefix }) => compareTokens(prefix, pair.prefix) === 0);
    if (group === undefined) {
      group = { prefix: pair.prefix, continuations: [], places: [] };
      groups.push(group);
    }
    group.continuations.push(pair.continuation);
    group.places.push({ request, continuation });
  });
  return groups;
}

/** A prompt and a continuation as tokens. */
interface EncodedPair {
  readonly prefix: Int32Array;
  readonly continuation: Int32Array;
}

/** The prompt without its trailing spaces, in tokens: the same for all its continuations. */
function encodeContext(tokenizer: Tokenizer, prompt: string): Int32Array {
  return tokenizer.encode(prompt.trimEnd(), { special: "parse", bos: true });
}

/**
 * Prompt and continuation as tokens: tokenised together and cut at the prompt's length; trailing spaces of the prompt go to
 * the continuation (lm-evaluation-harness, `TemplateLM._encode_pair`). Where a token would reach over the border (`:` and a word
 * make one piece in Qwen's pre-tokenizer) that rule leaves the first letters unscored: here prompt and continuation are
 * then tokenised apart, as they are in training. An empty prompt becomes the beginning-of-text token (or end-of-text).
 */
function encodeAfter(
  tokenizer: Tokenizer,
  prefix: Int32Array,
  prompt: string,
  continuation: string,
): EncodedPair {
  const whole = tokenizer.encode(prompt + continuation, { special: "parse", bos: true });
  if (prefix.length > 0) {
    const together = whole.length > prefix.length && prefix.every((id, i) => whole[i] === id);
    const rest = prompt.slice(prompt.trimEnd().length) + continuation;
    return {
      prefix,
      continuation: together ? whole.subarray(prefix.length) : tokenizer.encode(rest, { special: "parse" }),
    };
  }
  const start = tokenizer.bosId ?? tokenizer.eosId;
  if (start === undefined) {
    throw new UserError("empty-prompt", "the prompt is empty and the model has no token that starts a text", {
      remedy: "Give a prompt.",
    });
  }
  return { prefix: Int32Array.of(start), continuation: whole };
}

/** Lexicographic order: texts that start alike stand together. */
function compareTokens(a: Int32Array, b: Int32Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
