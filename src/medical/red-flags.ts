// The gate before the model: says whether a message may describe an emergency, from lists of words alone. It works without any model
// and may miss emergencies; what it finds is where to send a person, never a diagnosis.
import { type CompiledLanguage, type CompiledRule, compileLanguage } from "./compile-rules.ts";
import { type ConceptFinding, findConceptRules } from "./concept-rules.ts";
import { arConcepts } from "./concepts/ar.ts";
import { enConcepts } from "./concepts/en.ts";
import { esConcepts } from "./concepts/es.ts";
import { frConcepts } from "./concepts/fr.ts";
import { zhConcepts } from "./concepts/zh.ts";
import { hiConcepts } from "./concepts/hi.ts";
import { hiLatinConcepts } from "./concepts/hi-latin.ts";
import type { ConceptLexicon } from "./concepts/rules.ts";
import { compileConcepts, type FindConcepts } from "./find-concepts.ts";
import type { Match, WordGroup } from "./find-words.ts";
import { markMeasurements } from "./measurements.ts";
import { normalise } from "./normalise.ts";
import { RED_FLAG_CATEGORIES, type RedFlagCategory, type RedFlagLanguage } from "./red-flag-language.ts";
import { ar } from "./red-flags/ar.ts";
import { en } from "./red-flags/en.ts";
import { es } from "./red-flags/es.ts";
import { fr } from "./red-flags/fr.ts";
import { hi } from "./red-flags/hi.ts";
import { hiLatin } from "./red-flags/hi-latin.ts";
import { zh } from "./red-flags/zh.ts";

/**
 * How urgent a message looks. `call_now`: the emergency number or the nearest emergency department. `same_day`: a clinician within
 * hours. `info`: danger signs are named, but as a question about them, an exam item or something past.
 */
export type RedFlagLevel = "none" | "info" | "same_day" | "call_now";

/** What the gate makes of a message. */
export interface RedFlagAssessment {
  readonly level: RedFlagLevel;
  /** The gravest category found; absent when the level is `none`. */
  readonly category?: RedFlagCategory;
  /** All categories found at that level or below, gravest first. */
  readonly categories: readonly RedFlagCategory[];
  /** The language of the list that found it. */
  readonly language?: RedFlagLanguage["language"];
}

const LEVELS: readonly RedFlagLevel[] = ["none", "info", "same_day", "call_now"];
/** Groups of one rule must be found within this many characters of the first. */
const WINDOW = 170;
/** Longer messages are looked at in their first and last part: lists of words say nothing about a book. */
const MOST_CHARACTERS = 4000;
/** How far back and forward a denial is looked for. */
const DENIAL_REACH = 40;
const NONE: RedFlagAssessment = { level: "none", categories: [] };
/** Lettered options on lines of their own, in any of the languages. */
const OPTIONS =
  /(?:^|\s)[(（]?(?:a|أ|क)[.)）、:].{1,200}?\s[(（]?(?:b|ب|ख)[.)）、:].{1,200}?\s[(（]?(?:c|ج|ग)[.)）、:]/isu;

/** The list of each language and script with its lexicon. */
const LISTS: readonly (readonly [RedFlagLanguage, ConceptLexicon])[] = [
  [en, enConcepts],
  [zh, zhConcepts],
  [fr, frConcepts],
  [es, esConcepts],
  [hi, hiConcepts],
  [hiLatin, hiLatinConcepts],
  [ar, arConcepts],
];

let compiled: readonly (CompiledLanguage & { readonly findConcepts: FindConcepts })[] | undefined;

