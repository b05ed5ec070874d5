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
  brierScore,
  type CalibrationBin,
  calibrationBins,
  expectedCalibrationError,
  multiclassBrierScore,
  type SelectivePoint,
  selectiveAccuracy,
} from "./calibration.ts";
export {
  type Agreement,
  type Column,
  type ColumnSource,
  type ColumnsOptions,
  type ColumnsResult,
  runColumns,
  type SeedSpread,
} from "./columns.ts";
export { type Comparison, compareRuns, type Flip, type SourceComparison } from "./compare.ts";
export { type ExtractedAnswer, type ExtractionRule, extractAnswer } from "./extract-answer.ts";
export { type BrokenRun, type FoundRuns, findRuns, type LocatedRun } from "./find-runs.ts";
export { GRADE_PROTOCOLS, type GradedSource, gradeAnswers } from "./grade.ts";
export { IMPORT_FORMATS, type ImportFormatName } from "./import-formats.ts";
export type { ImportRefusal } from "./import-item.ts";
export { type ImportedSuite, importSuite } from "./import-suite.ts";
export type { Item, ItemNote, RefusalReason } from "./item.ts";
export type { LanguageGap } from "./language-gap.ts";
export { type Board, type BoardDifference, type BoardRow, makeBoards } from "./leaderboard.ts";
export { type BoardAddresses, renderLeaderboard } from "./leaderboard-page.ts";
export { BOARD_LANGUAGES, type BoardLanguage, isBoardLanguage } from "./leaderboard-words.ts";
export type { PairedDifference } from "./paired-difference.ts";
export { isInPaper, type PaperRow, renderPaperTable } from "./paper-table.ts";
export { BENCH_MODES, type BenchMode, itemContinuations, itemPrompt } from "./prompts.ts";
export type { Protocol } from "./protocol.ts";
export { loadPublishedPrompts } from "./protocol-apollo.ts";
export { createProtocols, PROTOCOL_MEANINGS, type ProtocolOptions } from "./protocols.ts";
export {
  compareWithPublished,
  type PublishedComparison,
  type PublishedDifference,
  type PublishedSource,
} from "./published-comparison.ts";
export { PAPER_COLUMNS, PUBLISHED_CAVEATS, PUBLISHED_ROWS, type PublishedRow } from "./published-results.ts";
export { type FinishedRun, readRun } from "./read-run.ts";
export {
  type RunPageAddresses,
  renderReport,
  renderReportIn,
  renderRunPage,
  renderSourceTable,
  samplesScript,
} from "./report.ts";
export { renderLanguageChart } from "./report-charts.ts";
export { frameOf, languageLinks, PAGE_STYLE, renderPage, reportName } from "./report-page.ts";
export { renderRobustness } from "./report-robustness.ts";
export { percent, points, pText, renderTable, type TableContent } from "./report-table.ts";
export type {
  Calibration,
  LanguageRobustness,
  LetterShare,
  PositionBias,
  Robustness,
  RotationResult,
  SourceRobustness,
} from "./robustness.ts";
export { type BenchOptions, runBench } from "./run.ts";
export { createOutcomesReader, type Outcomes, readOutcomes } from "./run-outcomes.ts";
export type { RunInputs, RunRecord } from "./run-record.ts";
export { readPackedSamples } from "./run-samples.ts";
export type {
  ChoiceRule,
  GeneratedSample,
  OptionScore,
  Sample,
  ScoredSample,
  UnscoredSample,
} from "./sample.ts";
export { type PackedSamples, packSamples, renderSamples } from "./samples-data.ts";
export {
  clusteredStandardError,
  holm,
  type Interval,
  mcnemar,
  noiseThreshold,
  type Pair,
  pairedBootstrap,
  type Spread,
  spread,
  standardError,
  wilsonInterval,
} from "./statistics.ts";
export { loadExamples, loadSuite, pickItems, type Refusal, type Suite } from "./suite.ts";
export type { SuiteConfig } from "./suite-config.ts";
export type { BenchResult, RunFigures, SourceResult } from "./summary.ts";
export { fillHtml, fillText, joinSentences, REPORT_WORDS, type ReportWords } from "./words/report-words.ts";
