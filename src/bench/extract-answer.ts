// Reads the chosen options out of a generated answer, strictly: what is not said clearly is "no answer", never a guess.
import { ANSWER_PHRASES, LABEL_WORDS, NEGATIONS } from "./answer-phrases.ts";
import { type Item, optionText } from "./item.ts";

/** How the answer was found, in the order tried. */
export type ExtractionRule = "tag" | "phrase" | "bare-label" | "label-and-text" | "option-text";

/** The options chosen (indexes, ascending) and by which rule. */
export interface ExtractedAnswer {
  readonly choice: readonly number[];
  readonly rule: ExtractionRule;
}

/**
 * Extracts the answer: (1) `\boxed{B}` or a JSON `answer`; (2) the last conclusion ("the answer is B") that is not negated;
 * (3) a label alone on the last or first line; (4) a label and its option's text at the start; (5) the text of exactly one
 * option. `undefined` when none of these applies. Reasoning in `<think>` tags is left out.
 */
export function extractAnswer(response: string, item: Item): ExtractedAnswer | undefined {
  const text = normalise(response.replace(/^[\s\S]*<\/think>/u, "").replace(/<think>[\s\S]*$/u, ""));
  const reader = createLabelReader(item);
  const found = (choice: readonly number[] | undefined, rule: ExtractionRule): ExtractedAnswer | undefined =>
    choice === undefined ? undefined : { choice, rule };
  return (
    found(fromTag(text, reader), "tag") ??
    found(fromPhrases(text, item.language, reader), "phrase") ??
    found(fromBareLine(text, reader), "bare-label") ??
    found(fromLabelAndText(text, item), "label-and-text") ??
    found(fromOptionText(text, item), "option-text")
  );
}

