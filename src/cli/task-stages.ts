// Which work belongs to which stage: what `apollo task` can do.
import type { TaskWork } from "../core/index.ts";
import { CORPUS_TASKS } from "../corpus/index.ts";

/** The work of one task, by its stage. */
export const TASK_STAGES: Readonly<Record<string, TaskWork>> = { ...CORPUS_TASKS };
