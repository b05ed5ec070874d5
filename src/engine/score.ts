// Scores continuations with any model whose logits can be visited.
import { UserError } from "../core/index.ts";
import type { Tokenizer } from "../tokenizer/index.ts";
import type { ContinuationScore, LogitModel, ScoreRequest } from "./language-model.ts";
import { logNormaliser } from "./log-softmax.ts";

/** Sums the log-probabilities of each continuation's tokens. */
export async function scoreTokens(
  model: Pick<LogitModel, "visitLogits">,
  prefix: Int32Array,
  continuations: readonly Int32Array[],
): Promise<ContinuationScore[]> {
  const scores = continuations.map(({ length }) => ({ logProbability: 0, tokens: length, greedy: true }));
  await model.visitLogits(prefix, continuations, (logits, continuation, position) => {
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
  });
  return scores;
}

/** Continuations that follow the same tokens, and which answers they are. */
interface Group {
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

function groupByPrefix(
  tokenizer: Tokenizer,
  { prompt, continuations }: ScoreRequest,
  request: number,
): Group[] {
  // One group, unless a continuation merged with the end of the prompt.
  const groups: Group[] = [];
  continuations.forEach((text, continuation) => {
    const pair = encodePair(tokenizer, prompt, text);
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

/**
 * Prompt and continuation as tokens: tokenised together and cut at the prompt's length; trailing spaces of the prompt go to
 * the continuation. Source: lm-evaluation-harness, `TemplateLM._encode_pair`. Two cases it leaves open: an empty prompt
 * becomes the beginning-of-text token (or end-of-text), and a continuation that merged into the prompt's last token is cut
 * where the two tokenisations part, instead of being empty and certain.
 */
export function encodePair(
  tokenizer: Tokenizer,
  prompt: string,
  continuation: string,
): { readonly prefix: Int32Array; readonly continuation: Int32Array } {
  const context = prompt.trimEnd();
  const encode = (text: string): Int32Array => tokenizer.encode(text, { special: "parse", bos: true });
  const prefix = encode(context);
  const whole = encode(prompt + continuation);
  let cut = prefix.length;
  if (whole.length <= cut && continuation !== "") {
    cut = 0;
    while (cut < whole.length - 1 && whole[cut] === prefix[cut]) cut++;
    if (cut > 0) return { prefix: whole.subarray(0, cut), continuation: whole.subarray(cut) };
  }
  if (cut > 0) return { prefix, continuation: whole.subarray(cut) };
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
