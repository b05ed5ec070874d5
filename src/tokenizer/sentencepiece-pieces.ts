// The pieces of a SentencePiece vocabulary, and the merges that follow from their scores.

import { UserError } from "../core/index.ts";
import type { AddedToken } from "./added-tokens.ts";

/** The mark that stands for a space in pieces: U+2581. */
export const SPACE_MARK = "▁";

/** What kind of token an id is, in SentencePiece's words and GGUF's. */
export type PieceType = "normal" | "unknown" | "control" | "user-defined" | "unused" | "byte";

/** One entry of a SentencePiece vocabulary. */
export interface SentencePiece {
  /** Spaces are written `▁`, single bytes `<0x0A>`. */
  readonly text: string;
  /** The pair that makes the piece of the highest score merges first. */
  readonly score: number;
  readonly type: PieceType;
  /** Of control and user-defined pieces: takes the white space before it along. Default false. */
  readonly stripLeft?: boolean;
  /** Of control and user-defined pieces: takes the white space after it along. Default false. */
  readonly stripRight?: boolean;
}

/** Merges by rank: (`left[i]`, `right[i]`) gives `merged[i]`, lowest `ranks[i]` first; ranks never fall. */
export interface PieceMerges {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly merged: Int32Array;
  readonly ranks: Int32Array;
}

/** Score of tokens that no merge makes, as llama.cpp's converter gives it. */
const ADDED_SCORE = -1000;

/** Four times the largest vocabulary of this kind, Gemma's: a higher id is a mistake. */
const LARGEST_VOCABULARY = 1 << 20;

/** `pieces` with the added tokens put in their places (the last of two for one id counts) and every gap filled. */
export function withAddedTokens(
  pieces: readonly (SentencePiece | undefined)[],
  added: readonly AddedToken[],
  options: { readonly unknownId: number | undefined; readonly file: string },
): SentencePiece[] {
  for (const id of [pieces.length - 1, ...added.map((token) => token.id)]) {
    if (id >= 0 && id < LARGEST_VOCABULARY) continue;
    throw new UserError("bad-vocabulary", `a token has the id ${id}`, {
      file: options.file,
      remedy: `Ids are whole numbers below ${LARGEST_VOCABULARY}.`,
    });
  }
  const all = [...pieces];
  for (const { id, text, special, stripLeft, stripRight } of added) {
    const type: PieceType = id === options.unknownId ? "unknown" : special ? "control" : "user-defined";
    const present = all[id];
    all[id] = {
      text,
      score: present?.text === text ? present.score : ADDED_SCORE,
      type,
      ...(stripLeft ? { stripLeft } : {}),
      ...(stripRight ? { stripRight } : {}),
    };
  }
  // Ids that no token has are empty: no text makes them.
  return Array.from(all, (piece, id) => piece ?? { text: `[PAD${id}]`, score: ADDED_SCORE, type: "unused" });
}

/** The spelling of a byte's piece. */
export function bytePiece(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}

/** The byte that a piece spells, `undefined` when it spells none. */
export function byteOfPiece(text: string): number | undefined {
  return /^<0x[0-9A-F]{2}>$/u.test(text) ? Number(text.slice(1, -1)) : undefined;
}

/** Ids of the pieces that text is merged from: only these ever come out of merges. */
export function normalPieceIds(pieces: readonly SentencePiece[]): Map<string, number> {
  const ids = new Map<string, number>();
  pieces.forEach(({ text, type }, id) => {
    if (type === "normal") ids.set(text, id);
  });
  return ids;
}

/**
 * SentencePiece's merges: any two normal pieces whose texts make a third merge, the highest score first. Pieces of equal
 * score share a rank, so that the leftmost pair merges first, as SentencePiece's queue orders them. Source:
 * bpe_model.cc in google/sentencepiece.
 */
export function mergesOfScores(pieces: readonly SentencePiece[]): PieceMerges {
  const idOf = normalPieceIds(pieces);
  const byScore = [...idOf.values()].sort((a, b) => pieces[b]!.score - pieces[a]!.score || a - b);
  const left: number[] = [];
  const right: number[] = [];
  const merged: number[] = [];
  const ranks: number[] = [];
  let rank = -1;
  let score: number | undefined;
  for (const id of byScore) {
    const splits = splitsOf(pieces[id]!.text, idOf);
    if (splits.length === 0) continue;
    if (pieces[id]!.score !== score) rank++;
    score = pieces[id]!.score;
    for (const [a, b] of splits) {
      left.push(a);
      right.push(b);
      merged.push(id);
      ranks.push(rank);
    }
  }
  return {
    left: Int32Array.from(left),
    right: Int32Array.from(right),
    merged: Int32Array.from(merged),
    ranks: Int32Array.from(ranks),
  };
}

/** The pairs of pieces that make `text`, in the order in which Hugging Face's converter lists them: by ids. */
function splitsOf(text: string, idOf: ReadonlyMap<string, number>): [left: number, right: number][] {
  const splits: [number, number][] = [];
  for (let at = 1; at < text.length; at++) {
    const left = idOf.get(text.slice(0, at));
    if (left === undefined) continue;
    const right = idOf.get(text.slice(at));
    if (right !== undefined) splits.push([left, right]);
  }
  return splits.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

/**
 * The score of each product of `merges` that says the same order: minus the place of its first merge. Other ids get none.
 * `exact` is false when scores cannot say these merges: pairs that would merge by score are missing, or a product's merges
 * do not stand together.
 */
export function scoresOfMerges(
  pieces: readonly SentencePiece[],
  merges: PieceMerges,
): { readonly scores: ReadonlyMap<number, number>; readonly exact: boolean } {
  const scores = new Map<number, number>();
  let together = true;
  merges.merged.forEach((id, i) => {
    if (!scores.has(id)) scores.set(id, -scores.size);
    else if (merges.merged[i - 1] !== id) together = false;
  });
  const idOf = normalPieceIds(pieces);
  const wanted = pieces.reduce(
    (sum, { text, type }) => sum + (type === "normal" ? splitsOf(text, idOf).length : 0),
    0,
  );
  return { scores, exact: together && wanted === merges.merged.length };
}
