// Why a trio says what it says: its generation, token by token, with what each of the three wanted at that place.
import assert from "node:assert/strict";
import { UserError } from "../core/index.ts";
import { type GenerateRequest, klDivergence, logNormaliser, mostLikely } from "../engine/index.ts";
import type { Tokenizer } from "../tokenizer/index.ts";
import { alignVocabularies } from "./align-vocabularies.ts";
import type { ProxyStep } from "./join-sessions.ts";
import { createProxyModel, type ProxyOptions } from "./proxy-model.ts";

/** A token and how likely it is. */
export interface LikelyToken {
  /** The token's bytes, which may be a part of a character. */
  readonly bytes: Uint8Array;
  readonly probability: number;
}

/** What one distribution says at one place. */
export interface Opinion {
  /** Its most likely tokens, most likely first. */
  readonly top: readonly LikelyToken[];
  /** How likely it holds the token that was chosen; 0 when its vocabulary lacks it. */
  readonly chosen: number;
}

/** One generated token. */
export interface ExplainedToken {
  readonly id: number;
  readonly bytes: Uint8Array;
  /** True for the token that ends the text and its like, which are no text. */
  readonly special: boolean;
  readonly base: Opinion;
  readonly expert: Opinion;
  readonly anti: Opinion;
  /** The distribution that the token was chosen from. */
  readonly combined: Opinion;
  /** True when the base alone puts another token first. */
  readonly changed: boolean;
  /** KL(combined || base) in nats; over the candidates where the base is a server that returns no more. */
  readonly klToBase: number;
  /** Probability of what the base's server did not return; 0 for a base that gives all its logits. */
  readonly truncated: number;
}

/** How much to tell. */
export interface ExplainOptions extends ProxyOptions {
  readonly request: GenerateRequest;
  /** Most likely tokens of each; default 3. */
  readonly top?: number;
}

/**
 * Generates as the trio does (same request, same tokens) and tells of each token. `UserError` at alpha 0, where the small models
 * are not asked.
 */
export async function* explainGeneration(options: ExplainOptions): AsyncGenerator<ExplainedToken> {
  const { request, top = 3 } = options;
  if (options.alpha === 0) {
    throw new UserError("nothing-to-explain", "at alpha 0 the base speaks alone", {
      remedy: "Give another alpha.",
    });
  }
  let latest: ProxyStep | undefined;
  const trio = createProxyModel({
    ...options,
    observe: (step) => {
      latest = step;
    },
  });
  const toExpert = alignVocabularies(options.base, options.expert).ids;
  const toAnti = alignVocabularies(options.base, options.anti).ids;
  const { tokenizer } = options.base;
  for await (const { token } of trio.generate({ ...request, topLogProbabilities: 0 })) {
    if (token === undefined) continue;
    assert(latest !== undefined, "a token was generated from no logits");
    const { id } = token;
    const { base, expert, anti, combined } = latest;
    yield {
      id,
      bytes: bytesOf(tokenizer, id),
      special: tokenizer.isSpecial(id) || tokenizer.isEnd(id),
      base: opinion(base, tokenizer, id, top),
      expert: opinion(expert, options.expert.tokenizer, toExpert[id], top),
      anti: opinion(anti, options.anti.tokenizer, toAnti[id], top),
      combined: opinion(combined, tokenizer, id, top),
      changed: mostLikely(base, 1)[0] !== id,
      klToBase: klDivergence(combined, base),
      truncated:
        options.base.truncation === undefined ? 0 : Math.max(0, 1 - Math.exp(logNormaliser(base).logSum)),
    };
  }
}

/** The softmax of `logits` at its largest places and at the chosen token. */
function opinion(
  logits: Float32Array,
  tokenizer: Tokenizer,
  chosen: number | undefined,
  count: number,
): Opinion {
  const { logSum } = logNormaliser(logits);
  const probability = (id: number): number => Math.exp((logits[id] ?? Number.NEGATIVE_INFINITY) - logSum);
  return {
    top: mostLikely(logits, count).map((id) => ({
      bytes: bytesOf(tokenizer, id),
      probability: probability(id),
    })),
    chosen: chosen === undefined ? 0 : probability(chosen),
  };
}

/** Padding rows of a vocabulary have no bytes. */
function bytesOf(tokenizer: Tokenizer, id: number): Uint8Array {
  return id < tokenizer.vocabularySize ? tokenizer.bytes(id) : new Uint8Array();
}
