// The smallest real language model: which byte follows the last few, counted over a text. For tests that need no GGUF file;
// what a model does with its logits comes from the engine, as for any other. With a long memory it recites its text; it can be
// slowed down so that it can be interrupted.
import { setTimeout as sleep } from "node:timers/promises";
import type { Tokenizer } from "../tokenizer/index.ts";
import { contextOverflow } from "./context-overflow.ts";
import type { LogitModel, Session } from "./language-model.ts";
import { createLogitModel } from "./logit-model.ts";

const END = 256;
const VOCABULARY = 257;

const byteTokenizer: Tokenizer = {
  vocabularySize: VOCABULARY,
  bosId: undefined,
  eosId: END,
  addBos: false,
  encode: (text) => Int32Array.from(Buffer.from(text)),
  decode: (ids, options) =>
    Buffer.concat(
      Array.from(ids, (id) => Buffer.from(id === END ? (options?.special ? "<end>" : "") : [id])),
    ).toString(),
  bytes: (id) => (id === END ? Buffer.from("<end>") : Uint8Array.of(id)),
  isSpecial: (id) => id === END,
  isEnd: (id) => id === END,
};

/** A model that tests can look into. */
export interface NgramModel extends LogitModel {
  /** Sessions opened so far. */
  readonly opened: () => number;
  /** Sessions open now. */
  readonly active: () => number;
}

/** Options for `createNgramModel`. */
export interface NgramOptions {
  /** Default `ngram`. */
  readonly id?: string;
  /** Bytes that the next one depends on; fewer where they were never seen. Default 1. */
  readonly memory?: number;
  /** Bytes. Default 4096. */
  readonly contextLength?: number;
  /** Milliseconds that each step of a session takes. */
  readonly delay?: number;
}

/** Counts the bytes of `text`. */
export function createNgramModel(text: string, options: NgramOptions = {}): NgramModel {
  const { memory = 1, contextLength = 4096 } = options;
  const counts = new Map<string, Float32Array>();
  const ids = [...Buffer.from(text), END];
  for (let i = 1; i < ids.length; i++) {
    for (let length = 0; length <= Math.min(memory, i); length++) {
      const context = ids.slice(i - length, i).join();
      if (!counts.has(context)) counts.set(context, new Float32Array(VOCABULARY).fill(0.001));
      counts.get(context)![ids[i]!]! += 1;
    }
  }
  const logitsAfter = (before: readonly number[]): Float32Array => {
    let context = before.slice(-memory);
    while (!counts.has(context.join())) context = context.slice(1);
    return counts.get(context.join())!.map(Math.log);
  };
  let opened = 0;
  let active = 0;

  function open(): Session {
    let ids: number[] = [];
    opened++;
    active++;
    return {
      get length() {
        return ids.length;
      },
      async advance(tokens) {
        if (options.delay !== undefined) await sleep(options.delay);
        ids.push(...tokens);
        return logitsAfter(ids);
      },
      rewind(length) {
        ids = ids.slice(0, length);
      },
      dispose() {
        active--;
      },
    };
  }
  const model = createLogitModel({
    id: options.id ?? "ngram",
    contextLength,
    vocabularySize: VOCABULARY,
    tokenizer: byteTokenizer,
    formatChat: (messages) =>
      `${messages.map(({ role, content }) => `${role}: ${content}\n`).join("")}assistant: `,
    open,
    async visitLogits(prefix, continuations, visit) {
      const longest = prefix.length + Math.max(...continuations.map((ids) => ids.length));
      if (longest > contextLength) throw contextOverflow(longest, contextLength);
      visit(logitsAfter([...prefix]), undefined, 0);
      for (const [c, ids] of continuations.entries()) {
        for (let i = 1; i < ids.length; i++) visit(logitsAfter([...prefix, ...ids.subarray(0, i)]), c, i);
      }
    },
    close: async () => {},
  });
  return { ...model, opened: () => opened, active: () => active };
}
