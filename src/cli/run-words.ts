// From words to a command's run: finds the command, runs it, prints its result or its error, and gives the exit code
// (0, 1 our mistake, 2 the user's, 130 interrupted).
import pc from "picocolors";
import { APOLLO_VERSION, asFileError, type ProgressDisplay, UserError } from "../core/index.ts";
import { COMMON_OPTIONS, type Command, type CommandIo } from "./command.ts";
import { nearestWord } from "./nearest-word.ts";
import { taskCommand } from "./task.ts";

/** What a run talks through. */
export interface Terminal {
  /** A line on standard output. */
  out(line: string): void;
  /** A line on standard error. */
  err(line: string): void;
  readonly progress: ProgressDisplay;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Runs `apollo ...given`; resolves with the exit code. */
export async function runWords(given: readonly string[], terminal: Terminal): Promise<number> {
  const words = spellHelp(given);
  const json = words.includes("--json");
  try {
    if (words[0] === "--version") {
      terminal.out(json ? JSON.stringify({ version: APOLLO_VERSION }) : APOLLO_VERSION);
      return 0;
    }
    const commands = await loadCommands(words);
    const command = findCommand(words, commands);
    if (command === undefined || words.includes("--help")) {
      terminal.out(command === undefined ? overview(commands) : help(command));
      return 0;
    }
    const io = createIo(json, terminal);
    const result = await command.execute(words.slice(command.name.split(" ").length), io);
    terminal.progress.close();
    if (json) terminal.out(JSON.stringify(result ?? {}));
    // A command may have found something wrong without failing itself (doctor).
    return Number(process.exitCode ?? 0);
  } catch (error) {
    terminal.progress.close();
    return report(error, json, terminal);
  }
}

/** `-h` and `apollo help COMMAND`, which people try first, as `--help`. */
function spellHelp([first, ...more]: readonly string[]): readonly string[] {
  if (first === "help") return [...more, "--help"];
  return first === undefined ? [] : [first, ...more].map((word) => (word === "-h" ? "--help" : word));
}

/** A divided stage starts thousands of tasks: they load their own command alone. */
async function loadCommands([first]: readonly string[]): Promise<readonly Command[]> {
  if (first === taskCommand.name) return [taskCommand];
  return (await import("./commands.ts")).COMMANDS;
}

function findCommand(words: readonly string[], commands: readonly Command[]): Command | undefined {
  const named = words.filter((word) => !word.startsWith("-"));
  if (named.length === 0) {
    const unknown = words.find((word) => !Object.hasOwn(COMMON_OPTIONS, word.replace(/^--/u, "")));
    if (unknown === undefined) return undefined;
    throw new UserError("bad-option", `${unknown} without a command`, { remedy: "See: apollo --help" });
  }
  const found = [...commands]
    .sort((a, b) => b.name.length - a.name.length)
    .find((command) => `${words.join(" ")} `.startsWith(`${command.name} `));
  if (found !== undefined) return found;
  const room = commands.filter((command) => command.name.startsWith(`${named[0]} `));
  if (room.length > 0 && (named.length === 1 || words.includes("--help"))) {
    if (words.includes("--help")) return undefined;
    throw new UserError(
      "unknown-command",
      `apollo ${named[0]} needs one of: ${room.map((c) => c.name.split(" ")[1]).join(", ")}`,
    );
  }
  const [word = "", next] = named;
  const meant =
    room.length > 0
      ? nearestWord(
          `${word} ${next}`,
          room.map(({ name }) => name),
        )
      : nearestWord(
          word,
          commands.map(({ name }) => name.split(" ")[0] ?? name),
        );
  throw new UserError("unknown-command", `no such command: ${named.slice(0, 2).join(" ")}`, {
    remedy: `${meant === undefined ? "" : `Did you mean apollo ${meant}? `}See: apollo --help`,
  });
}

function createIo(json: boolean, { out, err, progress, signal }: Terminal): CommandIo {
  return {
    json,
    print: (line = "") => {
      if (!json) out(line);
    },
    event: (value) => {
      if (json) out(JSON.stringify(value));
    },
    warn: (line) => err(pc.yellow(line)),
    progress: progress.start,
    signal,
  };
}

/** Refusals of the system that are the user's to mend wherever they come up. A missing file is none: it may be ours. */
const SURROUNDINGS = ["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "ENOTDIR", "EEXIST"];

function asSurroundings(error: unknown): unknown {
  const { code = "", path } = (error ?? {}) as NodeJS.ErrnoException;
  return SURROUNDINGS.includes(code) && path !== undefined ? asFileError(error, path) : error;
}

function report(thrown: unknown, json: boolean, { out, err }: Terminal): number {
  const error = asSurroundings(thrown);
  const user = error instanceof UserError;
  const message = error instanceof Error ? error.message : String(error);
  if (json) {
    const detail = user
      ? { code: error.code, message, file: error.file, at: error.at, remedy: error.remedy }
      : { code: "internal", message };
    out(JSON.stringify({ error: detail }));
  }
  if (user) {
    err(`${pc.red("error:")} ${error.line}`);
    return error.code === "interrupted" ? 130 : 2;
  }
  err(`${pc.red("internal error:")} ${error instanceof Error ? error.stack : message}`);
  return 1;
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  return [
    `${pc.bold("apollo")}: give a language its own medical language model`,
    "",
    "corpus -> train -> bench -> proxy -> export -> serve",
    "",
    ...commands.map((command) => `  apollo ${pc.cyan(command.name.padEnd(width))}  ${command.summary}`),
    "",
    "  apollo <command> --help shows a command's options and examples; every command takes --json. apollo --version.",
  ].join("\n");
}

function help(command: Command): string {
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS }) as [
    string,
    Command["options"][string],
  ][];
  const left = options.map(
    ([key, option]) =>
      `--${key}${option.type === "boolean" ? "" : ` ${option.value ?? (option.type === "string" ? "TEXT" : "N")}`}`,
  );
  const width = Math.max(...left.map((text) => text.length));
  return [
    command.summary,
    "",
    `  apollo ${command.name}${command.positionals === "" ? "" : ` ${command.positionals}`} [options]`,
    "",
    ...options.map(([, option], i) => {
      const notes = [
        option.required ? "required" : "",
        option.multiple ? "repeatable" : "",
        option.default === undefined ? "" : `default ${option.default}`,
      ].filter((note) => note !== "");
      return `  ${left[i]?.padEnd(width)}  ${option.help}${notes.length === 0 ? "" : ` (${notes.join(", ")})`}`;
    }),
    "",
    "Examples",
    ...command.examples.map((example) => `  ${example}`),
  ].join("\n");
}
