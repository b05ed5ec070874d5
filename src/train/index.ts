export { locateBase } from "./base.ts";
export { readLosses, TRAIN_DEVICES, type TrainDevice } from "./checkpoint.ts";
export { type Cluster, parseCluster } from "./cluster.ts";
export type { ClusterOption } from "./cluster-layouts.ts";
export type { GpuMemory, Sharding, TrainedPart } from "./cluster-memory.ts";
export {
  type ClusterDisk,
  type ClusterPlan,
  type ClusterPlanOptions,
  planCluster,
} from "./cluster-plan.ts";
export { type DevicePlan, planOnDevice } from "./device-plan.ts";
export type { EvaluationOptions } from "./evaluation.ts";
export type { Gpu } from "./gpus.ts";
export type { MemoryEstimate } from "./memory-estimate.ts";
export { type MergeOptions, type MergeResult, mergeAdapter } from "./merge-adapter.ts";
export { openPackedRows, type PackedRow, type PackedRows } from "./packed.ts";
export { type PageServer, servePage } from "./page-server.ts";
export { type PlanAlternative, type PlanOptions, planTraining, type TrainingPlan } from "./plan.ts";
export { loadRecipe, parseRecipe, type Recipe } from "./recipe.ts";
export type { EvaluationEntry, ExamResult, ExamSource, HeldOutLoss } from "./run-log.ts";
export { jobFiles } from "./torch/job-folder.ts";
export { type TorchLauncher, type TorchProbe, torchrunLauncher } from "./torch/launcher.ts";
export { JOB_FOLDER, prepareTorch } from "./torch/prepare.ts";
export { rayLauncher } from "./torch/ray-launcher.ts";
export { type TorchTrainOptions, trainWithTorch } from "./torch/train-torch.ts";
export { type StepReport, type TrainOptions, type TrainResult, train } from "./train.ts";
export { formatDuration } from "./train-page.ts";
export { type UnmergeOptions, type UnmergeResult, unmergeAdapter } from "./unmerge-adapter.ts";
export { writeUntrained } from "./untrained.ts";
