// Runs the `apollo` command as a user's shell does: the built file in a process of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { silentProgress } from "../core/index.ts";
import { runWords } from "./run-words.ts";

/** The built command. */
export const MAIN = fileURLToPath(new URL("./main.js", import.meta.url));

const PROGRESS_LINE = /^.+: \d+\/\d+ .+ \(.+\/s, \d+ s left\).*\n/gmu;

/** How a run ended. */
export interface CliResult {
  /** The exit code; `undefined` when a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  /** Without lines of progress, which only a slow machine makes a short command print. */
  readonly stderr: string;
  /** The last line of standard output, parsed; `undefined` when it is no JSON. */
  readonly json: unknown;
}

/** A command that is still running. */
export interface RunningCli {
  readonly child: ChildProcess;
  /** Resolves with the first whole line of standard output that `matches`; rejects when the command ends without one. */
  line(matches: (line: string) => boolean): Promise<string>;
  readonly ended: Promise<CliResult>;
}

/** Starts `apollo ...words`, without colours and with one thread in native libraries. */
export function startCli(words: readonly string[], environment: NodeJS.ProcessEnv = {}): RunningCli {
  const child = spawn(process.execPath, [MAIN, ...words], {
    env: { ...process.env, NO_COLOR: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  let checkLines = (): void => {};
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    checkLines();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const said = stderr.replace(PROGRESS_LINE, "");
      resolve({ code: code ?? undefined, stdout, stderr: said, json: parseLast(stdout) });
    });
  });
  return {
    child,
    ended,
    line: (matches) =>
      new Promise((resolve, reject) => {
        checkLines = () => {
          const found = stdout.split("\n").slice(0, -1).find(matches);
          if (found !== undefined) resolve(found);
        };
        checkLines();
        void ended.then(({ code }) => reject(new Error(`ended with ${code} before the line: ${stderr}`)));
      }),
  };
}

/** Runs `apollo ...words` to its end. */
export function runCli(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<CliResult> {
  return startCli(words, environment).ended;
}

/** The same in this process, which saves the start of another. */
export async function runHere(words: readonly string[]): Promise<CliResult> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runWords(words, {
    out: (line) => out.push(line),
    err: (line) => err.push(stripVTControlCharacters(line)),
    progress: { start: silentProgress, close: () => {} },
    signal: new AbortController().signal,
  });
  return { code, stdout: out.join("\n"), stderr: err.join("\n"), json: parseLast(out.join("\n")) };
}

function parseLast(stdout: string): unknown {
  try {
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  } catch {
    return undefined;
  }
}
