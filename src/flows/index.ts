export { type DoctorCheck, doctor } from "./doctor.ts";
export { type ModelSpec, modelName, parseModelSpec } from "./model-spec.ts";
export { modelIdentity, type OpenModelOptions, openLogitModel, openModel } from "./open-model.ts";
export { type ExplainReport, renderExplainReport } from "./proxy-explain-report.ts";
export {
  type ProxySweepOptions,
  type SweepPoint,
  type SweepResult,
  type SweepRow,
  sweepProxy,
  sweepRunFolder,
} from "./proxy-sweep.ts";
export { publishHf } from "./publish-checkpoint.ts";
export { type LanguageRow, type QuickstartOptions, type QuickstartResult, quickstart } from "./quickstart.ts";
export { createDirectionStream, type DirectionStream } from "./right-to-left.ts";
export {
  type ChatExchange,
  createTerminalChat,
  type TerminalChat,
  type TerminalChatOptions,
} from "./terminal-chat.ts";
