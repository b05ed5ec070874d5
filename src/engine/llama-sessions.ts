// Sessions over one shared context: those that advance at the same time are decoded in one batch.
import assert from "node:assert/strict";
import { UserError } from "../core/index.ts";
import { contextOverflow } from "./context-overflow.ts";
import type { Session } from "./language-model.ts";
import type { LlamaContext } from "./llama-context.ts";

/** Opens sessions; `close` waits for the decode under way and ends them all. */
export interface SessionPool {
  open(): Session;
  close(): Promise<void>;
}

/** What the pool needs to know of its model. */
export interface SessionPoolOptions {
  readonly contextLength: number;
  readonly vocabularySize: number;
  /** Most sessions open at once. */
  readonly maxSequences: number;
  /** Called once, when the first session advances. */
  readonly createContext: () => Promise<LlamaContext>;
}

/** A session's request to advance. */
interface Advance {
  readonly sequence: number;
  readonly tokens: Int32Array;
  readonly position: number;
  readonly logits: Float32Array;
  readonly resolve: (logits: Float32Array) => void;
  readonly reject: (error: unknown) => void;
  done: number;
}

/** Makes a pool; it takes no memory before a session advances. */
export function createSessionPool(options: SessionPoolOptions): SessionPool {
  const { contextLength, vocabularySize, maxSequences } = options;
  const free = Array.from({ length: maxSequences }, (_, sequence) => sequence);
  const queue: Advance[] = [];
  /** Rewinds; the context must not be touched while a decode runs. */
  const removals: { sequence: number; position: number }[] = [];
  let context: LlamaContext | undefined;
  let running: Promise<void> | undefined;
  let closed = false;

  async function run(): Promise<void> {
    // Sessions that advance in the same turn of the event loop get into the same batch.
    await Promise.resolve();
    context ??= await options.createContext();
    while (queue.length > 0 && !closed) {
      await decodeNextTokens(context);
      await decodeNextPrompt(context);
    }
  }

  /** One token for every session that generates. */
  function decodeNextTokens(native: LlamaContext): Promise<void> {
    return decodeBatch(native, queue.filter(({ tokens }) => tokens.length === 1).slice(0, native.capacity));
  }

  /** A piece of the oldest prompt; alone, so that its numbers do not depend on the other sessions. */
  function decodeNextPrompt(native: LlamaContext): Promise<void> {
    return decodeBatch(native, queue.filter(({ tokens }) => tokens.length > 1).slice(0, 1));
  }

  async function decodeBatch(native: LlamaContext, batch: Advance[]): Promise<void> {
    if (batch.length === 0) return;
    // llama.cpp evaluates ascending sequences together.
    batch.sort((a, b) => a.sequence - b.sequence);
    try {
      for (const { sequence, position } of removals.splice(0)) native.remove(sequence, position);
      const rows = batch.map((advance) => {
        const take = Math.min(advance.tokens.length - advance.done, native.capacity);
        let row = -1;
        for (let i = 0; i < take; i++) {
          const index = advance.done++;
          const last = advance.done === advance.tokens.length;
          row = native.add(advance.tokens[index]!, advance.position + index, advance.sequence, last);
        }
        return row;
      });
      await native.decode();
      batch.forEach((advance, i) => {
        if (advance.done < advance.tokens.length) return;
        advance.logits.set(native.logits(rows[i]!));
        queue.splice(queue.indexOf(advance), 1);
        advance.resolve(advance.logits);
      });
    } catch (error) {
      for (const advance of batch) {
        queue.splice(queue.indexOf(advance), 1);
        advance.reject(error);
      }
    }
  }

  function start(): void {
    running ??= run()
      .catch((error: unknown) => {
        for (const advance of queue.splice(0)) advance.reject(error);
      })
      .finally(() => {
        running = undefined;
        if (queue.length > 0 && !closed) start();
      });
  }

  function open(): Session {
    assert(!closed, "the model is closed");
    const sequence = free.shift();
    if (sequence === undefined) {
      throw new UserError("sequences-in-use", `all ${maxSequences} sequences of the model are in use`, {
        remedy: "Wait until one ends, or open the model with a larger maxSequences.",
      });
    }
    let logits: Float32Array | undefined;
    let length = 0;
    let advancing = false;
    let disposed = false;
    const release = (): void => {
      removals.push({ sequence, position: 0 });
      // The lowest free sequence is taken first: neighbours are decoded together.
      free.push(sequence);
      free.sort((a, b) => a - b);
    };
    return {
      get length() {
        return length;
      },
      async advance(tokens) {
        assert(!disposed && !closed, "the session has ended");
        assert(!advancing, "a session advances one step at a time");
        assert(tokens.length > 0, "advance needs at least one token");
        for (const token of tokens)
          assert(token >= 0 && token < vocabularySize, `token ${token} is not in the vocabulary`);
        if (length + tokens.length > contextLength)
          throw contextOverflow(length + tokens.length, contextLength);
        logits ??= new Float32Array(vocabularySize);
        advancing = true;
        try {
          const position = length;
          const target = logits;
          const result = await new Promise<Float32Array>((resolve, reject) => {
            queue.push({
              sequence,
              tokens: tokens.slice(),
              position,
              logits: target,
              resolve,
              reject,
              done: 0,
            });
            start();
          });
          length += tokens.length;
          return result;
        } catch (error) {
          removals.push({ sequence, position: length });
          throw error;
        } finally {
          advancing = false;
          if (disposed) release();
        }
      },
      rewind(position) {
        assert(!disposed && !advancing, "the session is advancing or has ended");
        assert(position >= 0 && position <= length, `cannot rewind from ${length} to ${position}`);
        if (position === length) return;
        length = position;
        removals.push({ sequence, position });
      },
      dispose() {
        if (disposed) return;
        disposed = true;
        if (!advancing) release();
      },
    };
  }

  return {
    open,
    async close() {
      closed = true;
      await running;
      const error = new Error("the model was closed");
      for (const advance of queue.splice(0)) advance.reject(error);
      context?.free();
      context = undefined;
    },
  };
}
