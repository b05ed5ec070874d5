// Learns a byte-level BPE vocabulary from texts: the most frequent pair of neighbours becomes a token, again and again.
// Counts are kept up to date merge by merge (only words that hold the pair are touched), so time is near linear in the text.
import { type ProgressFactory, silentProgress, UserError } from "../core/index.ts";
import { BYTE_SPELLING, BYTES_IN_ALPHABET_ORDER } from "./byte-alphabet.ts";
import { ByteLevelBpe } from "./byte-level-bpe.ts";
import { createPieceCounter } from "./piece-counter.ts";
import type { PreTokenizer } from "./pre-tokenizers.ts";

/** What to learn. */
export interface TrainByteLevelBpeOptions {
  /** Tokens in all: 256 bytes, learnt ones, special ones. Fewer come out when the texts hold no more pairs seen twice. */
  readonly vocabularySize: number;
  /** Control tokens; they get the last ids, in this order. The first one ends a text. */
  readonly specialTokens: readonly string[];
  /** Default `"qwen2"`. */
  readonly preTokenizer?: PreTokenizer;
  /** Default true, as Qwen. */
  readonly nfc?: boolean;
  /** Different pieces held in memory while texts are counted. Default about a million; with fewer the counts are exact. */
  readonly heldPieces?: number;
  readonly progress?: ProgressFactory;
}

/** A pair of neighbours, how often it occurs, and the words it (perhaps no longer) occurs in. */
interface Pair {
  readonly left: number;
  readonly right: number;
  count: number;
  readonly words: number[];
}

/** A pair as it was when it was put into the queue. */
interface Candidate {
  readonly pair: Pair;
  readonly count: number;
}

/** A pair seen once is no pattern. */
const MINIMUM_COUNT = 2;
/** Left and right id share one number as key of a map. */
const ID_LIMIT = 2 ** 24;

/** Learns from texts given one by one, so that they need not fit the memory. */
export interface ByteLevelBpeTrainer {
  add(text: string): void;
  /** Learns the merges; nothing can be added afterwards. */
  finish(): ByteLevelBpe;
  /** Occurrences of rare pieces that were not learnt from, for want of memory. */
  readonly forgotten: number;
}

/** Learns a tokenizer. Deterministic: among equally frequent pairs the one with the lowest ids is merged first. */
export function trainByteLevelBpe(texts: Iterable<string>, options: TrainByteLevelBpeOptions): ByteLevelBpe {
  const trainer = createByteLevelBpeTrainer(options);
  for (const text of texts) trainer.add(text);
  return trainer.finish();
}

/** The same for texts that come one by one. `UserError` when `vocabularySize` has no room for the bytes and the special tokens. */
export function createByteLevelBpeTrainer(options: TrainByteLevelBpeOptions): ByteLevelBpeTrainer {
  const { vocabularySize, specialTokens, preTokenizer = "qwen2", nfc = true } = options;
  const ordinary = vocabularySize - specialTokens.length;
  if (!Number.isInteger(ordinary) || ordinary < 256) {
    throw new UserError(
      "bad-vocabulary-size",
      `${vocabularySize} tokens do not hold 256 bytes and ${specialTokens.length} special tokens`,
      { remedy: "Ask for more tokens." },
    );
  }
  const counter = createPieceCounter(preTokenizer, nfc, options.heldPieces);
  return {
    add: (text) => counter.add(text),
    get forgotten() {
      return counter.forgotten;
    },
    finish() {
      const bar = (options.progress ?? silentProgress)("tokenizer", ordinary - 256, "merges");
      const words = [...counter.counts.keys()].map(spellBytes);
      const { tokens, merges } = learnMerges(words, [...counter.counts.values()], ordinary, (done) =>
        bar.update(done),
      );
      bar.finish();
      return new ByteLevelBpe({
        tokens,
        merges,
        addedTokens: specialTokens.map((text, i) => ({ id: tokens.length + i, text, special: true })),
        preTokenizer,
        nfc,
        eosToken: specialTokens[0],
      });
    },
  };
}

