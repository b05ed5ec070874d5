// How good a model was on the exam, from a bench run's own results file: what the chat page shows beside an answer.
import { join } from "node:path";
import { z } from "zod";
import { readJson, UserError } from "../core/index.ts";

/** A model's result on one source of the exam. */
export interface ExamScore {
  readonly source: string;
  readonly language: string;
  /** Items that counted. */
  readonly n: number;
  /** Share of right answers. */
  readonly accuracy: number;
  /** Wilson, 95 %. */
  readonly interval: readonly [number, number];
  /** Accuracy of always answering the most frequent letter. */
  readonly majority: number;
}

/** The exam results of one model. */
export interface ExamResults {
  /** The model's id when it was examined. */
  readonly model: string;
  readonly scores: readonly ExamScore[];
}

const share = z.number().min(0).max(1);
const row = z.object({
  source: z.string(),
  language: z.string(),
  n: z.number().int().nonnegative(),
  accuracy: share,
  interval: z.tuple([share, share]),
  majority: share,
});
const file = z.object({
  apollo: z.object({ sources: z.array(row) }),
  config: z.object({ model_args: z.object({ id: z.string() }) }),
});

/** Reads `results.json` of a finished bench run. `UserError` when the folder has none or it is of another kind. */
export async function readExamResults(run: string): Promise<ExamResults> {
  const path = join(run, "results.json");
  const read = file.safeParse(await readJson(path));
  const scores = read.data?.apollo.sources.filter(({ n }) => n > 0) ?? [];
  if (read.data === undefined || scores.length === 0) {
    throw new UserError("not-exam-results", "no results of an exam by language in it", {
      file: path,
      remedy: "Give the folder that `apollo bench run --out` wrote.",
    });
  }
  return { model: read.data.config.model_args.id, scores };
}
