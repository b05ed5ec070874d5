// Logits at many places of many continuations of one prefix, as scoring needs them. The prefix is evaluated once, what it
// shares with the prefix before it not at all, and the continuations together.
//
// The numbers depend on nothing but the tokens before a place, wherever prefix and continuation meet: a text scored whole, as
// clients of a server have it echoed, has the bits of one scored piece by piece. llama.cpp gives the same bits for a row in any batch
// as long as each product is computed by the same kernel (measured on x86 with F32, F16, Q8_0, Q4_1 and Q4_0 weights). Which one
// it takes depends on how many rows there are, so those numbers are kept on one side of its thresholds by padding: two rows of a
// sequence at least, and two whose logits are wanted (the last layers are computed for those alone). Flash attention is off: it has
// two kernels, one of which sums in 16 bits (ggml-cpu/ops.cpp, flash_attn_ext), and the one for prompts cannot serve short options.
// And a token's cell equals its position.
import { contextOverflow } from "./context-overflow.ts";
import type { LogitVisitor } from "./language-model.ts";
import type { LlamaContext } from "./llama-context.ts";
import { createMutex } from "./mutex.ts";

/** Evaluates continuations; `close` waits for the evaluation under way. */
export interface RowEvaluator {
  visitLogits(prefix: Int32Array, continuations: readonly Int32Array[], visit: LogitVisitor): Promise<void>;
  /** Tokens read so far, those that were held already among them. */
  usage(): { readonly promptTokens: number; readonly reusedTokens: number };
  close(): Promise<void>;
}

/** What the evaluator needs to know of its model. */
export interface RowEvaluatorOptions {
  readonly contextLength: number;
  /** What one token takes in the cache. */
  readonly cellBytes: number;
  /** Most rows of a prefix evaluated together. */
  readonly prefixRows: number;
  readonly createContext: (size: {
    readonly cells: number;
    readonly sequences: number;
    readonly outputs: number;
  }) => Promise<LlamaContext>;
}

/** Continuations evaluated together. */
const MOST_SEQUENCES = 8;
/** Cache of all sequences together, so that long prefixes do not take eight times the memory. */
const MOST_CACHE_BYTES = 2 ** 30;
/** llama.cpp allocates sequences in steps of this many cells. */
const CELL_STEP = 256;
/** Rows with logits in one decode; each takes four bytes a vocabulary entry, twice. */
const MOST_OUTPUTS = 64;
/** The fewest rows that a sequence contributes to a decode, and the fewest logits of one: see above. */
const FEWEST_ROWS = 2;
const PADDING_TOKEN = 0;

