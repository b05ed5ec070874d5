// One exam question, and how it is read from a record in XMedBench's released shape.
import { itemLanguage } from "./item-language.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** One exam question. */
export interface Item {
  /** The item's own id, else `source/number` counted from 0 within the source: stable whatever else the suite holds. */
  readonly id: string;
  readonly source: string;
  /** An ISO 639-1 code such as `hi`. */
  readonly language: string;
  readonly question: string;
  /** A passage that the question is about; absent when empty. */
  readonly context?: string;
  /** Option texts as written, without their letters. */
  readonly options: readonly string[];
  /** The letters the options carry, `A`, `B`, ... */
  readonly letters: readonly string[];
  /** Indexes of the right options, ascending; more than one for multiple-answer items. */
  readonly gold: readonly number[];
  /** The part of the exam, where the file says it, e.g. `anatomy`. */
  readonly subject?: string;
  /** Question and options as the file has them, where spaces at their ends were removed above. */
  readonly written?: { readonly question: string; readonly options: string };
}

/** Why an item of the file is not in the suite. */
export type RefusalReason =
  | "not-an-object"
  | "doubled-id"
  | "no-question"
  | "bad-options"
  | "too-few-options"
  | "bad-answer"
  | "gold-outside-options";

/** What is odd about an item that is kept. */
export type ItemNote = "multiple-gold" | "empty-option" | "doubled-option";

/** One record as an item of no suite, or why it is none. */
export function itemOf(record: unknown, defaultSource: string): Promise<Item | RefusalReason> {
  return readItem(record, placeOf(record, new Map(), defaultSource));
}

/** What is odd about an item. */
export function notesOf(item: Item): ItemNote[] {
  const notes: ItemNote[] = [];
  const texts = item.options.map((option) => optionText(option).toLowerCase());
  if (item.gold.length > 1) notes.push("multiple-gold");
  if (texts.includes("")) notes.push("empty-option");
  if (new Set(texts).size < texts.length) notes.push("doubled-option");
  return notes;
}

/** An option's text without the full stops that XMedBench's release appended to it. */
export function optionText(option: string): string {
  return option.replace(/\s*\.+\s*$/u, "").trim();
}

/** The source and id of a record. Counted before anything is refused, so that ids do not move when a later version accepts more. */
export function placeOf(
  record: unknown,
  counters: Map<string, number>,
  defaultSource: string,
): { readonly source: string; readonly id: string } {
  const source = textField(record, "source") || defaultSource;
  const number = counters.get(source) ?? 0;
  if (isObject(record)) counters.set(source, number + 1);
  return { source, id: textField(record, "id") || `${source}/${number}` };
}

/** A JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** A field of a record as trimmed text; empty when it is none. */
export function textField(record: unknown, name: string): string {
  const value = isObject(record) ? record[name] : undefined;
  return typeof value === "string" ? value.trim() : "";
}

/** A record as an item, or why it is none. */
export async function readItem(
  record: unknown,
  place: { readonly source: string; readonly id: string },
): Promise<Item | RefusalReason> {
  if (!isObject(record)) return "not-an-object";
  const text = (name: string): string => textField(record, name);
  const question = text("question");
  if (question === "") return "no-question";
  const parsed = parseOptions(record.options);
  if (parsed === undefined) return "bad-options";
  if (parsed.length < 2) return "too-few-options";
  const letters = [...LETTERS.slice(0, parsed.length)];
  const answer = text("answer").match(/^\(?([A-Z]+)\)?$/u)?.[1];
  if (answer === undefined) return "bad-answer";
  const gold = [...new Set(answer)].map((letter) => letters.indexOf(letter)).sort((a, b) => a - b);
  if (gold[0]! < 0) return "gold-outside-options";
  const context = text("context");
  const subject = text("subject");
  const language = await itemLanguage({
    source: place.source,
    language: text("language"),
    text: `${question} ${parsed.join(" ")}`,
  });
  return {
    ...place,
    language,
    question,
    ...(context === "" ? {} : { context }),
    options: parsed,
    letters,
    gold,
    ...(subject === "" ? {} : { subject }),
    ...writtenOtherwise(record, question, parsed),
  };
}

/** Options as XMedBench writes them. */
export function writtenOptions(options: readonly string[]): string {
  return options.map((option, i) => `(${LETTERS[i]}) ${option}`).join("\n");
}

function writtenOtherwise(
  record: Record<string, unknown>,
  question: string,
  options: readonly string[],
): Pick<Item, "written"> {
  const written = { question: String(record.question), options: record.options };
  if (typeof written.options !== "string") return {};
  const same = written.question === question && written.options === writtenOptions(options);
  return same ? {} : { written: { question: written.question, options: written.options } };
}

/** Splits `"(A) x\n(B) y"` at letters that follow in order at a line's start; a list of texts is taken as it is. */
export function parseOptions(value: unknown): string[] | undefined {
  if (Array.isArray(value)) {
    if (value.length > LETTERS.length || !value.every((option) => typeof option === "string"))
      return undefined;
    return value.map((option: string) => option.replace(/^\s*\([A-Z]\)/u, "").trim());
  }
  if (typeof value !== "string") return undefined;
  const texts: string[] = [];
  for (const line of value.trim().split("\n")) {
    const next = `(${LETTERS[texts.length]})`;
    if (texts.length < LETTERS.length && line.trimStart().startsWith(next)) {
      texts.push(line.trimStart().slice(next.length).trim());
    } else if (texts.length === 0) {
      return undefined;
    } else {
      texts[texts.length - 1] = `${texts[texts.length - 1]}\n${line}`.trim();
    }
  }
  return texts;
}
