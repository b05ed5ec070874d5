// What a command is, and how its words become typed options. Node's own parser does the parsing: unlike citty's it refuses
// unknown flags and takes repeated ones (docs/decisions/2026-11-22-argument-parser.md).
import { parseArgs } from "node:util";
import { type ProgressFactory, UserError } from "../core/index.ts";

/** One `--option`. */
export interface OptionDefinition {
  readonly type: "string" | "number" | "boolean";
  /** One line for `--help`. */
  readonly help: string;
  /** What stands for the value in `--help`, e.g. `DIR`. */
  readonly value?: string;
  readonly required?: boolean;
  /** May be given several times; the value is then a list. */
  readonly multiple?: boolean;
  /** Shown in `--help`; applied by the command itself or by the parser when given here. */
  readonly default?: string | number | boolean;
}

type OptionValue<O extends OptionDefinition> = O["type"] extends "boolean"
  ? boolean
  : O["type"] extends "number"
    ? number
    : string;

/** The values a command gets: lists for repeated options, `undefined` for absent ones without a default. */
export type OptionValues<T extends Record<string, OptionDefinition>> = {
  readonly [K in keyof T]: T[K]["multiple"] extends true
    ? readonly OptionValue<T[K]>[]
    : T[K]["required"] extends true
      ? OptionValue<T[K]>
      : T[K] extends { readonly default: string | number | boolean }
        ? OptionValue<T[K]>
        : T[K]["type"] extends "boolean"
          ? boolean
          : OptionValue<T[K]> | undefined;
};

/** What a running command talks through. */
export interface CommandIo {
  /** True with `--json`. */
  readonly json: boolean;
  /** A line for a person, on standard output; not shown with `--json`. */
  print(line?: string): void;
  /** One JSON line on standard output while running (`train` has one a step); shown only with `--json`. */
  event(value: unknown): void;
  /** A warning for a person, on standard error. */
  warn(line: string): void;
  readonly progress: ProgressFactory;
  /** Aborted by the first Ctrl-C; the second one ends the process. */
  readonly signal: AbortSignal;
}

/** A command of the CLI, without its types. */
export interface Command {
  /** The words that call it: `corpus import`. */
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** The positional part of the usage line, e.g. `IN...`; empty when it takes none. */
  readonly positionals: string;
  readonly options: Readonly<Record<string, OptionDefinition>>;
  readonly examples: readonly string[];
  /** Runs it; the result is what `--json` prints as the last line. */
  execute(words: readonly string[], io: CommandIo): Promise<unknown>;
}

/** Options every command has. */
export const COMMON_OPTIONS = {
  json: { type: "boolean", help: "print one JSON object as the last line of standard output" },
  help: { type: "boolean", help: "show this help" },
} as const satisfies Record<string, OptionDefinition>;

/** Defines a command: its words are checked against `options` and handed to `run` typed. */
export function defineCommand<const T extends Record<string, OptionDefinition>>(definition: {
  readonly name: string;
  readonly summary: string;
  /** e.g. `"IN..."`; `...` allows several, `[X]` makes it optional. */
  readonly positionals?: string;
  readonly options: T;
  readonly examples: readonly string[];
  readonly run: (call: {
    readonly options: OptionValues<T>;
    readonly positionals: readonly string[];
    readonly io: CommandIo;
  }) => Promise<unknown>;
}): Command {
  const positionals = definition.positionals ?? "";
  return {
    name: definition.name,
    summary: definition.summary,
    positionals,
    options: definition.options,
    examples: definition.examples,
    execute(words, io) {
      const parsed = parseWords(definition.name, words, definition.options, positionals);
      return definition.run({
        options: parsed.options as OptionValues<T>,
        positionals: parsed.positionals,
        io,
      });
    },
  };
}

function parseWords(
  name: string,
  words: readonly string[],
  options: Readonly<Record<string, OptionDefinition>>,
  positionals: string,
): { options: Record<string, unknown>; positionals: string[] } {
  const remedy = `See: apollo ${name} --help`;
  const known = { ...options, ...COMMON_OPTIONS };
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({
      args: [...words],
      allowPositionals: true,
      strict: true,
      options: Object.fromEntries(
        Object.entries(known).map(([key, option]) => [
          key,
          {
            type: option.type === "boolean" ? ("boolean" as const) : ("string" as const),
            multiple: "multiple" in option && option.multiple === true,
          },
        ]),
      ),
    });
  } catch (error) {
    const message = (error as Error).message.split(". To specify")[0] ?? "";
    throw new UserError("bad-option", message, { remedy });
  }
  const values: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(options)) {
    const given = parsed.values[key];
    if (given === undefined) {
      if (option.required)
        throw new UserError("missing-option", `--${key} is missing (${option.help})`, { remedy });
      values[key] = option.multiple
        ? []
        : (option.default ?? (option.type === "boolean" ? false : undefined));
    } else if (option.type === "number") {
      const list = (Array.isArray(given) ? given : [given]).map((text) =>
        readNumber(key, String(text), remedy),
      );
      values[key] = option.multiple ? list : list[0];
    } else {
      values[key] = given;
    }
  }
  checkPositionals(positionals, parsed.positionals, remedy);
  return { options: values, positionals: parsed.positionals };
}

function readNumber(key: string, text: string, remedy: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) {
    throw new UserError("bad-option", `--${key} must be a number, found "${text}"`, { remedy });
  }
  return value;
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
