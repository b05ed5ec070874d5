// Danger signs put together from concepts: reads the rules of concepts/ once and looks for them in a message.
import { CONCEPT_RULES } from "./concepts/rules.ts";
import type { Match } from "./find-words.ts";
import { RED_FLAG_CATEGORIES, type RedFlagCategory } from "./red-flag-language.ts";

/** A danger sign that was found, and how many characters of the message speak for it. */
export interface ConceptFinding {
  readonly category: RedFlagCategory;
  readonly level: "same_day" | "call_now";
  readonly length: number;
}

/** Parts of a rule, each of concepts that must stand close together, each of alternatives. */
interface ConceptRule {
  readonly category: RedFlagCategory;
  readonly level: "same_day" | "call_now";
  readonly parts: readonly (readonly (readonly string[])[])[];
}

/** The longest stretch between two concepts that belong together: six words or so, less where words are two characters. */
const NEAR = { words: 42, characters: 14 };
/** The longest stretch between two parts of a rule. */
const FAR = 170;

const RULES: readonly ConceptRule[] = RED_FLAG_CATEGORIES.flatMap((category) =>
  CONCEPT_RULES[category].map((line): ConceptRule => {
    const today = line.startsWith("day:");
    const parts = (today ? line.slice("day:".length) : line).split(" + ");
    return {
      category,
      level: today ? "same_day" : "call_now",
      parts: parts.map((part) => part.split(" & ").map((group) => group.trim().split("|"))),
    };
  }),
);

/** The danger signs in a text whose concepts have been found and freed from what is denied. */
export function findConceptRules(
  concepts: ReadonlyMap<string, readonly Match[]>,
  spaced: boolean,
): ConceptFinding[] {
  const near = spaced ? NEAR.words : NEAR.characters;
  return RULES.flatMap(({ category, level, parts }) => {
    const places = parts.map((groups) => together(groups, concepts, near));
    const length = places.some((list) => list.length === 0) ? 0 : chain(places, FAR);
    return length > 0 ? [{ category, level, length }] : [];
  });
}

/** All stretches in which one of each group stands, close together and not the same words twice. */
function together(
  groups: readonly (readonly string[])[],
  concepts: ReadonlyMap<string, readonly Match[]>,
  near: number,
): Match[] {
  let found: (Match & { readonly members: readonly Match[] })[] | undefined;
  for (const names of groups) {
    const matches = names.flatMap((name) => concepts.get(name) ?? []);
    found =
      found === undefined
        ? matches.map((match) => ({ ...match, members: [match] }))
        : found.flatMap((a) =>
            matches
              // Within the stretch ("took all my pills") or near it, but not on a word that has been used.
              .filter(
                (b) => (apart(a, b) ?? 0) <= near && a.members.every((one) => apart(one, b) !== undefined),
              )
              .map((b) => ({
                at: Math.min(a.at, b.at),
                end: Math.max(a.end, b.end),
                members: [...a.members, b],
              })),
          );
    if (found.length === 0) return [];
  }
  return found ?? [];
}

/** Characters of the first choice of one match a part, none overlapping the first; 0 when there is none. */
function chain([first = [], ...others]: readonly (readonly Match[])[], far: number): number {
  for (const start of first) {
    const rest = others.map((list) => list.find((match) => (apart(start, match) ?? Infinity) <= far));
    if (rest.every((match) => match !== undefined))
      return [start, ...rest].reduce((sum, { at, end }) => sum + end - at, 0);
  }
  return 0;
}

/** Characters between two matches; undefined when they overlap. */
function apart(a: Match, b: Match): number | undefined {
  if (a.end <= b.at) return b.at - a.end;
  return b.end <= a.at ? a.at - b.end : undefined;
}
