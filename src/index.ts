// The public list of the package, in the order of the house.

export { type BenchResult, compareRuns, loadSuite, runBench } from "./bench/index.ts";
export { UserError } from "./core/index.ts";
export {
  cleanCorpus,
  decontaminateCorpus,
  exportCorpus,
  importCorpus,
  packCorpus,
  trainTokenizer,
} from "./corpus/index.ts";
export {
  type ChatMessage,
  type ContinuationScore,
  type GenerateChunk,
  type GenerateRequest,
  type LanguageModel,
  type LogitModel,
  openGguf,
  openRemote,
  quantizeGguf,
  readGgufHeader,
  type SamplingOptions,
  type ScoreRequest,
  type Session,
} from "./engine/index.ts";
export { exportGguf, inspectFile } from "./export/index.ts";
export { doctor, openModel, quickstart, sweepProxy } from "./flows/index.ts";
export { parseHubSpec, pull } from "./hub/index.ts";
export { createProxyModel, explainGeneration, type ProxyModel } from "./proxy/index.ts";
export { createApp, startServer } from "./serve/index.ts";
export {
  type EncodeOptions,
  loadTokenizer,
  saveTokenizer,
  type Tokenizer,
  trainByteLevelBpe,
} from "./tokenizer/index.ts";
export { loadRecipe, type Recipe, train } from "./train/index.ts";
