// Cleans one document by the rules that are switched on, and says what was done to it.
import { isBoilerplate } from "./boilerplate.ts";
import {
  type ChangeNote,
  type ChangeReason,
  type CleanDropReason,
  type CleanRule,
  isCodeCategory,
} from "./clean-change.ts";
import type { CorpusFileKind } from "./corpus-files.ts";
import { count } from "./counts.ts";
import type { Content } from "./document.ts";
import { normaliseText } from "./normalise-text.ts";
import { maskPersonalData } from "./personal-data.ts";
import { commonKey, dropLines, dropRepeats } from "./repeated-lines.ts";
import { charactersOf, countVisible } from "./text-amount.ts";
import { otherLanguage } from "./text-language.ts";

/** Bounds of lengths, in characters without white space. */
export interface LengthBounds {
  /** Of a running text: below it there is nothing to learn but a heading or a stub. */
  readonly leastText: number;
  /** Of a text and of a turn: above it is a file that was not cut into documents. */
  readonly most: number;
  /** Of a question: one word asks nothing. Answers may be one letter. */
  readonly leastQuestion: number;
}

/** Two sentences, a long book, two words, in characters of English. */
const LEAST_TEXT = 100;
const MOST = 2_000_000;
const LEAST_QUESTION = 6;

const NONE: ReadonlyMap<number, number> = new Map();

/** The default bounds: as much said in each language, by the lengths of translations. */
export function lengthBounds(language: string): LengthBounds {
  return {
    leastText: charactersOf(LEAST_TEXT, language),
    most: charactersOf(MOST, language),
    leastQuestion: charactersOf(LEAST_QUESTION, language),
  };
}

/** What decides how the documents of a file are cleaned. */
export interface CleanerSettings {
  readonly rules: ReadonlySet<CleanRule>;
  readonly bounds: LengthBounds;
  /** Lines that many documents of the file share, by key. */
  readonly common: ReadonlyMap<number, number>;
}

/** A cleaned document, or why it went; with how often each thing was done to it. */
export type Cleaned = { readonly changes: Readonly<Record<string, number>> } & (
  | { readonly content: Content }
  | { readonly reason: CleanDropReason }
);

/** A function that cleans the documents of a file; `note` is told of every change, also those inside documents that go. */
export function createCleaner(
  kind: CorpusFileKind,
  { rules, bounds, common }: CleanerSettings,
): (content: Content, note: ChangeNote) => Cleaned {
  const prose = !isCodeCategory(kind.category);
  const { language } = kind;

  /** Characters and lines; "" when nothing is left. */
  const tidy = (text: string, note: ChangeNote, shared = common): string => {
    let now = normaliseText(text, rules, note);
    if (!prose) return now;
    if (rules.has("boilerplate"))
      now = dropLines(now, isBoilerplate, (line) => note("boilerplate-line", line, ""));
    if (shared.size > 0)
      now = dropLines(
        now,
        (line) => shared.has(commonKey(line) ?? -1),
        (line) => note("common-line", line, ""),
      );
    return rules.has("repeats") ? dropRepeats(now, note) : now;
  };
  const mask = (text: string, note: ChangeNote): string =>
    rules.has("personal-data") ? maskPersonalData(text, language, note) : text;
  const isOther = (text: string): boolean =>
    rules.has("language") && prose && otherLanguage(text, language) !== undefined;

  const cleanText = (text: string, note: ChangeNote): { content: Content } | { reason: CleanDropReason } => {
    const now = tidy(text, note);
    if (now === "") return { reason: "nothing-left" };
    if (isOther(now)) return { reason: "wrong-language" };
    if (rules.has("length")) {
      const size = countVisible(now);
      if (size > bounds.most) return { reason: "too-long" };
      if (size < bounds.leastText) return { reason: "too-short" };
    }
    return { content: { kind: "text", text: mask(now, note) } };
  };

  const cleanTurns = (
    turns: readonly string[],
    note: ChangeNote,
  ): { content: Content } | { reason: CleanDropReason } => {
    const kept: string[] = [];
    const gone = new Set<ChangeReason>();
    for (let t = 0; t + 1 < turns.length; t += 2) {
      // Many questions begin with the same instruction, and need it.
      const question = tidy(turns[t]!, note, NONE);
      const answer = tidy(turns[t + 1]!, note);
      const reason = pairProblem(question, answer);
      if (reason === undefined) {
        kept.push(mask(question, note), mask(answer, note));
      } else {
        note(reason, `${turns[t]}\n${turns[t + 1]}`, "");
        gone.add(reason);
      }
    }
    if (kept.length > 0) return { content: { kind: "qa", turns: kept } };
    if (gone.size > 1 || gone.has("empty-turn")) return { reason: "nothing-left" };
    if (gone.has("wrong-language-turn")) return { reason: "wrong-language" };
    return { reason: gone.has("long-turn") ? "too-long" : "too-short" };
  };

  const pairProblem = (question: string, answer: string): ChangeReason | undefined => {
    if (question === "" || answer === "") return "empty-turn";
    // One turn in another language is enough: what asks for a translation names the language in the expected one.
    if (isOther(question) || isOther(answer)) return "wrong-language-turn";
    if (!rules.has("length")) return undefined;
    const asked = countVisible(question);
    // Units are no fewer than characters: most answers need not be counted.
    if (asked > bounds.most || (answer.length > bounds.most && countVisible(answer) > bounds.most))
      return "long-turn";
    return asked < bounds.leastQuestion ? "short-question" : undefined;
  };

  return (content, note) => {
    const changes: Record<string, number> = {};
    const told: ChangeNote = (reason, before, after) => {
      count(changes, reason);
      note(reason, before, after);
    };
    const result = content.kind === "text" ? cleanText(content.text, told) : cleanTurns(content.turns, told);
    return { ...result, changes };
  };
}
