export { readLosses } from "./checkpoint.ts";
export { type MergeOptions, type MergeResult, mergeAdapter } from "./merge-adapter.ts";
export { openPackedRows, type PackedRow, type PackedRows } from "./packed.ts";
export { loadRecipe, parseRecipe, type Recipe } from "./recipe.ts";
export { learningRateAt } from "./schedule.ts";
export { type StepReport, type TrainOptions, type TrainResult, train } from "./train.ts";
export { writeUntrained } from "./untrained.ts";
