// Whether what a model wrote may be learnt from: the right language, of a fair length, no refusal, no talk of "the text", and no figure
// that its passage does not hold. A reason comes with its evidence.
import { detectLanguage } from "./language-detector.ts";
import { ungroundedFigures } from "./qa-figures.ts";
import { isOnTopic } from "./qa-topic.ts";
import { isQuestion, refusal, sourceMention } from "./qa-wording.ts";
import { charactersOf, countVisible } from "./text-amount.ts";
import { otherLanguage } from "./text-language.ts";

/** Why a reply is not taken. */
export const QA_REASONS = [
  "empty",
  "cut-off",
  "bad-format",
  "refused",
  "echoed",
  "repetitive",
  "too-short",
  "too-long",
  "wrong-language",
  "not-a-question",
  "off-topic",
  "mentions-source",
  "ungrounded-figure",
  "repeated-question",
] as const;
export type QaReason = (typeof QA_REASONS)[number];

/** A reason, and what shows it. */
export interface Rejection {
  readonly reason: QaReason;
  readonly evidence: string;
}

/** What a text is measured against. */
export interface CheckContext {
  readonly language: string;
  /** Where its figures must stand: the passage, and what was asked. */
  readonly source: string;
  /** The prompt it answers. */
  readonly prompt: string;
  /** The passage, then what else was handed over: no instructions are looked for in it. */
  readonly given: readonly [passage: string, ...string[]];
}

/** Lengths in characters that English would take; 32 is what Apollo asks of an answer. */
const QUESTION_CHARACTERS = [12, 500] as const;
const ANSWER_CHARACTERS = [32, 8000] as const;
/** So many characters of an instruction in a row are no coincidence. */
const ECHO_CHARACTERS = 48;

/** Checks a question; `undefined` when it may stay. */
export function checkQuestion(text: string, context: CheckContext): Rejection | undefined {
  if (plain(text).includes(plain(context.given[0]))) return reject("echoed", text);
  return (
    checkText(text, context, QUESTION_CHARACTERS) ??
    (isQuestion(text, context.language) ? undefined : reject("not-a-question", text)) ??
    (isOnTopic(text, context.given[0]) ? undefined : reject("off-topic", text)) ??
    checkFigures(text, context)
  );
}

/** Checks an answer to `question`; `undefined` when it may stay. */
export function checkAnswer(text: string, question: string, context: CheckContext): Rejection | undefined {
  if ([question, context.given[0]].some((given) => plain(text) === plain(given)))
    return reject("echoed", text);
  return checkText(text, context, ANSWER_CHARACTERS) ?? checkFigures(text, context);
}

/** Checks what a patient says: anything that a patient would. */
export function checkPatient(text: string, context: CheckContext): Rejection | undefined {
  return checkText(text, context, QUESTION_CHARACTERS) ?? checkFigures(text, context);
}

function checkText(
  text: string,
  context: CheckContext,
  [least, most]: readonly [number, number],
): Rejection | undefined {
  const { language } = context;
  const visible = countVisible(text);
  if (visible === 0) return reject("empty", text);
  const refused = refusal(text);
  if (refused !== undefined) return reject("refused", refused);
  const echoed = echo(text, context);
  if (echoed !== undefined) return reject("echoed", echoed);
  if (visible < charactersOf(least, language)) return reject("too-short", `${visible} characters`);
  if (visible > charactersOf(most, language)) return reject("too-long", `${visible} characters`);
  const repeated = repetition(text);
  if (repeated !== undefined) return reject("repetitive", repeated);
  const other = writtenIn(text, language);
  if (other !== undefined) return reject("wrong-language", other);
  const mention = sourceMention(text);
  return mention === undefined ? undefined : reject("mentions-source", mention);
}

function checkFigures(text: string, { source }: CheckContext): Rejection | undefined {
  const missing = ungroundedFigures(text, source);
  return missing.length === 0
    ? undefined
    : reject("ungrounded-figure", missing.map((figure) => figure.text).join("; "));
}

function reject(reason: QaReason, evidence: string): Rejection {
  return { reason, evidence: evidence.length > 200 ? `${evidence.slice(0, 200)}…` : evidence };
}

/** A piece of the instructions that the reply repeats; what passage and question say may be said again. */
function echo(text: string, { prompt, given }: CheckContext): string | undefined {
  const own = given.reduce((rest, part) => (part === "" ? rest : rest.replaceAll(part, "\n")), prompt);
  const reply = plain(text);
  for (const line of own.split("\n")) {
    const instruction = plain(line);
    if (instruction.length === 0 || reply.length < Math.min(ECHO_CHARACTERS, instruction.length)) continue;
    const width = Math.min(ECHO_CHARACTERS, instruction.length);
    // Short lines ("Reference:") are words that anybody may use.
    if (width < ECHO_CHARACTERS / 4) continue;
    for (let from = 0; from + width <= instruction.length; from += 8)
      if (reply.includes(instruction.slice(from, from + width))) return line.trim();
  }
  return undefined;
}

function plain(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s\p{P}]+/gu, " ")
    .trim();
}

/** Words in a row that come again and again, as small models write; Han by characters. */
function repetition(text: string): string | undefined {
  const words =
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}])+/gu) ?? [];
  const gram = 6;
  if (words.length < 4 * gram) return undefined;
  const seen = new Map<string, number>();
  let most = "";
  for (let i = 0; i + gram <= words.length; i++) {
    const key = words.slice(i, i + gram).join(" ");
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    if (times > (seen.get(most) ?? 0)) most = key;
  }
  const all = words.length - gram + 1;
  return all - seen.size > all / 3 && seen.get(most)! > 2 ? `${most} (${seen.get(most)} times)` : undefined;
}

/** Letters of a language's own script that a text needs: names of drugs and abbreviations are Latin everywhere. */
const LEAST_OWN_SCRIPT = 0.4;
const OWN_SCRIPT: Readonly<Record<string, RegExp>> = {
  zh: /\p{Script=Han}/gu,
  hi: /\p{Script=Devanagari}/gu,
  ar: /\p{Script=Arabic}/gu,
};
const HAN_WEIGHT = 3;
/** Fewer letters than this say little about a language. */
const ENOUGH_LETTERS = 25;
const MARGIN = 1.3;

/** The language of a text that is not `language`: by its script also when short; Latin ones by the detector, by a margin. */
function writtenIn(text: string, language: string): string | undefined {
  const other = otherLanguage(text, language);
  if (other !== undefined) return other;
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const own = OWN_SCRIPT[language];
  if (own !== undefined) {
    const count = text.match(own)?.length ?? 0;
    const weight = language === "zh" ? HAN_WEIGHT : 1;
    return count * weight < LEAST_OWN_SCRIPT * (letters - count + count * weight)
      ? "another script"
      : undefined;
  }
  if (letters < ENOUGH_LETTERS) return undefined;
  const found = detectLanguage(text);
  if (found.language === "" || found.language === language) return undefined;
  const scores = found.getScores() as Readonly<Record<string, number>>;
  return found.isReliable() && scores[found.language]! > MARGIN * (scores[language] ?? 0)
    ? found.language
    : undefined;
}
