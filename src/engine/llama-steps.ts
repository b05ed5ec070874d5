// What sessions that share a context have evaluated: a token of each that generates, or a piece of one's prompt. Knows sequences and
// what they hold, not who waits for what.
//
// In exact mode logits do not depend on who else is in the batch, nor on how prompts are cut, nor on what caches hold. Beyond
// the conditions in llama-rows.ts this needs that a generated token is one row of its sequence beside another sequence's row,
// a prompt's piece two rows at least (attention over one row takes another kernel), and that texts start from the tokens of
// earlier prompts alone, not from generated ones.
import { UserError } from "../core/index.ts";
import type { LlamaContext } from "./llama-context.ts";
import { type Slot, type Slots, sharedTokens } from "./llama-slots.ts";

/** A session's request to advance. */
export interface Advance {
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
export interface Owner {
  slot: Slot | undefined;
  disposed: boolean;
  reusedTokens: number;
}

/** Tokens evaluated so far, and those that were found in a cache. */
export interface TokenCount {
  promptTokens: number;
  completionTokens: number;
  reusedTokens: number;
}

/** How steps are made. */
export interface StepOptions {
  readonly context: LlamaContext;
  readonly slots: Slots;
  /** Numbers must not depend on the batch. */
  readonly exact: boolean;
  /** The last tokens of a sequence can be forgotten. */
  readonly rewinds: boolean;
  /** Added to. */
  readonly usage: TokenCount;
  /** Called with the logits after a request's last token: a view that is dead at the next step. */
  readonly finish: (advance: Advance, logits: Float32Array) => void;
}

/** Makes steps on one context; after one that failed, `forget` what its sequences held. */
export interface Steps {
  /** Finds a sequence for a session's first tokens, and skips those that the sequence holds. `UserError` when it cannot be cut there. */
  begin(advance: Advance): void;
  /** One token for every session that generates. */
  stepTokens(batch: readonly Advance[]): Promise<void>;
  /** A piece of a prompt; it has a batch of its own because llama.cpp would cut a mixed one in two anyway. */
  stepPrompt(advance: Advance): Promise<void>;
  /** Forgets a sequence from `position` on; false when the model could only forget all of it. */
  forget(slot: Slot, position: number): boolean;
}

const PADDING_TOKEN = 0;
/** llama.cpp evaluates only neighbouring sequences together: a gap of idle ones costs less when it is filled. */
const WIDEST_GAP = 4;
/** Rows of a prompt at a time: first, at least, at most; between them what takes about as long as people wait for a word. */
const FIRST_PIECE = 64;
const SMALLEST_PIECE = 16;
const QUICK_MILLISECONDS = 50;
const SLOW_MILLISECONDS = 150;

/** Steps for the sessions in `slots`, which has a slot for every sequence of the context. */
export function createSteps({ context, slots, exact, rewinds, usage, finish }: StepOptions): Steps {
  // Padding must be forgotten again.
  const widestGap = !rewinds ? 0 : exact ? slots.all.length : WIDEST_GAP;
  let piece = FIRST_PIECE;

  function begin(advance: Advance): void {
    const { owner, tokens, position } = advance;
    if (owner.slot === undefined) {
      const { slot, copyFrom } = slots.take(tokens);
      owner.slot = slot;
      if (copyFrom !== undefined) {
        context.copy(copyFrom.sequence, slot.sequence);
        slot.held.splice(0, slot.held.length, ...copyFrom.held);
        slot.reusable = copyFrom.reusable;
      }
    }
    const { slot } = owner;
    let shared = Math.max(0, sharedTokens(slot, position, tokens));
    if (!forget(slot, position + shared)) {
      // A recurrent state cannot be cut: it starts anew.
      if (position > 0) throw cannotRewind();
      shared = 0;
    }
    advance.done = shared;
    usage.promptTokens += shared;
    usage.reusedTokens += shared;
    owner.reusedTokens += shared;
  }

  function forget(slot: Slot, position: number): boolean {
    if (slot.held.length === position) return true;
    const cut = context.tryRemove(slot.sequence, position);
    if (!cut) context.tryRemove(slot.sequence, 0);
    slot.held.length = cut ? position : 0;
    slot.reusable = Math.min(slot.reusable, slot.held.length);
    return cut;
  }

  async function stepTokens(batch: readonly Advance[]): Promise<void> {
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
      const row = context.add(token, slots.all[sequence]!.held.length, sequence, wanted);
      if (advance !== undefined) rows.set(advance, row);
    }
    await context.decode();
    usage.completionTokens += rows.size;
    for (const sequence of sequences)
      if (!bySequence.has(sequence)) context.tryRemove(sequence, slots.all[sequence]!.held.length);
    for (const [advance, row] of rows) {
      const slot = advance.owner.slot!;
      slot.held.push(advance.tokens[0]!);
      if (!exact) slot.reusable = slot.held.length;
      finish(advance, context.logits(row));
    }
  }

  async function stepPrompt(advance: Advance): Promise<void> {
    const { tokens, owner } = advance;
    const slot = owner.slot!;
    const { held, sequence } = slot;
    const from = advance.done!;
    const to = Math.min(from + Math.min(piece, context.capacity), tokens.length);
    const last = to === tokens.length;
    const rows = exact && to - from === 1 ? 2 : to - from;
    let row = -1;
    for (let i = 0; i < rows; i++) {
      const wanted = last && i >= to - from - (exact ? 2 : 1);
      const index = context.add(tokens[from + i] ?? PADDING_TOKEN, held.length + i, sequence, wanted);
      if (from + i === tokens.length - 1) row = index;
    }
    const started = performance.now();
    await context.decode();
    adaptPiece(to - from, performance.now() - started);
    const reusable = slot.reusable === held.length;
    for (let i = from; i < to; i++) held.push(tokens[i]!);
    if (reusable) slot.reusable = held.length;
    if (rows > to - from) context.tryRemove(sequence, held.length);
    usage.promptTokens += to - from;
    advance.done = to;
    if (last) finish(advance, context.logits(row));
  }

  function adaptPiece(rows: number, milliseconds: number): void {
    if (rows < piece) return;
    if (milliseconds < QUICK_MILLISECONDS) piece = Math.min(context.capacity, 2 * piece);
    else if (milliseconds > SLOW_MILLISECONDS) piece = Math.max(SMALLEST_PIECE, piece / 2);
  }

  return { begin, stepTokens, stepPrompt, forget };
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
