// Sessions over one shared context, decoded together as they come and go (continuous batching): each step evaluates one token
// of every session that generates, then a piece of the oldest prompt, so that nobody waits for a long one. A session that
// ends leaves its keys and values behind, and the next text that begins alike starts from them.
//
// In exact mode logits do not depend on who else is in the batch, nor on how prompts are cut, nor on what caches hold. Beyond
// the conditions in llama-rows.ts this needs that a generated token is one row of its sequence beside another sequence's row,
// a prompt's piece two rows at least (attention over one row takes another kernel), and that texts start from the tokens of
// earlier prompts alone, not from generated ones.
import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { UserError } from "../core/index.ts";
import { contextOverflow } from "./context-overflow.ts";
import type { Session, Usage } from "./language-model.ts";
import type { LlamaContext } from "./llama-context.ts";
import { createSlots, type Slot, sharedTokens } from "./llama-slots.ts";

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

/** A session's request to advance. */
interface Advance {
  readonly owner: Owner;
  readonly tokens: Int32Array;
  /** Place of the first token. */
  readonly position: number;
  readonly logits: Float32Array;
  readonly resolve: (logits: Float32Array) => void;
  readonly reject: (error: unknown) => void;
  /** Tokens evaluated or found in the cache so far; undefined before the first step. */
  done: number | undefined;
}

/** What a session owns. */
interface Owner {
  slot: Slot | undefined;
  disposed: boolean;
  reusedTokens: number;
}

const PADDING_TOKEN = 0;
/** llama.cpp evaluates only neighbouring sequences together: a gap of idle ones costs less when it is filled. */
const WIDEST_GAP = 4;
/** Rows of a prompt at a time: first, at least, at most; between them what takes about as long as people wait for a word. */
const FIRST_PIECE = 64;
const SMALLEST_PIECE = 16;
const QUICK_MILLISECONDS = 50;
const SLOW_MILLISECONDS = 150;

