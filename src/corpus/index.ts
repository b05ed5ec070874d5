export { CLEAN_RULES, type CleanRule } from "./clean-change.ts";
export { type CleanExample, type CleanOptions, type CleanResult, cleanCorpus } from "./clean-corpus.ts";
export type { LengthBounds } from "./clean-document.ts";
export type { CorpusFileKind } from "./corpus-files.ts";
export {
  type Amounts,
  type CorpusStats,
  corpusStats,
  type SourceStats,
  type StatsOptions,
} from "./corpus-stats.ts";
export { listCounts } from "./counts.ts";
export type { Curriculum } from "./curriculum.ts";
export { curriculumBlocks, curriculumPage, curriculumSvg } from "./curriculum-picture.ts";
export {
  type DecontaminateOptions,
  type DecontaminateResult,
  decontaminateCorpus,
} from "./decontaminate-corpus.ts";
export { DECONTAMINATION_RULES, type DecontaminationRule, type RuleCount } from "./decontaminate-part.ts";
export { type DedupOptions, type DedupResult, dedupCorpus } from "./dedup-corpus.ts";
export { type Document, documentTexts } from "./document.ts";
export {
  EXPORT_FORMATS,
  type ExportFormat,
  type ExportOptions,
  type ExportResult,
  exportCorpus,
} from "./export-corpus.ts";
export { type ImportOptions, type ImportResult, importCorpus } from "./import-corpus.ts";
export { INPUT_FORMATS, type InputFormat } from "./input-format.ts";
export { APOLLO_MIXTURE, type Mixture, type SourceWeight } from "./mixture.ts";
export { type PackOptions, packCorpus } from "./pack-corpus.ts";
export type { PackResult } from "./packed-folder.ts";
export {
  type CorpusPlan,
  type CorpusPlanOptions,
  parseBytes,
  planCorpus,
  type StagePlan,
  type StageTime,
} from "./plan-corpus.ts";
export { chatTemplate } from "./prompt-format.ts";
export type { QaPrice } from "./qa-budget.ts";
export type { QaKind } from "./qa-exchange.ts";
export { type GenerateQaOptions, generateQa, type QaRun } from "./qa-generate.ts";
export { planQa, type QaOptions, type QaPlan } from "./qa-plan.ts";
export { type LanguagePrompts, type QaPrompts, readQaPrompts } from "./qa-prompts.ts";
export type { QaResult } from "./qa-tally.ts";
export { createQaTask, QA_STAGE } from "./qa-tasks.ts";
export { readCorpus } from "./read-documents.ts";
export { readMixture } from "./read-mixture.ts";
export { COLUMN_ROLES, type ColumnRole, type Columns } from "./record-shapes.ts";
export {
  type FlaggedDocument,
  type FlaggedLeak,
  type ReviewAnswer,
  type ReviewResult,
  reviewLeaks,
} from "./review-leaks.ts";
export { CORPUS_TASKS } from "./tasks.ts";
export { type RowTrace, type TracedSegment, traceRow } from "./trace-row.ts";
export {
  type Fertility,
  type TrainTokenizerOptions,
  type TrainTokenizerResult,
  trainTokenizer,
} from "./train-tokenizer.ts";
