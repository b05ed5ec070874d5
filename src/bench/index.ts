export { auditSuite } from "./audit.ts";
export {
  type Audit,
  FINDING_CODES,
  FINDING_MEANINGS,
  type Finding,
  type FindingCode,
} from "./audit-finding.ts";
export { type LetterBaseline, letterBaselines } from "./audit-letters.ts";
export type { FindingCount } from "./audit-report.ts";
export {
  type Agreement,
  type Column,
  type ColumnSource,
  type ColumnsOptions,
  type ColumnsResult,
  runColumns,
  type SeedSpread,
} from "./columns.ts";
export { type Comparison, compareRuns, type SourceComparison } from "./compare.ts";
export { type ExtractedAnswer, type ExtractionRule, extractAnswer } from "./extract-answer.ts";
export { GRADE_PROTOCOLS, type GradedSource, gradeAnswers } from "./grade.ts";
export { IMPORT_FORMATS, type ImportFormatName, type ImportRefusal } from "./import-formats.ts";
export { type ImportedSuite, importSuite } from "./import-suite.ts";
export { BENCH_MODES, type BenchMode, hasPromptLanguage, itemContinuations, itemPrompt } from "./prompts.ts";
export type { Protocol } from "./protocol.ts";
export { createProtocols, PROTOCOL_MEANINGS, type ProtocolOptions } from "./protocols.ts";
export { type BenchOptions, runBench } from "./run.ts";
export type { RunInputs, RunRecord } from "./run-record.ts";
export type {
  ChoiceRule,
  GeneratedSample,
  OptionScore,
  Sample,
  ScoredSample,
  UnscoredSample,
} from "./sample.ts";
export {
  brierScore,
  clopperPearsonInterval,
  clusteredStandardError,
  expectedCalibrationError,
  holm,
  type Interval,
  mcnemar,
  multiclassBrierScore,
  noiseThreshold,
  type Pair,
  pairedBootstrap,
  standardError,
  wilsonInterval,
} from "./statistics.ts";
export {
  type Item,
  type ItemNote,
  loadExamples,
  loadSuite,
  type Refusal,
  type RefusalReason,
  type Suite,
} from "./suite.ts";
export type { SuiteConfig } from "./suite-config.ts";
export type { BenchResult, SourceResult } from "./summary.ts";