const ID_OF_BYTE = new Uint16Array(256);
BYTES_IN_ALPHABET_ORDER.forEach((byte, id) => {
  ID_OF_BYTE[byte] = id;
});

/** A piece as byte ids, in alphabet order. */
function spellBytes(piece: string): number[] {
  return Array.from(Buffer.from(piece), (byte) => ID_OF_BYTE[byte]!);
}

function learnMerges(
  words: number[][],
  counts: readonly number[],
  size: number,
  report: (done: number) => void,
): { tokens: string[]; merges: string[] } {
  const tokens = BYTES_IN_ALPHABET_ORDER.map((byte) => BYTE_SPELLING[byte]!);
  const idOf = new Map(tokens.map((spelling, id) => [spelling, id]));
  const merges: string[] = [];
  const pairs = new Map<number, Pair>();
  const queue: Candidate[] = [];
  const change = (left: number, right: number, by: number, word: number): Pair => {
    const key = left * ID_LIMIT + right;
    let pair = pairs.get(key);
    if (pair === undefined) {
      pair = { left, right, count: 0, words: [] };
      pairs.set(key, pair);
    }
    pair.count += by;
    if (by > 0 && pair.words.at(-1) !== word) pair.words.push(word);
    return pair;
  };
  words.forEach((word, w) => {
    for (let i = 0; i + 1 < word.length; i++) change(word[i]!, word[i + 1]!, counts[w]!, w);
  });
  for (const pair of pairs.values()) push(queue, { pair, count: pair.count });

  while (tokens.length < size && queue.length > 0) {
    const { pair, count } = pop(queue);
    if (count !== pair.count) {
      // Its count fell since it was queued; a rise queues it anew.
      if (pair.count >= MINIMUM_COUNT && count > pair.count) push(queue, { pair, count: pair.count });
      continue;
    }
    if (count < MINIMUM_COUNT) break;
    const spelling = tokens[pair.left]! + tokens[pair.right]!;
    // Another pair may already have made the same token; both then lead to one id.
    const id = idOf.get(spelling) ?? tokens.push(spelling) - 1;
    idOf.set(spelling, id);
    merges.push(`${tokens[pair.left]} ${tokens[pair.right]}`);
    const risen = new Set<Pair>();
    for (const w of pair.words) mergeInWord(words[w]!, pair, id, counts[w]!, w, change, risen);
    pair.count = 0;
    pair.words.length = 0;
    for (const other of risen) if (other !== pair) push(queue, { pair: other, count: other.count });
    report(tokens.length - 256);
  }
  return { tokens, merges };
}

/** Replaces each (left, right) of the word by `id` and moves the counts of the neighbours' pairs along. */
function mergeInWord(
  word: number[],
  { left, right }: Pair,
  id: number,
  count: number,
  w: number,
  change: (left: number, right: number, by: number, word: number) => Pair,
  risen: Set<Pair>,
): void {
  let n = 0;
  for (let i = 0; i < word.length; i++) {
    if (word[i] !== left || word[i + 1] !== right) {
      word[n++] = word[i]!;
      continue;
    }
    if (n > 0) {
      change(word[n - 1]!, left, -count, w);
      risen.add(change(word[n - 1]!, id, count, w));
    }
    if (i + 2 < word.length) {
      change(right, word[i + 2]!, -count, w);
      risen.add(change(id, word[i + 2]!, count, w));
    }
    word[n++] = id;
    i++;
  }
  word.length = n;
}

/** True when `a` is merged before `b`. */
function before(a: Candidate, b: Candidate): boolean {
  if (a.count !== b.count) return a.count > b.count;
  return a.pair.left !== b.pair.left ? a.pair.left < b.pair.left : a.pair.right < b.pair.right;
}

function push(heap: Candidate[], item: Candidate): void {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(item, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = item;
}

function pop(heap: Candidate[]): Candidate {
  const top = heap[0]!;
  const item = heap.pop()!;
  if (heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
    if (!before(heap[child]!, item)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = item;
  return top;
}