/** Folds widths, marks that carry no meaning (bidi, tatweel, harakat), Arabic letter variants and Markdown emphasis. */
function normalise(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\u061c\u0640\u064b-\u0652\u0670]/gu, "")
    .replace(/[أإآٱ]/gu, "ا")
    .replace(/\*\*|__|`/gu, "")
    .replace(/’/gu, "'")
    .trim();
}

interface LabelReader {
  /** Pattern of one or several labels, as one group. */
  readonly pattern: string;
  read(labels: string): readonly number[] | undefined;
}

/** No letter, vowel sign or digit may follow a label, except where Chinese goes on without a space. */
const LABEL_END = "(?=$|[^\\p{L}\\p{M}\\p{N}]|项|选|選|是|正|因)";

function createLabelReader(item: Item): LabelReader {
  const count = item.letters.length;
  const names = new Map<string, number>(item.letters.map((letter, i) => [letter, i]));
  for (const set of ANSWER_PHRASES[item.language]?.labels ?? []) {
    // A set is only used when it covers the options; a letter that two sets use belongs to the first.
    if (set.length < count) continue;
    set.slice(0, count).forEach((label, i) => {
      if (!names.has(label)) names.set(label, i);
    });
  }
  // Native letters also occur inside words; Latin ones may follow Chinese text directly.
  const one = [...names.keys()]
    .map((name) => (/[A-Z]/u.test(name) ? name : `(?<![\\p{L}\\p{M}])${name}`))
    .join("|");
  const label = `(?:[(\\[「"']?(?:${one})[)\\]」"']?|\\(?[a-${item.letters.at(-1)!.toLowerCase()}]\\))`;
  return {
    pattern: `(${label}(?:\\s*(?:[,、]|and|et|y|o|و|और)?\\s*${label})*)${LABEL_END}`,
    read(labels) {
      // The letters of "and" are no labels.
      const found = [...labels.replace(/\band\b|\bet\b|और/gu, " ").matchAll(/\p{L}/gu)].map(
        ([name]) => names.get(name) ?? names.get(name.toUpperCase()),
      );
      const choice = [...new Set(found.filter((option) => option !== undefined))].sort((a, b) => a - b);
      return choice.length === 0 ? undefined : choice;
    },
  };
}

function fromTag(text: string, reader: LabelReader): readonly number[] | undefined {
  const tags = [
    `\\\\boxed\\{\\s*(?:\\\\text\\{)?\\s*${reader.pattern}\\s*\\}`,
    `"answer"\\s*:\\s*"?\\s*${reader.pattern}`,
    `<answer>\\s*${reader.pattern}\\s*</answer>`,
  ];
  for (const tag of tags) {
    const last = [...text.matchAll(new RegExp(tag, "gu"))].at(-1);
    if (last !== undefined) return reader.read(last[1]!);
  }
  return undefined;
}

/** Phrases are matched in either case, labels only as written; Node 20 has no `(?i:...)` groups. */
function eitherCase(phrase: string): string {
  return phrase.replace(/[a-zà-ÿ]/gu, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

/** An article or a common word that looks like a label: "the answer is A common cause", "B超". */
const PROSE_AFTER = /^\s+(?!is\b|as\b|because\b|since\b|and\b|est\b|car\b|es\b|porque\b|है\b)[\p{Ll}\p{Lo}]/u;

function fromPhrases(text: string, language: string, reader: LabelReader): readonly number[] | undefined {
  const own = ANSWER_PHRASES[language]?.conclusions ?? [];
  const phrases = [...new Set([...own, ...ANSWER_PHRASES.en!.conclusions])].sort(
    (a, b) => b.length - a.length,
  );
  const before = phrases.filter((phrase) => !phrase.startsWith("X")).map(escapePattern);
  const after = phrases
    .filter((phrase) => phrase.startsWith("X"))
    .map((phrase) => escapePattern(phrase.slice(1).trim()));
  const conclusions: { at: number; labels: string }[] = [];
  const collect = (pattern: string, checkProse: boolean): void => {
    for (const match of text.matchAll(new RegExp(pattern, "gu"))) {
      const at = match.index;
      const end = at + match[0].length;
      if (NEGATIONS.test(text.slice(Math.max(0, at - 24), at))) continue;
      const bracketed = /[)\]」"']$/u.test(match[1]!);
      if (checkProse && !bracketed && language !== "hi" && PROSE_AFTER.test(text.slice(end))) continue;
      conclusions.push({ at: end, labels: match[1]! });
    }
  };
  const words = (list: readonly string[]): string => list.map(eitherCase).join("|");
  collect(
    `(?<!\\p{Script=Latin})(?:${words(before)})\\s*(?:[:-]|है)?\\s*(?:(?:${LABEL_WORDS})\\s*)?:?\\s*${reader.pattern}`,
    true,
  );
  collect(`(?<![A-Za-z\\p{M}\\p{N}])${reader.pattern}(?:项|选项)?\\s*(?:${words(after)})`, false);
  conclusions.sort((a, b) => a.at - b.at);
  const last = conclusions.at(-1);
  return last === undefined ? undefined : reader.read(last.labels);
}

function fromBareLine(text: string, reader: LabelReader): readonly number[] | undefined {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const bare = new RegExp(`^(?:[Oo]ption\\s+)?${reader.pattern}[.。:]?$`, "u");
  for (const line of [lines.at(-1), lines[0]]) {
    const labels = line?.match(bare)?.[1];
    if (labels !== undefined) return reader.read(labels);
  }
  return undefined;
}

function fromLabelAndText(text: string, item: Item): readonly number[] | undefined {
  const match = text.match(/^[([]?([A-Z])[)\].:、]+\s*(.+)$/mu);
  if (match === null) return undefined;
  const index = item.letters.indexOf(match[1]!);
  if (index < 0) return undefined;
  const wanted = fold(optionText(item.options[index]!));
  return wanted !== "" && fold(match[2]!).startsWith(wanted) ? [index] : undefined;
}

function fromOptionText(text: string, item: Item): readonly number[] | undefined {
  const folded = fold(text);
  const texts = item.options.map((option) => fold(optionText(option)));
  const contained = texts.flatMap((option, i) => (option !== "" && folded.includes(option) ? [i] : []));
  // "Type 1" is contained in "type 1 diabetes": the longest of nested options is meant.
  const outer = contained.filter(
    (i) => !contained.some((j) => j !== i && texts[j] !== texts[i] && texts[j]!.includes(texts[i]!)),
  );
  return outer.length === 1 ? outer : undefined;
}

function fold(text: string): string {
  return normalise(text)
    .toLowerCase()
    .replace(/\s+/gu, " ")
    .replace(/[.。।]+$/u, "");
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/gu, "\\$&");
}
