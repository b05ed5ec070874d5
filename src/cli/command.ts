// What a command is: its words, its typed options, its examples. Node's own parser does the parsing: unlike citty's it refuses
// unknown flags and takes repeated ones (docs/decisions/2026-11-22-argument-parser.md).
import type { ProgressFactory } from "../core/index.ts";
import { parseWords } from "./parse-words.ts";

/** One `--option`. */
export interface OptionDefinition {
  readonly type: "string" | "number" | "whole" | "boolean";
  /** The smallest number allowed; of a whole one 1, where nothing else is said. */
  readonly least?: number;
  /** The largest number allowed. */
  readonly most?: number;
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
  : O["type"] extends "number" | "whole"
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
      const parsed = parseWords(definition.name, words, definition.options, COMMON_OPTIONS, positionals);
      return definition.run({
        options: parsed.options as OptionValues<T>,
        positionals: parsed.positionals,
        io,
      });
    },
  };
}
