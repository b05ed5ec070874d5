// Which work belongs to which stage: what `apollo task` can do.
import type { TaskWork } from "../core/index.ts";
import { CORPUS_TASKS, createQaTask, QA_STAGE } from "../corpus/index.ts";
import type { TokenPrice } from "../engine/index.ts";

/** How a task opens the model that the command was given. JSON. */
export interface TaskModel {
  readonly spec: string;
  readonly price?: TokenPrice;
}

/** The work of one task, by its stage. */
export const TASK_STAGES: Readonly<Record<string, TaskWork>> = {
  ...CORPUS_TASKS,
  [QA_STAGE]: createQaTask(async (how, { progress }) => {
    const { spec, ...options } = how as TaskModel;
    // No other stage opens models.
    const { openModel } = await import("../flows/index.ts");
    return openModel(spec, { ...options, progress });
  }),
};
