// Texts as vectors: the last layer of every token, pooled here in 64-bit arithmetic, scaled to length 1. Texts are evaluated
// one by one in the same steps, so a vector does not depend on its neighbours.
import assert from "node:assert/strict";
import { UserError } from "../core/index.ts";
import { contextOverflow } from "./context-overflow.ts";
import type { Embedding, Pooling } from "./language-model.ts";
import type { LlamaContext } from "./llama-context.ts";
import { createMutex } from "./mutex.ts";

/** What embedding needs to know of its model. */
export interface EmbedderOptions {
  readonly contextLength: number;
  readonly pooling: Pooling;
  readonly encode: (text: string) => Int32Array;
  /** Called once, when the first text comes. */
  readonly createContext: (size: {
    readonly cells: number;
    readonly sequences: number;
    readonly outputs: number;
  }) => Promise<LlamaContext>;
}

/** Embeds texts; `close` waits for those under way. */
export interface Embedder {
  embed(texts: readonly string[], options?: { readonly pooling?: Pooling }): Promise<Embedding[]>;
  close(): Promise<void>;
}

/** llama.cpp computes logits for every row too: few rows at a time keep them small. */
const ROWS = 64;
/** A matrix product with one column takes another kernel, with other last bits (see llama-rows.ts). */
const FEWEST_ROWS = 2;
const PADDING_TOKEN = 0;

/** Makes an embedder; it takes no memory before its first text. */
export function createEmbedder(options: EmbedderOptions): Embedder {
  const { contextLength } = options;
  const exclusive = createMutex();
  let context: LlamaContext | undefined;

  async function embedTokens(
    native: LlamaContext,
    tokens: Int32Array,
    pooling: Pooling,
  ): Promise<Float32Array> {
    native.remove(0, 0);
    let sum: Float64Array | undefined;
    for (let start = 0; start < tokens.length; start += ROWS) {
      const end = Math.min(start + ROWS, tokens.length);
      for (let i = start; i < Math.max(end, start + FEWEST_ROWS); i++)
        native.add(tokens[i] ?? PADDING_TOKEN, i, 0, true);
      await native.decode();
      for (let i = pooling === "last" ? Math.max(start, tokens.length - 1) : start; i < end; i++) {
        const row = native.embedding(i - start);
        sum ??= new Float64Array(row.length);
        for (let d = 0; d < row.length; d++) sum[d]! += row[d]!;
      }
    }
    assert(sum !== undefined);
    let squares = 0;
    for (const value of sum) squares += value * value;
    const norm = Math.sqrt(squares);
    return Float32Array.from(sum, (value) => (norm === 0 ? 0 : value / norm));
  }

  return {
    embed: (texts, { pooling = options.pooling } = {}) =>
      exclusive(async () => {
        const encoded = texts.map(options.encode);
        encoded.forEach((tokens, i) => {
          if (tokens.length === 0)
            throw new UserError("empty-text", "an empty text has no vector", { at: `text ${i}` });
          if (tokens.length > contextLength) throw contextOverflow(tokens.length, contextLength);
        });
        context ??= await options.createContext({
          cells: contextLength + FEWEST_ROWS,
          sequences: 1,
          outputs: ROWS,
        });
        const embeddings: Embedding[] = [];
        for (const tokens of encoded)
          embeddings.push({ vector: await embedTokens(context, tokens, pooling), tokens: tokens.length });
        return embeddings;
      }),
    close: () =>
      exclusive(async () => {
        context?.free();
        context = undefined;
      }),
  };
}
