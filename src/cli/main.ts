#!/usr/bin/env node
// The `apollo` command: finds the command, runs it, prints its result or its error, sets the exit code (0, 1 ours, 2 the user's).
import pc from "picocolors";
import { createProgress, UserError } from "../core/index.ts";
import { COMMON_OPTIONS, type Command, type CommandIo } from "./command.ts";
import { COMMANDS } from "./commands.ts";

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  const json = words.includes("--json");
  try {
    const command = findCommand(words);
    if (command === undefined || words.includes("--help")) {
      console.log(command === undefined ? overview() : help(command));
      return 0;
    }
    const io = createIo(json);
    const result = await command.execute(words.slice(command.name.split(" ").length), io);
    if (json) await writeOut(`${JSON.stringify(result ?? {})}\n`);
    // A command may have found something wrong without failing itself (doctor).
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return report(error, json);
  }
}

function findCommand(words: readonly string[]): Command | undefined {
  const named = words.filter((word) => !word.startsWith("-"));
  if (named.length === 0) return undefined;
  const found = [...COMMANDS]
    .sort((a, b) => b.name.length - a.name.length)
    .find((command) => `${words.join(" ")} `.startsWith(`${command.name} `));
  if (found !== undefined) return found;
  const room = COMMANDS.filter((command) => command.name.startsWith(`${named[0]} `));
  if (room.length > 0 && (named.length === 1 || words.includes("--help"))) {
    if (words.includes("--help")) return undefined;
    throw new UserError(
      "unknown-command",
      `apollo ${named[0]} needs one of: ${room.map((c) => c.name.split(" ")[1]).join(", ")}`,
    );
  }
  throw new UserError("unknown-command", `no such command: ${named.slice(0, 2).join(" ")}`, {
    remedy: "See: apollo --help",
  });
}

function createIo(json: boolean): CommandIo {
  const controller = new AbortController();
  process.once("SIGINT", () =>
    controller.abort(
      new UserError("interrupted", "interrupted", { remedy: "Run the same command again to go on." }),
    ),
  );
  return {
    json,
    print: (line = "") => {
      if (!json) console.log(line);
    },
    event: (value) => {
      if (json) console.log(JSON.stringify(value));
    },
    warn: (line) => console.error(pc.yellow(line)),
    progress: createProgress(),
    signal: controller.signal,
  };
}

function report(error: unknown, json: boolean): number {
  const user = error instanceof UserError;
  const message = error instanceof Error ? error.message : String(error);
  if (json) {
    const detail = user
      ? { code: error.code, message, file: error.file, at: error.at, remedy: error.remedy }
      : { code: "internal", message };
    console.log(JSON.stringify({ error: detail }));
  }
  if (user) {
    console.error(`${pc.red("error:")} ${error.line}`);
    return error.code === "interrupted" ? 130 : 2;
  }
  console.error(`${pc.red("internal error:")} ${error instanceof Error ? error.stack : message}`);
  return 1;
}

function overview(): string {
  const width = Math.max(...COMMANDS.map((command) => command.name.length));
  return [
    `${pc.bold("apollo")}: give a language its own medical language model`,
    "",
    "corpus -> train -> bench -> proxy -> export -> serve",
    "",
    ...COMMANDS.map((command) => `  apollo ${pc.cyan(command.name.padEnd(width))}  ${command.summary}`),
    "",
    "  apollo <command> --help shows a command's options and examples; every command takes --json.",
  ].join("\n");
}

function help(command: Command): string {
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS }) as [
    string,
    Command["options"][string],
  ][];
  const left = options.map(
    ([key, option]) =>
      `--${key}${option.type === "boolean" ? "" : ` ${option.value ?? (option.type === "number" ? "N" : "TEXT")}`}`,
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

/** Waits until the text is handed to the system, so that a pipe gets all of it before the process ends. */
function writeOut(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()));
}
