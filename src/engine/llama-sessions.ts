// Sessions over one shared context, decoded together as they come and go (continuous batching): each step evaluates one token
// of every session that generates, then a piece of the oldest prompt, so that nobody waits for a long one. A session that
// ends leaves its keys and values behind, and the next text that begins alike starts from them.
import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { UserError } from "../core/index.ts";
import { contextOverflow } from "./context-overflow.ts";
import type { Session, Usage } from "./language-model.ts";
import type { LlamaContext } from "./llama-context.ts";
import { createSlots } from "./llama-slots.ts";
import { type Advance, createSteps, type Owner, type Steps, type TokenCount } from "./llama-steps.ts";

/** Opens sessions; `close` waits for the decode under way and ends them all. */
export interface SessionPool {
  /** `UserError` when all sequences are in use. */
  open(): Session;
  /** Waits for a sequence instead, first come, first served. */
  openWhenFree(signal?: AbortSignal): Promise<Session>;
  usage(): Usage;
  close(): Promise<void>;
}

/** What the pool needs to know of its model. */
export interface SessionPoolOptions {
  readonly contextLength: number;
  readonly vocabularySize: number;
  /** Most sessions open at once. */
  readonly maxSequences: number;
  /** Numbers must not depend on the batch. */
  readonly exact: boolean;
  /** The last tokens of a sequence can be forgotten; models with a recurrent state cannot do that. */
  readonly rewinds: boolean;
  /** Called once, when the first session advances; each sequence must have a cell to spare. */
  readonly createContext: (sequences: number) => Promise<LlamaContext>;
}

