export { type DoctorCheck, type DoctorReport, doctor } from "./doctor.ts";
export type { ModelFit, Quantisation } from "./model-sizes.ts";
export { MODEL_FORMS, type ModelSpec, modelName, parseModelSpec } from "./model-spec.ts";
export {
  endpointReports,
  modelIdentity,
  type OpenModelOptions,
  openLogitModel,
  openMembers,
  openModel,
  type ProxyMembers,
  truncationNote,
} from "./open-model.ts";
export { type ExplainReport, renderExplainReport } from "./proxy-explain-report.ts";
export {
  type ProxySweepOptions,
  type SweepResult,
  sweepProxy,
  sweepRunFolder,
} from "./proxy-sweep.ts";
export type { SweepPoint, SweepRow } from "./proxy-sweep-rows.ts";
export { publishHf } from "./publish-checkpoint.ts";
export { type LanguageRow, type QuickstartOptions, type QuickstartResult, quickstart } from "./quickstart.ts";
export { type ReproducedRow, type ReproduceOptions, type ReproduceResult, reproduce } from "./reproduce.ts";
export { FAMILY } from "./reproduce-family.ts";
export { type PlannedPull, planReproduction, type ReproducePlan } from "./reproduce-plan.ts";
export { createResultsPages, type ResultsPages } from "./results-pages.ts";
export { createDirectionStream, type DirectionStream } from "./right-to-left.ts";
export {
  type ChatExchange,
  createTerminalChat,
  type TerminalChat,
  type TerminalChatOptions,
} from "./terminal-chat.ts";
export { createTrainingExam, type TrainingExamOptions } from "./training-exam.ts";
