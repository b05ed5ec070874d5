// divergence.jsonl beside a bench run's samples: how far steering moved the base's distribution on each request. Lines
// are appended before the samples they belong to.
import { hashValue, openAppendLog, UserError } from "../core/index.ts";
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
  const log = await openAppendLog(path, (line, number) => parseLine(line, path, number));
  const known = new Map(log.done.map((divergence) => [divergence.request, divergence]));
  return {
    get: (request) => known.get(request),
    async append(divergences) {
      const fresh = divergences.filter(({ request }) => !known.has(request));
      for (const divergence of fresh) known.set(divergence.request, divergence);
      await log.append(fresh);
    },
    close: log.close,
  };
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