/** Makes a pool; it takes no memory before a session advances. */
export function createSessionPool(options: SessionPoolOptions): SessionPool {
  const { contextLength, vocabularySize, maxSequences, rewinds } = options;
  // What makes numbers exact is padding, which must be forgotten again.
  const exact = options.exact && rewinds;
  const slots = createSlots(exact ? Math.max(maxSequences, 2) : maxSequences, contextLength);
  const queue: Advance[] = [];
  const waiting = new Set<() => void>();
  const usage: TokenCount = { promptTokens: 0, completionTokens: 0, reusedTokens: 0 };
  let open = 0;
  let context: LlamaContext | undefined;
  let steps: Steps | undefined;
  let running: Promise<void> | undefined;
  let closed = false;

  async function run(): Promise<void> {
    context ??= await options.createContext(slots.all.length);
    steps ??= createSteps({ context, slots, exact, rewinds, usage, finish });
    const { stepTokens, stepPrompt } = steps;
    for (;;) {
      // Whoever got logits in the last step has asked for the next by the end of this turn of the event loop.
      await nextTurn();
      if (closed) return;
      dropDisposed();
      if (queue.length === 0) return;
      const tokens = queue.filter((advance) => advance.tokens.length === 1);
      const prompt = queue.find((advance) => advance.tokens.length > 1);
      await step(steps, tokens, stepTokens);
      dropDisposed();
      if (prompt !== undefined && queue.includes(prompt))
        await step(steps, [prompt], () => stepPrompt(prompt));
    }
  }

  /** Sessions that were disposed while they waited leave here, between two decodes. */
  function dropDisposed(): void {
    for (let i = queue.length - 1; i >= 0; i--) {
      const advance = queue[i]!;
      if (!advance.owner.disposed) continue;
      settle(advance);
      advance.reject(new Error("the session was disposed"));
    }
  }

  /** Steps with those of a batch that can begin; who cannot fails alone, a step that fails is everybody's failure. */
  async function step(
    { begin, forget }: Steps,
    batch: readonly Advance[],
    work: (begun: readonly Advance[]) => Promise<void>,
  ): Promise<void> {
    const fail = (advance: Advance, error: unknown): void => {
      // What the sequence holds after a failure is unknown.
      if (advance.owner.slot !== undefined) forget(advance.owner.slot, 0);
      settle(advance);
      advance.reject(error);
    };
    const begun = batch.filter((advance) => {
      try {
        if (advance.done === undefined) begin(advance);
        return true;
      } catch (error) {
        fail(advance, error);
        return false;
      }
    });
    if (begun.length === 0) return;
    try {
      await work(begun);
    } catch (error) {
      // Those that had their logits before it failed have left the queue.
      for (const advance of begun) if (queue.includes(advance)) fail(advance, error);
    }
  }

  function finish(advance: Advance, logits: Float32Array): void {
    advance.logits.set(logits);
    settle(advance);
    advance.resolve(advance.logits);
  }

  /** Takes a request off the queue, and its session with it when that was disposed meanwhile. */
  function settle(advance: Advance): void {
    queue.splice(queue.indexOf(advance), 1);
    if (advance.owner.disposed) release(advance.owner);
  }

  function start(): void {
    running ??= run()
      .catch((error: unknown) => {
        for (const advance of [...queue]) {
          settle(advance);
          advance.reject(error);
        }
      })
      .finally(() => {
        running = undefined;
        if (queue.length > 0 && !closed) start();
      });
  }

  function release(owner: Owner): void {
    if (owner.slot !== undefined) slots.release(owner.slot);
    owner.slot = undefined;
    open--;
    const [next] = waiting;
    next?.();
  }

  function openSession(): Session {
    open++;
    const owner: Owner = { slot: undefined, disposed: false, reusedTokens: 0 };
    let logits: Float32Array | undefined;
    let length = 0;
    let advancing = false;
    return {
      get length() {
        return length;
      },
      get reusedTokens() {
        return owner.reusedTokens;
      },
      async advance(tokens) {
        assert(!owner.disposed && !closed, "the session has ended");
        assert(!advancing, "a session advances one step at a time");
        assert(tokens.length > 0, "advance needs at least one token");
        for (const token of tokens)
          assert(token >= 0 && token < vocabularySize, `token ${token} is not in the vocabulary`);
        if (length + tokens.length > contextLength)
          throw contextOverflow(length + tokens.length, contextLength);
        logits ??= new Float32Array(vocabularySize);
        advancing = true;
        try {
          const target = logits;
          const position = length;
          const copy = tokens.slice();
          const result = await new Promise<Float32Array>((resolve, reject) => {
            queue.push({ owner, tokens: copy, position, logits: target, resolve, reject, done: undefined });
            start();
          });
          length += tokens.length;
          return result;
        } finally {
          advancing = false;
        }
      },
      rewind(position) {
        assert(!owner.disposed && !advancing, "the session is advancing or has ended");
        assert(position >= 0 && position <= length, `cannot rewind from ${length} to ${position}`);
        length = position;
      },
      dispose() {
        if (owner.disposed) return;
        owner.disposed = true;
        // One that waits for its tokens is dropped between two decodes.
        if (!queue.some((advance) => advance.owner === owner)) release(owner);
      },
    };
  }

  return {
    usage: () => ({ ...usage }),
    open() {
      assert(!closed, "the model is closed");
      if (open < maxSequences) return openSession();
      throw new UserError("sequences-in-use", `all ${maxSequences} sequences of the model are in use`, {
        remedy: "Wait until one ends, or open the model with a larger maxSequences.",
      });
    },
    async openWhenFree(signal) {
      signal?.throwIfAborted();
      while (open >= maxSequences || closed) {
        if (closed) throw new Error("the model was closed");
        await new Promise<void>((resolve, reject) => {
          const leave = (): void => {
            waiting.delete(wake);
            signal?.removeEventListener("abort", abort);
          };
          const wake = (): void => {
            leave();
            resolve();
          };
          const abort = (): void => {
            leave();
            reject(signal!.reason);
          };
          waiting.add(wake);
          signal?.addEventListener("abort", abort, { once: true });
        });
      }
      return openSession();
    },
    async close() {
      closed = true;
      await running;
      const error = new Error("the model was closed");
      for (const advance of queue.splice(0)) advance.reject(error);
      for (const wake of [...waiting]) wake();
      context?.free();
      context = undefined;
    },
  };
}
