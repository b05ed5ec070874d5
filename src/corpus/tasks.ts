// Which work belongs to which of the corpus's stages that are divided into tasks.
import type { TaskWork } from "../core/index.ts";
import { CLEAN_COUNT_STAGE, CLEAN_PART_STAGE, cleanCountTask, cleanTask } from "./clean-tasks.ts";
import { DECONTAMINATE_PART_STAGE, decontaminateTask } from "./decontaminate-tasks.ts";
import { DECIDE_STAGE, decideTask, JOIN_STAGE, joinTask, SIGN_STAGE, signTask } from "./dedup-tasks.ts";
import { IMPORT_PART_STAGE, importTask } from "./import-tasks.ts";
import { TOKENISE_STAGE, tokeniseTask } from "./pack-tasks.ts";
import { INDEX_STAGE, indexTask } from "./stage-tasks.ts";

/** The work of one task, by its stage. */
export const CORPUS_TASKS: Readonly<Record<string, TaskWork>> = {
  [INDEX_STAGE]: indexTask,
  [IMPORT_PART_STAGE]: importTask,
  [CLEAN_COUNT_STAGE]: cleanCountTask,
  [CLEAN_PART_STAGE]: cleanTask,
  [SIGN_STAGE]: signTask,
  [JOIN_STAGE]: joinTask,
  [DECIDE_STAGE]: decideTask,
  [DECONTAMINATE_PART_STAGE]: decontaminateTask,
  [TOKENISE_STAGE]: tokeniseTask,
};
