// Turns a document into segments: runs of tokens that fit a row, with the tokens marked that are learnt.
import type { LoadedTokenizer } from "../tokenizer/index.ts";
import type { Document } from "./document.ts";
import { formatQuestion } from "./prompt-format.ts";

/** Tokens of one document, at most a row long: ids as they are where they are learnt, as `~id` (negative) where not. */
export type Segment = Int32Array;

/** What was done to documents longer than a row, or lost; each is counted. */
export type CutReason =
  | "text-split"
  | "text-tail-dropped"
  | "split-at-turn"
  | "answer-truncated"
  | "question-too-long";

/** Cuts documents into segments of at most `length` tokens; `cut` is told of everything that does not stay whole. */
export type Segmenter = (document: Document, cut: (reason: CutReason) => void) => Segment[];

/**
 * Makes a segmenter. Text: its tokens and the end token, all learnt but the first of each segment (nothing predicts it).
 * Questions and answers: the tokens of each answer and of the end after it are learnt. Question and answer are tokenised
 * apart, as they are when the model is asked; otherwise "Assistant:" and "(A)" would merge across the border and the mask
 * would be off by one.
 */
export function createSegmenter(tokenizer: LoadedTokenizer, endId: number, length: number): Segmenter {
  const ofText = (text: string, cut: (reason: CutReason) => void): Segment[] => {
    const ids = tokenizer.encode(text);
    const all = new Int32Array(ids.length + 1);
    all.set(ids);
    all[ids.length] = endId;
    const segments: Segment[] = [];
    for (let from = 0; from < all.length; from += length) {
      const segment = all.slice(from, from + length);
      if (segment.length < 2) {
        // One token alone teaches nothing.
        cut("text-tail-dropped");
        continue;
      }
      segment[0] = ~segment[0]!;
      segments.push(segment);
    }
    if (all.length > length) cut("text-split");
    return segments;
  };

  const ofTurns = (turns: readonly string[], cut: (reason: CutReason) => void): Segment[] => {
    const segments: Segment[] = [];
    let open: Int32Array[] = [];
    let size = 0;
    const close = (): void => {
      if (size > 0) segments.push(join(open, size));
      open = [];
      size = 0;
    };
    for (let t = 0; t + 1 < turns.length; t += 2) {
      const prompt = tokenizer.encode(formatQuestion(turns[t]!)).map((id) => ~id);
      const answer = tokenizer.encode(turns[t + 1]!);
      const whole = prompt.length + answer.length + 1;
      if (prompt.length >= length) {
        cut("question-too-long");
        continue;
      }
      if (size > 0 && size + whole > length) {
        cut("split-at-turn");
        close();
      }
      if (whole > length) {
        cut("answer-truncated");
        open = [prompt, answer.subarray(0, length - prompt.length)];
        size = length;
        close();
        continue;
      }
      open.push(prompt, answer, Int32Array.of(endId));
      size += whole;
    }
    close();
    return segments;
  };

  return (document, cut) =>
    document.kind === "text" ? ofText(document.text, cut) : ofTurns(document.turns, cut);
}

function join(parts: readonly Int32Array[], length: number): Int32Array {
  const all = new Int32Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
