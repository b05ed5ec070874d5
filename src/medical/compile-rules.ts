// Reads the red-flag list of a language into groups of words, once.
import { type WordGroup, type WordRules, wordGroup } from "./find-words.ts";
import { normalise } from "./normalise.ts";
import { RED_FLAG_CATEGORIES, type RedFlagCategory, type RedFlagLanguage } from "./red-flag-language.ts";

/** One rule: every group of `needed` must be found, none of `excluded`. */
export interface CompiledRule {
  readonly category: RedFlagCategory;
  readonly level: "same_day" | "call_now";
  readonly needed: readonly WordGroup[];
  readonly excluded: readonly WordGroup[];
}

/** A language ready for use. */
export interface CompiledLanguage {
  readonly source: RedFlagLanguage;
  readonly rules: readonly CompiledRule[];
  /** Text right before a match that denies it. */
  readonly deniedBefore: RegExp | undefined;
  /** Text right after a match that denies it. */
  readonly deniedAfter: RegExp | undefined;
  readonly now: WordGroup;
  readonly person: WordGroup;
  readonly past: WordGroup;
  readonly exam: WordGroup;
  readonly definition: WordGroup;
  readonly story: WordGroup;
  readonly idioms: WordGroup;
}

/** Conjunctions, prepositions, the article and the prefixes of verbs; pronouns and the endings of verbs and of the plural. */
const ARABIC_JOINS = {
  front: /^[وف]?[بلكهح]?(?:ال|لل)?(?:[ايتن]|يت|تت|ات|ان)?$/u,
  end: /^(?:ت|تو|وا?|ا|ين?|ان)?(?:ه|ها|هم|هن|ني|ي|ك|كم|نا|ش)?$/u,
};
const SPECIAL = /[\\^$.*+?()[\]{}|/]/gu;

/** Compiles one language. An `Error` names a rule that uses a group of words which is not there. */
export function compileLanguage(source: RedFlagLanguage): CompiledLanguage {
  const wordRules: WordRules = {
    wholeWords: source.script === "latin",
    prefixes: source.elisions ?? [],
    ...(source.script === "arabic" ? { joins: ARABIC_JOINS } : {}),
  };
  const group = (text: string): WordGroup => wordGroup(splitTerms(text, source), wordRules);
  const rules = RED_FLAG_CATEGORIES.flatMap((category) =>
    source.rules[category].map((line): CompiledRule => {
      const today = line.startsWith("day:");
      const groups = (today ? line.slice("day:".length) : line).split(" + ").map((part) => part.trim());
      return {
        category,
        level: today ? "same_day" : "call_now",
        needed: groups.filter((part) => !part.startsWith("!")).map(group),
        excluded: groups.filter((part) => part.startsWith("!")).map((part) => group(part.slice(1))),
      };
    }),
  );
  const { before, after, between = "" } = source.negation;
  const spaced = source.script !== "han";
  const gap = spaced
    ? `(?:\\s+(?:${alternatives(between, source)}))*\\s*`
    : `(?:${alternatives(between, source)})?`;
  return {
    source,
    rules,
    deniedBefore:
      before === undefined
        ? undefined
        : new RegExp(`${spaced ? "(?<![\\p{L}\\p{M}])" : ""}(?:${alternatives(before, source)})${gap}$`, "u"),
    deniedAfter:
      after === undefined ? undefined : new RegExp(`^${gap}(?:${alternatives(after, source)})`, "u"),
    now: group(source.cues.now),
    person: group(source.cues.person),
    past: group(source.frames.past),
    exam: group(source.frames.exam),
    definition: group(source.frames.definition),
    story: group(source.frames.story),
    idioms: group(source.idioms),
  };
}

/** `a|{name}|b` as its terms. */
function splitTerms(text: string, source: RedFlagLanguage): string[] {
  const filled = text.replace(/\{(\w+)\}/gu, (_, name: string) => {
    const words = source.words[name];
    if (words === undefined) throw new Error(`${source.language}: no words called "${name}" in "${text}"`);
    return words;
  });
  return filled.split("|").filter((term) => term.trim() !== "");
}

function alternatives(text: string, source: RedFlagLanguage): string {
  return splitTerms(text, source)
    .map((term) => normalise(term).replace(SPECIAL, "\\$&"))
    .join("|");
}