/** Makes an evaluator; its context is made at the first call and again when a later one needs a larger one. */
export function createRowEvaluator(options: RowEvaluatorOptions): RowEvaluator {
  const exclusive = createMutex();
  let context: LlamaContext | undefined;
  /** What sequence 0 holds, as far as it is known. */
  let held = new Int32Array();
  const usage = { promptTokens: 0, reusedTokens: 0 };

  async function prepare(cells: number, sequences: number): Promise<LlamaContext> {
    if (context !== undefined && context.cells >= cells && context.sequences >= sequences) return context;
    const wantedCells = Math.max(roundUp(cells, CELL_STEP), context?.cells ?? 0);
    const most = Math.max(1, Math.floor(MOST_CACHE_BYTES / (wantedCells * Math.max(1, options.cellBytes))));
    const wantedSequences = Math.min(Math.max(sequences, context?.sequences ?? 1), most);
    if (context !== undefined && context.cells >= cells && context.sequences >= wantedSequences)
      return context;
    context?.free();
    context = undefined;
    held = new Int32Array();
    context = await options.createContext({
      cells: wantedCells,
      sequences: wantedSequences,
      outputs: MOST_OUTPUTS,
    });
    return context;
  }

  async function evaluatePrefix(native: LlamaContext, prefix: Int32Array): Promise<Float32Array> {
    // The last token is always evaluated: its logits are wanted.
    let position = Math.min(commonLength(held, prefix), prefix.length - 1);
    native.remove(0, position);
    held = prefix.slice(0, position);
    usage.promptTokens += prefix.length;
    usage.reusedTokens += position;
    let row = 0;
    const last = prefix.length - 1;
    while (position < prefix.length) {
      const end = pieceEnd(position, prefix.length);
      const padded = Math.max(end, position + FEWEST_ROWS);
      // A neighbour's logits are computed along with the last row's.
      const neighbour = last > position ? last - 1 : last + 1;
      for (let i = position; i < padded; i++) {
        const wanted = end === prefix.length && (i === last || i === neighbour);
        const index = native.add(prefix[i] ?? PADDING_TOKEN, i, 0, wanted);
        if (i === last) row = index;
      }
      await native.decode();
      if (padded > end) native.remove(0, end);
      position = end;
      held = prefix.slice(0, position);
    }
    return native.logits(row);
  }

  /** Pieces of the length asked for; no single row is left over. */
  function pieceEnd(position: number, length: number): number {
    const left = length - position;
    if (left <= options.prefixRows) return length;
    return position + Math.min(options.prefixRows, left - FEWEST_ROWS);
  }

  /** Evaluates `feeds[order[i]]` in sequence i: longest first, so that those that end leave no gap. */
  async function evaluateTogether(
    native: LlamaContext,
    start: number,
    feeds: readonly Int32Array[],
    order: readonly number[],
    visit: LogitVisitor,
  ): Promise<void> {
    const length = (sequence: number): number => feeds[order[sequence]!]!.length;
    for (const index of order) usage.promptTokens += feeds[index]!.length;
    for (let column = 0; column < length(0); ) {
      const active = order.filter((_, sequence) => length(sequence) > column).length;
      const width = Math.max(FEWEST_ROWS, Math.min(length(0) - column, Math.floor(MOST_OUTPUTS / active)));
      const rows: { row: number; index: number; position: number }[] = [];
      const alone = active === 1 && length(0) - column === 1;
      for (let sequence = 0; sequence < active; sequence++) {
        const index = order[sequence]!;
        // Equal widths keep the batch in one piece inside llama.cpp.
        for (let i = column; i < column + width; i++) {
          const wanted = i < length(sequence);
          const row = native.add(feeds[index]![i] ?? PADDING_TOKEN, start + i, sequence, wanted || alone);
          if (wanted) rows.push({ row, index, position: i + 1 });
        }
      }
      await native.decode();
      for (const { row, index, position } of rows) visit(native.logits(row), index, position);
      column += width;
    }
  }

  async function visitLogits(
    prefix: Int32Array,
    continuations: readonly Int32Array[],
    visit: LogitVisitor,
  ): Promise<void> {
    const longest = continuations.reduce((most, { length }) => Math.max(most, length), 0);
    if (prefix.length + longest > options.contextLength)
      throw contextOverflow(prefix.length + longest, options.contextLength);
    // The last token of a continuation is predicted, never evaluated.
    const feeds = continuations.map((tokens) => tokens.subarray(0, Math.max(0, tokens.length - 1)));
    const order = [...feeds.keys()]
      .filter((index) => feeds[index]!.length > 0)
      .sort((a, b) => feeds[b]!.length - feeds[a]!.length || a - b);
    const native = await prepare(
      prefix.length + longest + FEWEST_ROWS,
      Math.max(1, Math.min(order.length, MOST_SEQUENCES)),
    );
    visit(await evaluatePrefix(native, prefix), undefined, 0);
    for (let first = 0; first < order.length; first += native.sequences) {
      const group = order.slice(first, first + native.sequences);
      for (let sequence = 0; sequence < group.length; sequence++) {
        if (first > 0) native.remove(sequence, prefix.length);
        else if (sequence > 0) native.copy(0, sequence);
      }
      await evaluateTogether(native, prefix.length, feeds, group, visit);
    }
    // Sequence 0 has read the continuation as well when there was one: a text that begins like both starts from there.
    const read = order.length === 1 ? feeds[order[0]!]! : new Int32Array();
    held = Int32Array.of(...prefix, ...read);
    native.remove(0, held.length);
  }

  return {
    usage: () => ({ ...usage }),
    visitLogits: (prefix, continuations, visit) =>
      exclusive(async () => {
        try {
          await visitLogits(prefix, continuations, visit);
        } catch (error) {
          // What the sequences hold after a failure is unknown.
          held = new Int32Array();
          throw error;
        }
      }),
    close: () =>
      exclusive(async () => {
        context?.free();
        context = undefined;
      }),
  };
}

function commonLength(a: Int32Array, b: Int32Array): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
