// What every answer shares: its name, its token counts, and how it learns that nobody waits for it any more.
import { randomUUID } from "node:crypto";
import type { Metrics } from "./metrics.ts";

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
}

/** A fresh id such as `chatcmpl-3f…`. */
export function newId(prefix: string): string {
  return `${prefix}-${randomUUID().replaceAll("-", "")}`;
}

/** Counts in OpenAI's shape. */
export function usageOf(counts: { readonly promptTokens: number; readonly completionTokens: number }): Usage {
  return {
    prompt_tokens: counts.promptTokens,
    completion_tokens: counts.completionTokens,
    total_tokens: counts.promptTokens + counts.completionTokens,
  };
}
