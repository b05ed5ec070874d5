// What every answer shares: its name, its token counts, and how it learns that nobody waits for it any more.
import { randomUUID } from "node:crypto";
import type { Metrics } from "./metrics.ts";
import type { ServedModel } from "./models.ts";

/** What a handler needs besides the request. */
export interface ReplyContext {
  /** Aborted when the client goes away or the server stops at once. */
  readonly signal: AbortSignal;
  /** Aborts `signal`. */
  readonly abort: () => void;
  /** Takes failures of ours that no client can be told about. */
  readonly report: (error: unknown) => void;
  readonly metrics: Metrics;
  /** No answer has more tokens than this. */
  readonly maxTokens: number;
  /** From now on the answer may take so long, until the result is called; then `signal` aborts with an `ApiError`. */
  readonly startClock: () => () => void;
}

/** OpenAI's token counts. */
export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  /** Where the engine knows what its cache held. */
  readonly prompt_tokens_details?: { readonly cached_tokens: number };
}

/** What is counted of a request's answers. */
export interface TokenCounts {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Those of the prompts' tokens that a cache held; absent where no model said so. */
  readonly reusedTokens?: number;
}

/** What every answer of a model begins with. */
export interface ReplyHead {
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  readonly model: string;
  readonly system_fingerprint: string;
}

/** The head of a new answer. */
export function replyHead(prefix: string, served: ServedModel): ReplyHead {
  return {
    id: newId(prefix),
    created: Math.floor(Date.now() / 1000),
    model: served.id,
    system_fingerprint: served.fingerprint,
  };
}

/** A fresh id such as `chatcmpl-3f…`. */
function newId(prefix: string): string {
  return `${prefix}-${randomUUID().replaceAll("-", "")}`;
}

/** Counts in OpenAI's shape. */
export function usageOf(counts: TokenCounts): Usage {
  return {
    prompt_tokens: counts.promptTokens,
    completion_tokens: counts.completionTokens,
    total_tokens: counts.promptTokens + counts.completionTokens,
    ...(counts.reusedTokens === undefined
      ? {}
      : { prompt_tokens_details: { cached_tokens: counts.reusedTokens } }),
  };
}
