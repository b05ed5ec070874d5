// divergence.jsonl beside a bench run's samples: how far steering moved the base's distribution on each request. Whole lines
// are appended before the samples they belong to; a torn last line is cut off.
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { asFileError, hashValue, UserError } from "../core/index.ts";
import type { ScoreRequest } from "../engine/index.ts";

/** One line. */
export interface Divergence {
  /** Hash of prompt and continuations. */
  readonly request: string;
  /** Sum over `positions` of KL(steered || base), in nats. */
  readonly klSum: number;
  readonly positions: number;
}

/** The log of one run. */
export interface DivergenceLog {
  get(request: string): Divergence | undefined;
  append(lines: readonly Divergence[]): Promise<void>;
  close(): Promise<void>;
}

/** What a request is called in the log. */
export function requestKey({ prompt, continuations }: ScoreRequest): string {
  return hashValue({ prompt, continuations });
}

/** Opens the log at `path`; `UserError` for a line that is none of ours. */
export async function openDivergenceLog(path: string): Promise<DivergenceLog> {
  let handle: FileHandle;
  try {
    await mkdir(dirname(path), { recursive: true });
    handle = await open(path, "a+");
  } catch (error) {
    throw asFileError(error, path);
  }
  try {
    const bytes = await handle.readFile();
    const whole = bytes.lastIndexOf(10) + 1;
    if (whole < bytes.length) await handle.truncate(whole);
    const lines = bytes.toString("utf8", 0, whole).split("\n").slice(0, -1);
    const known = new Map<string, Divergence>();
    lines.forEach((line, i) => {
      const divergence = parseLine(line, path, i + 1);
      known.set(divergence.request, divergence);
    });
    return {
      get: (request) => known.get(request),
      async append(divergences) {
        const fresh = divergences.filter(({ request }) => !known.has(request));
        for (const divergence of fresh) known.set(divergence.request, divergence);
        await handle.appendFile(fresh.map((divergence) => `${JSON.stringify(divergence)}\n`).join(""));
      },
      async close() {
        await handle.sync();
        await handle.close();
      },
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function parseLine(line: string, file: string, number: number): Divergence {
  let value: Divergence | undefined;
  try {
    value = JSON.parse(line) as Divergence;
  } catch {
    // Reported below, like any other line that is none of ours.
  }
  if (
    typeof value?.request === "string" &&
    Number.isFinite(value.klSum) &&
    Number.isInteger(value.positions)
  ) {
    return value;
  }
  throw new UserError("bad-divergence", "not a line of a divergence log", {
    file,
    at: `line ${number}`,
    remedy: "The run folder was changed: delete this file, and the same command measures again.",
  });
}
