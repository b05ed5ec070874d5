// The passages of a corpus: running texts cut at the ends of sentences, each within a token budget and of about the same length.
import { hashBytes } from "../core/index.ts";
import { findCorpusFiles } from "./corpus-files.ts";
import { count } from "./counts.ts";
import type { Document } from "./document.ts";
import { type Span, splitSentences } from "./qa-sentences.ts";
import type { TokenCount } from "./qa-tokens.ts";
import { readDocuments } from "./read-documents.ts";
import { englishCharacters } from "./text-amount.ts";

/** A piece of a document. */
export interface Passage extends Span {
  /** The first 16 hex digits of SHA-256 over its text without differences in white space. */
  readonly id: string;
  readonly document: Document;
  readonly text: string;
  readonly tokens: number;
}

/** How passages are cut and chosen. */
export interface PassageOptions {
  /** Most tokens of a passage. */
  readonly budget: number;
  readonly countTokens: TokenCount;
  /** Languages to take; all when empty. */
  readonly languages: readonly string[];
  /** Most passages to take. */
  readonly limit: number;
}

/** Why a text gives no passage; counted. */
type PassageSkip = "not-a-text" | "other-language" | "too-short" | "repeated-passage" | "beyond-limit";

/** A passage that says less than so many English characters holds no question and its answer. */
const LEAST_CHARACTERS = 80;

/** Yields the passages of a corpus folder or file in order; what is left out is counted in `skipped`. */
export async function* readPassages(
  folder: string,
  { budget, countTokens, languages, limit }: PassageOptions,
  skipped: Record<string, number> = {},
): AsyncGenerator<Passage> {
  const skip = (reason: PassageSkip): void => count(skipped, reason);
  const seen = new Set<string>();
  for (const { file, kind } of await findCorpusFiles([folder])) {
    for await (const document of readDocuments(file, kind)) {
      if (languages.length > 0 && !languages.includes(document.language)) skip("other-language");
      else if (document.kind !== "text") skip("not-a-text");
      else
        for (const span of cutPassages(document.text, document.language, budget, countTokens)) {
          const text = document.text.slice(span.from, span.to);
          const id = hashBytes(text.normalize("NFC").replace(/\s+/gu, " ")).slice(0, 16);
          if (englishCharacters(text) < LEAST_CHARACTERS) skip("too-short");
          else if (seen.has(id)) skip("repeated-passage");
          else if (seen.size >= limit) skip("beyond-limit");
          else {
            seen.add(id);
            yield { ...span, id, document, text };
          }
        }
    }
  }
}

/** A passage's place in its text, without white space at its ends. */
export interface CutPassage extends Span {
  readonly tokens: number;
}

/**
 * Cuts a text into passages of at most `budget` tokens (the sum over its sentences). Their number is the least that may do, and they are
 * about equally long, so that no text ends in a scrap. A sentence that is longer is cut at clauses, then at spaces, then anywhere.
 */
export function cutPassages(
  text: string,
  language: string,
  budget: number,
  countTokens: TokenCount,
): CutPassage[] {
  const pieces: CutPassage[] = [];
  let total = 0;
  for (const sentence of splitSentences(text, language))
    for (const piece of splitLong(text, sentence, budget, countTokens)) {
      pieces.push(piece);
      total += piece.tokens;
    }
  const passages: CutPassage[] = [];
  let open: CutPassage | undefined;
  /** Tokens from the piece on, and the share of them that the open passage should take. */
  let left = total;
  let share = 0;
  for (const piece of pieces) {
    if (open !== undefined && (open.tokens + piece.tokens > budget || overshoots(open, piece, share))) {
      passages.push(open);
      open = undefined;
    }
    if (open === undefined) {
      share = left / Math.ceil(left / budget);
      open = piece;
    } else open = { from: open.from, to: piece.to, tokens: open.tokens + piece.tokens };
    left -= piece.tokens;
  }
  if (open !== undefined) passages.push(open);
  return passages.map((passage) => trimSpan(text, passage)).filter(({ from, to }) => from < to);
}

/** Whether a passage is nearer to its share without the next piece. */
function overshoots(open: CutPassage, piece: CutPassage, share: number): boolean {
  // Sums of tokens are whole, shares are not.
  return open.tokens + piece.tokens - share > share - open.tokens + 1e-9;
}

const CLAUSE_END = /[,;:，、；：،؛]\s*|\s+[-–—]\s+/gu;
const SPACE = /\s+/gu;

function splitLong(text: string, span: Span, budget: number, countTokens: TokenCount): CutPassage[] {
  const tokens = countTokens(text.slice(span.from, span.to));
  if (tokens <= budget) return [{ ...span, tokens }];
  const middle = (span.from + span.to) >> 1;
  const at =
    nearest(text, span, middle, CLAUSE_END) ??
    nearest(text, span, middle, SPACE) ??
    wholeCharacter(text, middle);
  if (at <= span.from || at >= span.to) return [{ ...span, tokens }];
  return [
    ...splitLong(text, { from: span.from, to: at }, budget, countTokens),
    ...splitLong(text, { from: at, to: span.to }, budget, countTokens),
  ];
}

/** The end of the match nearest to `middle`, in the middle half of the span. */
function nearest(text: string, { from, to }: Span, middle: number, pattern: RegExp): number | undefined {
  const quarter = (to - from) >> 2;
  const start = middle - quarter;
  let best: number | undefined;
  for (const match of text.slice(start, middle + quarter).matchAll(pattern)) {
    const at = start + match.index + match[0].length;
    if (best === undefined || Math.abs(at - middle) < Math.abs(best - middle)) best = at;
  }
  return best;
}

/** Never between the halves of a surrogate pair, nor before a combining mark. */
function wholeCharacter(text: string, at: number): number {
  let place = at;
  while (place < text.length && /^[\uDC00-\uDFFF\p{M}]/u.test(text.slice(place, place + 1))) place++;
  return place;
}

function trimSpan(text: string, passage: CutPassage): CutPassage {
  const piece = text.slice(passage.from, passage.to);
  const from = passage.from + piece.length - piece.trimStart().length;
  return {
    from,
    to: Math.max(from, passage.to - piece.length + piece.trimEnd().length),
    tokens: passage.tokens,
  };
}
