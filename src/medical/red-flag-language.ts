// What the red-flag list of one language consists of: data, read by red-flags.ts. The words are written as people write them;
// both they and a message go through normalise.ts before they meet.

/** The categories of danger signs, gravest first: the order decides which card comes first when several have the same level. */
export const RED_FLAG_CATEGORIES = [
  ...["collapse", "breathing", "anaphylaxis", "stroke", "chest", "seizure", "bleeding", "poisoning"],
  ...["suicide", "violence", "infant", "child", "meningitis", "sepsis", "head", "pregnancy"],
  ...["sugar", "heat", "burn", "bite", "eye", "cauda", "abdomen", "testis"],
] as readonly RedFlagCategory[];

/** One category of danger signs. */
export type RedFlagCategory =
  | "abdomen"
  | "anaphylaxis"
  | "bite"
  | "bleeding"
  | "breathing"
  | "burn"
  | "cauda"
  | "chest"
  | "child"
  | "collapse"
  | "eye"
  | "head"
  | "heat"
  | "infant"
  | "meningitis"
  | "poisoning"
  | "pregnancy"
  | "seizure"
  | "sepsis"
  | "stroke"
  | "sugar"
  | "suicide"
  | "testis"
  | "violence";

/**
 * The list of one language (Hindi has two, one for each script).
 *
 * A rule is a line of groups that must all be there, in any order and close together: `chest + pain|hurt*`. In a group, `|` parts
 * alternatives, `*` ends a stem, `...` stands for a few words, `{name}` for an entry of `words`; a group that begins with `!` must
 * not be there. A rule that begins with `day:` is for today, not for this minute. `@infant` (an age under three months), `@fever`
 * (38 °C or more), `@high` (40 °C or more) and `@sugar` (a glucose far too high or low) stand for numbers.
 */
export interface RedFlagLanguage {
  /** The language whose card is shown. */
  readonly language: "en" | "zh" | "fr" | "es" | "hi" | "ar";
  readonly script: "latin" | "han" | "devanagari" | "arabic";
  /** French and the like: what may stick to the front of a word. */
  readonly elisions?: readonly string[];
  /** Groups of words that rules share. */
  readonly words: Readonly<Record<string, string>>;
  /** Words that deny what comes right after (`before`) or right before them (`after`), and what may stand between. */
  readonly negation: { readonly before?: string; readonly after?: string; readonly between?: string };
  /** That it is happening now, and that it happens to somebody: these outweigh a frame. */
  readonly cues: { readonly now: string; readonly person: string };
  /** Ways of writing about something that is not happening. */
  readonly frames: {
    readonly past: string;
    readonly exam: string;
    readonly definition: string;
    readonly story: string;
  };
  /** Figures of speech, taken out before anything is looked for. */
  readonly idioms: string;
  readonly rules: Readonly<Record<RedFlagCategory, readonly string[]>>;
}