/** Looks for danger signs in a message in any of the six languages. Pure: the same message gives the same answer. */
export function assessRedFlags(message: string): RedFlagAssessment {
  compiled ??= LISTS.map(([list, lexicon]) => ({
    ...compileLanguage(list),
    findConcepts: compileConcepts(lexicon, list.script, list.language === "fr"),
  }));
  const shortened =
    message.length <= MOST_CHARACTERS
      ? message
      : `${message.slice(0, MOST_CHARACTERS / 2)}\n${message.slice(-MOST_CHARACTERS / 2)}`;
  const plain = normalise(shortened);
  const languages = compiled.filter(({ source }) => SCRIPTS[source.script].test(plain));
  const text = markMeasurements(
    languages.reduce((rest, { idioms }) => blank(rest, idioms.find(rest)), plain),
  );
  const frame = readFrame(plain, text, languages);
  const found = new Map<
    RedFlagCategory,
    { level: RedFlagLevel; length: number; language: CompiledLanguage }
  >();
  for (const language of languages) {
    for (const { category, level: unframed, length } of findings(text, language)) {
      const level = frame ? "info" : unframed;
      const before = found.get(category);
      if (before === undefined || compare({ level, length }, before) > 0)
        found.set(category, { level, length, language });
    }
  }
  const ordered = [...found].sort(
    ([a, x], [b, y]) => compare(y, x) || RED_FLAG_CATEGORIES.indexOf(a) - RED_FLAG_CATEGORIES.indexOf(b),
  );
  const first = ordered[0];
  if (first === undefined) return NONE;
  const [category, { level, language }] = first;
  return { level, category, categories: ordered.map(([name]) => name), language: language.source.language };
}

const SCRIPTS: Readonly<Record<RedFlagLanguage["script"], RegExp>> = {
  latin: /\p{Script=Latin}/u,
  han: /\p{Script=Han}/u,
  devanagari: /\p{Script=Devanagari}/u,
  arabic: /\p{Script=Arabic}/u,
};

/** What the enumerated rules and the rules over concepts find. */
function findings(
  text: string,
  language: CompiledLanguage & { readonly findConcepts: FindConcepts },
): ConceptFinding[] {
  const concepts = new Map(
    [...language.findConcepts(text)].map(([name, matches]) => [
      name,
      matches.filter((match) => !isDenied(text, match, language)),
    ]),
  );
  return [
    ...language.rules.map((rule) => ({ ...rule, length: matchLength(rule, text, language) })),
    ...findConceptRules(concepts, language.source.script !== "han"),
  ].filter(({ length }) => length > 0);
}

/** The graver level first; within one, what more of the message speaks for. */
function compare(
  a: { level: RedFlagLevel; length: number },
  b: { level: RedFlagLevel; length: number },
): number {
  return LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || a.length - b.length;
}

/** The text with spaces in place of the matches. */
function blank(text: string, matches: readonly Match[]): string {
  return matches.reduce(
    (rest, { at, end }) => rest.slice(0, at) + " ".repeat(end - at) + rest.slice(end),
    text,
  );
}

/** True when the message is about something that is not happening: an exam item, a definition, a story, the past. */
function readFrame(plain: string, text: string, languages: readonly CompiledLanguage[]): boolean {
  const has = (pick: (language: CompiledLanguage) => WordGroup, where = plain): boolean =>
    languages.some((language) => pick(language).isIn(where));
  const now = has((language) => language.now, text);
  const person = has((language) => language.person, text);
  if (has(({ exam }) => exam) || OPTIONS.test(plain)) return true;
  if (has(({ past }) => past) && !now) return true;
  return (has(({ story }) => story) || has(({ definition }) => definition)) && !(now && person);
}

/** How many characters of the text the rule's groups match; 0 when the rule does not hold. */
function matchLength(rule: CompiledRule, text: string, language: CompiledLanguage): number {
  const places: Match[][] = [];
  for (const group of rule.needed) {
    const matches = group.find(text).filter((match) => !isDenied(text, match, language));
    if (matches.length === 0) return 0;
    places.push(matches);
  }
  if (rule.excluded.some((group) => group.isIn(text))) return 0;
  const [first = [], ...others] = places;
  for (const start of first) {
    const near = others.map((matches) =>
      matches.find(
        ({ at, end }) => Math.abs(at - start.at) <= WINDOW && (end <= start.at || at >= start.end),
      ),
    );
    if (near.every((match) => match !== undefined))
      return [start, ...near].reduce((sum, { at, end }) => sum + end - at, 0);
  }
  return 0;
}

function isDenied(text: string, { at, end }: Match, language: CompiledLanguage): boolean {
  const before = text.slice(Math.max(0, at - DENIAL_REACH), at);
  if (language.deniedBefore?.test(before)) return true;
  return language.deniedAfter?.test(text.slice(end, end + DENIAL_REACH)) ?? false;
}
