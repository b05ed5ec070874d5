// Reads a run folder back: for comparisons, and for pages that show several runs.
import { join } from "node:path";
import { z } from "zod";
import { exists, readJson, UserError } from "../core/index.ts";
import { BENCH_MODES } from "./prompts.ts";
import { RUN_FILE, type RunRecord } from "./run-record.ts";
import type { RunFigures } from "./summary.ts";

const counts = z.record(z.string(), z.number());
const recordSchema = z.looseObject({
  key: z.string(),
  inputs: z.looseObject({
    suite: z.string(),
    model: z.string(),
    mode: z.enum(BENCH_MODES),
    limit: z.number().nullable(),
    shots: z.number(),
    seed: z.number(),
  }),
  suite: z.looseObject({ path: z.string(), read: z.number(), refused: counts, notes: counts }),
  // Records written before there were audits have none.
  audit: z
    .array(z.looseObject({ code: z.string(), source: z.string(), count: z.number(), detail: z.string() }))
    .default([]),
  items: z.number(),
  skipped: counts,
  started: z.string(),
  finished: z.string().optional(),
});
const share = z.number().min(0).max(1);
const figuresSchema = z.looseObject({
  sources: z
    .array(
      z.looseObject({
        source: z.string(),
        language: z.string(),
        mode: z.enum(BENCH_MODES),
        n: z.number().int().nonnegative(),
        accuracy: share,
        standardError: z.number(),
        interval: z.tuple([share, share]),
        majority: share,
        noAnswer: z.number().int(),
      }),
    )
    .min(1),
  average: share,
  robustness: z.looseObject({
    sources: z.array(z.looseObject({ source: z.string(), language: z.string() })),
    languages: z.array(z.looseObject({ language: z.string() })),
    gaps: z.array(z.looseObject({ source: z.string() })),
  }),
});

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
  const read = recordSchema.safeParse(await readJson(path));
  if (read.success) return read.data as unknown as RunRecord;
  throw new UserError("bad-run-record", `is no record of a benchmark run (${issueOf(read.error)})`, {
    file: path,
    remedy: "Give the folder that `apollo bench run --out` wrote.",
  });
}

/** The record and figures of a finished run; `UserError` when the folder is none, or the run is not finished. */
export async function readRun(folder: string): Promise<FinishedRun> {
  const record = await readRunRecord(folder);
  if (record.finished === undefined) throw unfinished(folder, "the run is not finished");
  const path = join(folder, "results.json");
  const { apollo } = z
    .looseObject({ apollo: z.unknown() })
    .catch({ apollo: undefined })
    .parse(await readJson(path));
  const figures = figuresSchema.safeParse(apollo);
  if (figures.success) return { folder, record, figures: figures.data as unknown as RunFigures };
  throw new UserError(
    "bad-results",
    apollo === undefined
      ? "holds no figures as this version writes them"
      : `holds broken figures (${issueOf(figures.error)})`,
    {
      file: path,
      remedy: "Run `apollo bench run` with the same options again: finished samples are kept.",
    },
  );
}

function issueOf({ issues: [issue] }: z.ZodError): string {
  return issue === undefined ? "unreadable" : `${issue.path.join(".")}: ${issue.message}`.replace(/^: /u, "");
}

/** The error for a run that can go on. */
export function unfinished(folder: string, message: string): UserError {
  return new UserError("run-unfinished", message, {
    file: folder,
    remedy: "Run `apollo bench run` with the same options again: it goes on where it stopped.",
  });
}
