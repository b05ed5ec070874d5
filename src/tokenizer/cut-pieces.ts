// Cuts text into pieces as a pre-tokenizer's pattern does. What is common (words, figures, punctuation) is cut by a table of what each
// UTF-16 unit is; everything else (contractions, white space, what lies beyond the first plane) is left to the pattern itself.
import { PRE_TOKENIZERS, type PreTokenizer } from "./pre-tokenizers.ts";

/** Gives the end of the piece that begins at `from`, which lies before the end of the text. */
export type PieceCutter = (text: string, from: number) => number;

const OTHER = 0;
const LETTER = 1;
const NUMBER = 2;
const SPACE = 3;
/** A half of a pair: what it is, the table cannot say. */
const SURROGATE = 4;

const APOSTROPHE = 0x27;
const BLANK = 0x20;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

let kinds: Uint8Array | undefined;

/** What each unit is, by the engine's own classes, so that table and pattern agree. */
function kindTable(): Uint8Array {
  const table = new Uint8Array(0x10000);
  for (let unit = 0; unit < 0x10000; unit++) {
    const character = String.fromCharCode(unit);
    if (unit >= 0xd800 && unit < 0xe000) table[unit] = SURROGATE;
    else if (/\p{L}/u.test(character)) table[unit] = LETTER;
    else if (/\p{N}/u.test(character)) table[unit] = NUMBER;
    else if (/\p{White_Space}/u.test(character)) table[unit] = SPACE;
  }
  return table;
}

/** Numbers that a piece holds at most in the patterns of Qwen and Llama 3; GPT-2's has other rules and no short cut. */
const DIGITS: Readonly<Partial<Record<PreTokenizer, number>>> = { qwen2: 1, "llama-bpe": 3 };

/** A cutter for a pre-tokenizer. */
export function createPieceCutter(preTokenizer: PreTokenizer): PieceCutter {
  // A pattern of its own: `lastIndex` is state.
  const { source, flags } = PRE_TOKENIZERS[preTokenizer].pattern;
  const pattern = new RegExp(source, flags);
  const byPattern: PieceCutter = (text, from) => {
    pattern.lastIndex = from;
    pattern.test(text);
    return pattern.lastIndex;
  };
  const digits = DIGITS[preTokenizer];
  if (digits === undefined) return byPattern;
  kinds ??= kindTable();
  const kindOf = kinds;
  return (text, from) => {
    const length = text.length;
    const first = text.charCodeAt(from);
    let kind = kindOf[first]!;
    let i = from + 1;
    if (kind === NUMBER) {
      while (i < length && i - from < digits && kindOf[text.charCodeAt(i)] === NUMBER) i++;
      if (i - from < digits && i < length && kindOf[text.charCodeAt(i)] === SURROGATE)
        return byPattern(text, from);
      return i;
    }
    if (kind !== LETTER) {
      // One character that is none may stand before letters; a blank may stand before punctuation.
      if (first === APOSTROPHE || kind === SURROGATE || i === length) return byPattern(text, from);
      const second = kindOf[text.charCodeAt(i)]!;
      if (second === LETTER && first !== LINE_FEED && first !== CARRIAGE_RETURN) kind = LETTER;
      else if (second === SURROGATE) return byPattern(text, from);
      else if (first === BLANK && second === OTHER) kind = OTHER;
    }
    if (kind === SPACE) return byPattern(text, from);
    while (i < length && kindOf[text.charCodeAt(i)] === kind) i++;
    if (i < length && kindOf[text.charCodeAt(i)] === SURROGATE) return byPattern(text, from);
    if (kind === OTHER) {
      for (; i < length; i++) {
        const unit = text.charCodeAt(i);
        if (unit !== LINE_FEED && unit !== CARRIAGE_RETURN) break;
      }
    }
    return i;
  };
}
