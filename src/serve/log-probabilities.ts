// Log-probabilities in OpenAI's two shapes: a list of objects (chat) and parallel arrays (legacy completions).
import type { TokenLogProbability } from "../engine/index.ts";
import type { GeneratedToken } from "./generation.ts";

/** JSON has no infinity; vLLM sends this in its place. */
const LOWEST = -9999;

/** A token at a place of the text; the first token of an echoed prompt has no probability. */
export type PlacedToken = Pick<GeneratedToken, "id" | "text"> & {
  readonly logProbability: number | undefined;
  readonly top: readonly TokenLogProbability[];
};

/** Parallel arrays over the tokens of a text. */
export interface LegacyLogProbabilities {
  readonly tokens: string[];
  readonly token_logprobs: (number | null)[];
  readonly top_logprobs: (Record<string, number> | null)[];
  /** In Unicode characters from the start of the text. */
  readonly text_offset: number[];
}

/** `choices[].logprobs.content[]` of a chat completion. `bytes` gives a token's bytes. */
export function chatTokenLogProbability(
  token: GeneratedToken,
  bytes: (token: TokenLogProbability) => Uint8Array,
) {
  const entry = (item: TokenLogProbability) => ({
    token: item.text,
    logprob: finite(item.logProbability),
    bytes: [...bytes(item)],
  });
  return { ...entry(token), top_logprobs: token.top.map(entry) };
}

/**
 * Arrays for `tokens`, which begin `offset` characters into the text; the chosen token is always among the alternatives. With
 * `asIds` tokens are named `token_id:N`.
 */
export function legacyLogProbabilities(
  tokens: readonly PlacedToken[],
  offset: number,
  asIds = false,
): LegacyLogProbabilities {
  const nameOf = ({ id, text }: Pick<PlacedToken, "id" | "text">): string =>
    asIds ? `token_id:${id}` : text;
  const arrays: LegacyLogProbabilities = {
    tokens: [],
    token_logprobs: [],
    top_logprobs: [],
    text_offset: [],
  };
  let place = offset;
  for (const token of tokens) {
    const { text, logProbability, top } = token;
    arrays.tokens.push(nameOf(token));
    arrays.text_offset.push(place);
    place += characters(text);
    if (logProbability === undefined) {
      arrays.token_logprobs.push(null);
      arrays.top_logprobs.push(null);
      continue;
    }
    const chosen = finite(logProbability);
    arrays.token_logprobs.push(chosen);
    const alternatives: Record<string, number> = {};
    for (const item of top) alternatives[nameOf(item)] = finite(item.logProbability);
    alternatives[nameOf(token)] = chosen;
    arrays.top_logprobs.push(alternatives);
  }
  return arrays;
}

/** Length in Unicode characters (code points). */
export function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function finite(logProbability: number): number {
  return Math.max(logProbability, LOWEST);
}
