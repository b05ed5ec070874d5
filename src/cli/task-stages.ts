// Which work belongs to which stage: what `apollo task` can do.
import type { TaskWork } from "../core/index.ts";
import { CORPUS_TASKS, createQaTask, QA_STAGE } from "../corpus/index.ts";
import type { TokenPrice } from "../engine/index.ts";
import { openModel } from "../flows/index.ts";

/** How a task opens the model that the command was given. JSON. */
export interface TaskModel {
  readonly spec: string;
  readonly price?: TokenPrice;
}

/** The work of one task, by its stage. */
export const TASK_STAGES: Readonly<Record<string, TaskWork>> = {
  ...CORPUS_TASKS,
  [QA_STAGE]: createQaTask((how, { progress }) => {
    const { spec, ...options } = how as TaskModel;
    return openModel(spec, { ...options, progress });
  }),
};
