// The words behind a command's name as its options and positionals: known ones only, numbers within their bounds, and for
// each mistake one sentence that says what would be right.
import { parseArgs } from "node:util";
import { UserError } from "../core/index.ts";
import type { OptionDefinition } from "./command.ts";
import { nearestWord } from "./nearest-word.ts";

type Options = Readonly<Record<string, OptionDefinition>>;

/** What a command line said. */
export interface ParsedWords {
  readonly options: Record<string, unknown>;
  readonly positionals: string[];
}

/**
 * Reads `words`, which follow the command `name`, by its `options` and its `positionals` (`"IN..."`); those of `common`, which
 * every command has, are let through. `UserError` for unknown ones, for values that are missing, empty, no number or out of
 * bounds, and for too few or too many positionals. Of an option that is given twice, though it takes one value, the last counts.
 */
export function parseWords(
  name: string,
  words: readonly string[],
  options: Options,
  common: Options,
  positionals: string,
): ParsedWords {
  const remedy = `See: apollo ${name} --help`;
  const { values: given, positionals: rest } = split(words, { ...options, ...common }, remedy);
  const values: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(options)) {
    const texts = given[key];
    if (texts === undefined) {
      if (option.required)
        throw new UserError("missing-option", `--${key} is missing: ${option.help}`, { remedy });
      values[key] = option.multiple
        ? []
        : (option.default ?? (option.type === "boolean" ? false : undefined));
    } else {
      const read = texts.map((text) => readValue(key, option, text, remedy));
      values[key] = option.multiple ? read : read.at(-1);
    }
  }
  checkPositionals(positionals, rest, remedy);
  return { options: values, positionals: rest };
}

/** What was given for each option, in the order it was given. */
function split(
  words: readonly string[],
  known: Options,
  remedy: string,
): { readonly values: Record<string, (string | boolean)[]>; readonly positionals: string[] } {
  const config = Object.fromEntries(
    Object.entries(known).map(([key, { type }]) => [
      key,
      { type: type === "boolean" ? ("boolean" as const) : ("string" as const), multiple: true },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: joinNegatives(words, known),
      allowPositionals: true,
      strict: true,
      options: config,
    });
    return { values: { ...values } as Record<string, (string | boolean)[]>, positionals };
  } catch (error) {
    const message = (error as Error).message.split(". To specify")[0] ?? "";
    const unknown = /^Unknown option '--(.+)'/u.exec(message)?.[1];
    const meant = unknown === undefined ? undefined : nearestWord(unknown, Object.keys(known));
    throw new UserError("bad-option", message, {
      remedy: meant === undefined ? remedy : `Did you mean --${meant}? ${remedy}`,
    });
  }
}

/** `--gpu-layers -1` as `--gpu-layers=-1`: Node's parser takes a word with a dash for the next option. */
function joinNegatives(words: readonly string[], known: Options): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const option = known[joined.at(-1)?.replace(/^--/u, "") ?? ""];
    const takesNumber = option?.type === "number" || option?.type === "whole";
    if (takesNumber && /^-[\d.]/u.test(word)) joined.push(`${joined.pop()}=${word}`);
    else joined.push(word);
  }
  return joined;
}

function readValue(
  key: string,
  option: OptionDefinition,
  text: string | boolean,
  remedy: string,
): string | number | boolean {
  if (typeof text === "boolean") return text;
  // An unset variable in a script: `--out "$OUT"`.
  if (text.trim() === "") throw new UserError("bad-option", `--${key} is empty`, { remedy });
  if (option.type !== "number" && option.type !== "whole") return text;
  const value = Number(text);
  const { least = option.type === "whole" ? 1 : undefined, most } = option;
  const fits = Number.isFinite(value) && (option.type === "number" || Number.isSafeInteger(value));
  if (fits && value >= (least ?? value) && value <= (most ?? value)) return value;
  const kind = option.type === "whole" ? "a whole number" : "a number";
  const bounds = `${least === undefined ? "" : ` from ${least}`}${most === undefined ? "" : ` to ${most}`}`;
  throw new UserError("bad-option", `--${key} must be ${kind}${bounds}, found "${text}"`, { remedy });
}

function checkPositionals(spec: string, given: readonly string[], remedy: string): void {
  const names = spec === "" ? [] : spec.split(" ");
  const required = names.filter((part) => !part.startsWith("["));
  if (given.length < required.length) {
    throw new UserError("missing-argument", `${required[given.length]?.replace("...", "")} is missing`, {
      remedy,
    });
  }
  if (given.length > names.length && !names.some((part) => part.includes("..."))) {
    throw new UserError("unexpected-argument", `unexpected argument "${given[names.length]}"`, { remedy });
  }
}
