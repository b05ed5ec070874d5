// Reads a run folder back: for comparisons, and for pages that show several runs.
import { join } from "node:path";
import { exists, readJson, UserError } from "../core/index.ts";
import { RUN_FILE, type RunRecord } from "./run-record.ts";
import type { RunFigures } from "./summary.ts";

/** A finished run as its folder tells it. */
export interface FinishedRun {
  readonly folder: string;
  readonly record: RunRecord;
  readonly figures: RunFigures;
}

/** What a run folder says about itself; `UserError` when it is none. */
export async function readRunRecord(folder: string): Promise<RunRecord> {
  const path = join(folder, RUN_FILE);
  if (!(await exists(path))) {
    throw new UserError("not-a-run", "is no run folder: it has no run.json", {
      file: folder,
      remedy: "Give the folder that `apollo bench run --out` wrote.",
    });
  }
  return (await readJson(path)) as RunRecord;
}

/** The record and figures of a finished run; `UserError` when the folder is none, or the run is not finished. */
export async function readRun(folder: string): Promise<FinishedRun> {
  const record = await readRunRecord(folder);
  if (record.finished === undefined) throw unfinished(folder, "the run is not finished");
  const path = join(folder, "results.json");
  const results = (await readJson(path)) as { readonly apollo?: RunFigures };
  if (results?.apollo === undefined) {
    throw new UserError("bad-results", "holds no figures of ours", {
      file: path,
      remedy: "Run `apollo bench run` with the same options again: finished samples are kept.",
    });
  }
  return { folder, record, figures: results.apollo };
}

/** The error for a run that can go on. */
export function unfinished(folder: string, message: string): UserError {
  return new UserError("run-unfinished", message, {
    file: folder,
    remedy: "Run `apollo bench run` with the same options again: it goes on where it stopped.",
  });
}
