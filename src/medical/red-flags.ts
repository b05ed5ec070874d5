// The gate before the model: says whether a message may describe an emergency, from lists of words alone. It works without any model
// and may miss emergencies; what it finds is where to send a person, never a diagnosis.
import { isClinicalRegister } from "./clinical-register.ts";
import { type CompiledLanguage, type CompiledRule, compileLanguage } from "./compile-rules.ts";
import { type ConceptFinding, findConceptRules } from "./concept-rules.ts";
import { arConcepts } from "./concepts/ar.ts";
import { arLatinConcepts } from "./concepts/ar-latin.ts";
import { enConcepts } from "./concepts/en.ts";
import { esConcepts } from "./concepts/es.ts";
import { frConcepts } from "./concepts/fr.ts";
import { hiConcepts } from "./concepts/hi.ts";
import { hiLatinConcepts } from "./concepts/hi-latin.ts";
import type { ConceptLexicon } from "./concepts/rules.ts";
import { zhConcepts } from "./concepts/zh.ts";
import { compileConcepts, type FindConcepts } from "./find-concepts.ts";
import type { Match, WordGroup } from "./find-words.ts";
import { latinLanguages } from "./latin-language.ts";
import { markMeasurements } from "./measurements.ts";
import { normalise } from "./normalise.ts";
import { RED_FLAG_CATEGORIES, type RedFlagCategory, type RedFlagLanguage } from "./red-flag-language.ts";
import { ar } from "./red-flags/ar.ts";
import { arLatin } from "./red-flags/ar-latin.ts";
import { en } from "./red-flags/en.ts";
import { es } from "./red-flags/es.ts";
import { fr } from "./red-flags/fr.ts";
import { hi } from "./red-flags/hi.ts";
import { hiLatin } from "./red-flags/hi-latin.ts";
import { zh } from "./red-flags/zh.ts";
import type { SpellingName } from "./spelling.ts";

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
/** "No chest pain": what a denial reaches over the word that it stands before, in characters. */
const DENIAL_SPREAD = { words: 8, characters: 2 };
const NONE: RedFlagAssessment = { level: "none", categories: [] };
/** A stretch up to a mark or a word that turns to the present: "now", 现在, "maintenant", "ahora", "ab", अब, الآن. */
const CLAUSE =
  /(?:(?!(?<![\p{L}\p{M}])(?:now|but|maintenant|mais|ahora|pero|ab|abhi|par|अब|पर|الان|دلوقتي|ودلوقتي|هلا|بس|لكن)(?![\p{L}\p{M}])|现在|但是?|如今)[^,;.!?\n，。；？！、؛،؟।]|(?<=^|[,;.!?\n，。；？！、؛،؟।]\s*)(?:now|but|maintenant|mais|ahora|pero|ab|abhi|par|अब|पर|الان|دلوقتي|ودلوقتي|هلا|بس|لكن|现在|但是?|如今))+/gu;
/** That something past has come back. */
const AGAIN =
  /(?<!\p{L})(?:again|worse|back again|same as|like last time|encore|de nouveau|a nouveau|pareil|pire|otra vez|de nuevo|igual que|peor|phir|fir se|dobara|wapas)(?!\p{L})|又|再次|复发|跟上次|和上次|फिर|दोबारा|वापस|تاني|ثاني|مره اخري|رجع|كمان مره|من جديد/u;
/** Lettered options on lines of their own, in any of the languages. */
const OPTIONS =
  /(?:^|\s)[(（]?(?:a|أ|क)[.)）、:].{1,200}?\s[(（]?(?:b|ب|ख)[.)）、:].{1,200}?\s[(（]?(?:c|ج|ग)[.)）、:]/isu;

/** The list of each language and script with its lexicon, and how that is spelt. */
const LISTS: readonly (readonly [SpellingName | "zh", RedFlagLanguage, ConceptLexicon])[] = [
  ["en", en, enConcepts],
  ["zh", zh, zhConcepts],
  ["fr", fr, frConcepts],
  ["es", es, esConcepts],
  ["hi", hi, hiConcepts],
  ["hi-latin", hiLatin, hiLatinConcepts],
  ["ar", ar, arConcepts],
  ["ar-latin", arLatin, arLatinConcepts],
];

let compiled: readonly (CompiledLanguage & { readonly findConcepts: FindConcepts })[] | undefined;

/** Looks for danger signs in a message in any of the six languages. Pure: the same message gives the same answer. */
export function assessRedFlags(message: string): RedFlagAssessment {
  compiled ??= LISTS.map(([name, list, lexicon]) => ({
    ...compileLanguage(list),
    findConcepts: compileConcepts(lexicon, name),
  }));
  const shortened =
    message.length <= MOST_CHARACTERS
      ? message
      : `${message.slice(0, MOST_CHARACTERS / 2)}\n${message.slice(-MOST_CHARACTERS / 2)}`;
  const plain = normalise(shortened);
  const latin = latinLanguages(plain);
  const languages = compiled.filter(
    ({ source: { script, language } }) =>
      SCRIPTS[script].test(plain) && (script !== "latin" || language === "zh" || latin.has(language)),
  );
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
      const level = frame === true ? "info" : unframed;
      const before = found.get(category);
      if (before === undefined || compare({ level, length }, before) > 0)
        found.set(category, { level, length, language });
    }
  }
  // Something past and something now: what only the past clause says is past.
  if (frame === "past clause" && !AGAIN.test(text)) {
    const rest = languages.reduce((left, { past }) => withoutClauses(left, past), text);
    const present = new Set(
      languages.flatMap((language) => findings(rest, language)).map(({ category }) => category),
    );
    for (const [category, finding] of found)
      if (!present.has(category)) found.set(category, { ...finding, level: "info" });
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
  const all = language.findConcepts(text);
  const denied = [...all.values()].flat().filter((match) => isDenied(text, match, language));
  const spread = language.source.script === "han" ? DENIAL_SPREAD.characters : DENIAL_SPREAD.words;
  const isFree = (match: Match): boolean =>
    !denied.some(
      ({ at, end }) =>
        (at === match.at && end === match.end) ||
        (match.at >= end && match.at - end <= spread && !/[,;.!?\n]/u.test(text.slice(end, match.at))),
    );
  const concepts = new Map([...all].map(([name, matches]) => [name, matches.filter(isFree)]));
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

/**
 * True when the message is about something that is not happening: an exam item, a definition, a story, the past; "past clause" when
 * it also speaks of now.
 */
function readFrame(
  plain: string,
  text: string,
  languages: readonly CompiledLanguage[],
): boolean | "past clause" {
  const has = (pick: (language: CompiledLanguage) => WordGroup, where = plain): boolean =>
    languages.some((language) => pick(language).isIn(where));
  const now = has((language) => language.now, text);
  const person = has((language) => language.person, text);
  if (has(({ exam }) => exam) || OPTIONS.test(plain) || isClinicalRegister(plain)) return true;
  if ((has(({ story }) => story) || has(({ definition }) => definition)) && !(now && person)) return true;
  return has(({ past }) => past) && (now ? "past clause" : true);
}

/** The text with spaces in place of every clause in which one of the words stands. */
function withoutClauses(text: string, words: WordGroup): string {
  return words.find(text).reduce((rest, { at, end }) => {
    const clause = [...rest.matchAll(CLAUSE)].find(
      ({ index, 0: part }) => index <= at && index + part.length >= end,
    );
    const span =
      clause === undefined ? { at, end } : { at: clause.index, end: clause.index + clause[0].length };
    return blank(rest, [span]);
  }, text);
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