/** Makes a pool; it takes no memory before a session advances. */
export function createSessionPool(options: SessionPoolOptions): SessionPool {
  const { contextLength, vocabularySize, maxSequences, rewinds } = options;
  // Padding must be forgotten again.
  const exact = options.exact && rewinds;
  const widestGap = !rewinds ? 0 : exact ? maxSequences : WIDEST_GAP;
  const slots = createSlots(exact ? Math.max(maxSequences, 2) : maxSequences, contextLength);
  const queue: Advance[] = [];
  const waiting = new Set<() => void>();
  const usage = { promptTokens: 0, completionTokens: 0, reusedTokens: 0 };
  let open = 0;
  let piece = FIRST_PIECE;
  let context: LlamaContext | undefined;
  let running: Promise<void> | undefined;
  let closed = false;

  async function run(): Promise<void> {
    context ??= await options.createContext(slots.all.length);
    for (;;) {
      // Whoever got logits in the last step has asked for the next by the end of this turn of the event loop.
      await nextTurn();
      if (closed) return;
      dropDisposed();
      if (queue.length === 0) return;
      const tokens = queue.filter((advance) => advance.tokens.length === 1);
      const prompt = queue.find((advance) => advance.tokens.length > 1);
      if (tokens.length > 0) await decode(context, tokens, decodeTokens);
      dropDisposed();
      if (prompt !== undefined && queue.includes(prompt)) await decode(context, [prompt], decodePrompt);
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

  async function decode(
    native: LlamaContext,
    batch: readonly Advance[],
    work: (native: LlamaContext, batch: readonly Advance[]) => Promise<void>,
  ): Promise<void> {
    const begun = batch.filter((advance) => advance.done !== undefined || begin(native, advance));
    if (begun.length === 0) return;
    try {
      await work(native, begun);
    } catch (error) {
      for (const advance of begun) fail(native, advance, error);
    }
  }

  function fail(native: LlamaContext, advance: Advance, error: unknown): void {
    // What the sequence holds after a failure is unknown.
    if (advance.owner.slot !== undefined) forget(native, advance.owner.slot, 0);
    settle(advance);
    advance.reject(error);
  }

  /** Finds a sequence for a session's first tokens, and skips those that the sequence holds; false when that failed. */
  function begin(native: LlamaContext, advance: Advance): boolean {
    const { owner, tokens, position } = advance;
    if (owner.slot === undefined) {
      const { slot, copyFrom } = slots.take(tokens);
      owner.slot = slot;
      if (copyFrom !== undefined) {
        native.copy(copyFrom.sequence, slot.sequence);
        slot.held.splice(0, slot.held.length, ...copyFrom.held);
        slot.reusable = copyFrom.reusable;
      }
    }
    const { slot } = owner;
    let shared = Math.max(0, sharedTokens(slot, position, tokens));
    if (!forget(native, slot, position + shared)) {
      // A recurrent state cannot be cut: it starts anew.
      if (position > 0) {
        fail(native, advance, cannotRewind());
        return false;
      }
      shared = 0;
    }
    advance.done = shared;
    usage.promptTokens += shared;
    usage.reusedTokens += shared;
    owner.reusedTokens += shared;
    return true;
  }

  /** Forgets a sequence from `position` on; false when the model could only forget all of it. */
  function forget(native: LlamaContext, slot: Slot, position: number): boolean {
    if (slot.held.length === position) return true;
    const cut = native.tryRemove(slot.sequence, position);
    if (!cut) native.tryRemove(slot.sequence, 0);
    slot.held.length = cut ? position : 0;
    slot.reusable = Math.min(slot.reusable, slot.held.length);
    return cut;
  }

  /** One token for every session that generates. */
  async function decodeTokens(native: LlamaContext, batch: readonly Advance[]): Promise<void> {
    const bySequence = new Map(batch.map((advance) => [advance.owner.slot!.sequence, advance]));
    const sequences = fillGaps(
      [...bySequence.keys()].sort((a, b) => a - b),
      widestGap,
    );
    const alone = exact && batch.length === 1;
    if (alone) {
      const [sequence = 0] = sequences;
      if (sequence + 1 < slots.all.length) sequences.push(sequence + 1);
      else sequences.unshift(sequence - 1);
    }
    const rows = new Map<Advance, number>();
    for (const sequence of sequences) {
      const advance = bySequence.get(sequence);
      const token = advance?.tokens[0] ?? PADDING_TOKEN;
      const wanted = advance !== undefined || alone;
      const row = native.add(token, slots.all[sequence]!.held.length, sequence, wanted);
      if (advance !== undefined) rows.set(advance, row);
    }
    await native.decode();
    usage.completionTokens += rows.size;
    for (const sequence of sequences)
      if (!bySequence.has(sequence)) native.tryRemove(sequence, slots.all[sequence]!.held.length);
    for (const [advance, row] of rows) {
      const slot = advance.owner.slot!;
      slot.held.push(advance.tokens[0]!);
      if (!exact) slot.reusable = slot.held.length;
      finish(advance, native.logits(row));
    }
  }

  /** A piece of the oldest prompt; it has a batch of its own because llama.cpp would cut a mixed one in two anyway. */
  async function decodePrompt(native: LlamaContext, [advance]: readonly Advance[]): Promise<void> {
    const { tokens, owner } = advance!;
    const slot = owner.slot!;
    const { held, sequence } = slot;
    const from = advance!.done!;
    const to = Math.min(from + Math.min(piece, native.capacity), tokens.length);
    const last = to === tokens.length;
    const rows = exact && to - from === 1 ? 2 : to - from;
    let row = -1;
    for (let i = 0; i < rows; i++) {
      const wanted = last && i >= to - from - (exact ? 2 : 1);
      const index = native.add(tokens[from + i] ?? PADDING_TOKEN, held.length + i, sequence, wanted);
      if (from + i === tokens.length - 1) row = index;
    }
    const started = performance.now();
    await native.decode();
    adaptPiece(to - from, performance.now() - started);
    const reusable = slot.reusable === held.length;
    for (let i = from; i < to; i++) held.push(tokens[i]!);
    if (reusable) slot.reusable = held.length;
    if (rows > to - from) native.tryRemove(sequence, held.length);
    usage.promptTokens += to - from;
    advance!.done = to;
    if (last) finish(advance!, native.logits(row));
  }

  function adaptPiece(rows: number, milliseconds: number): void {
    if (rows < piece) return;
    if (milliseconds < QUICK_MILLISECONDS) piece = Math.min(context!.capacity, 2 * piece);
    else if (milliseconds > SLOW_MILLISECONDS) piece = Math.max(SMALLEST_PIECE, piece / 2);
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

function cannotRewind(): UserError {
  return new UserError(
    "cannot-rewind",
    "models with a recurrent state cannot go back to an earlier position",
  );
}

/** Ascending sequences with gaps of at most `widest` idle ones filled. */
function fillGaps(sequences: readonly number[], widest: number): number[] {
  const filled: number[] = [];
  for (const sequence of sequences) {
    const gap = sequence - (filled.at(-1) ?? sequence) - 1;
    if (gap <= widest) for (let i = gap; i > 0; i--) filled.push(sequence - i);
    filled.push(sequence);
  }
  return filled;
}
