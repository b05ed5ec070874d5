export { type AppendLog, openAppendLog } from "./append-log.ts";
export { loadConfigFile } from "./config-file.ts";
export { crc32c } from "./crc32c.ts";
export { type CsvRow, type CsvScanner, createCsvScanner, parseCsv } from "./csv.ts";
export { asFileError, type ErrorPlace, UserError } from "./errors.ts";
export {
  type Executor,
  type ExecutorOptions,
  openTasks,
  runTasks,
  type TaskOptions,
  taskFolder,
  taskName,
} from "./executor.ts";
export {
  type AtomicFile,
  createAtomicFile,
  exists,
  isFolder,
  isRunning,
  makeFolder,
  readJson,
  readText,
  temporaryPath,
  writeFileAtomic,
  writeJson,
} from "./files.ts";
export { type AtomicFolder, createAtomicFolder } from "./folders.ts";
export {
  type GgufHeader,
  type GgufTensor,
  type GgufValue,
  MAX_TENSOR_NAME_BYTES,
  readGgufHeader,
} from "./gguf-header.ts";
export { GGUF_VALUE_TYPES, type TensorType, tensorType } from "./gguf-types.ts";
export { canonicalJson, hashBytes, hashFile, hashValue } from "./hash.ts";
export {
  createJsonLinesWriter,
  type JsonLine,
  type JsonLinesPart,
  type JsonLinesWriter,
  readJsonLines,
} from "./jsonl.ts";
export { isLanguage, LANGUAGES, type Language } from "./languages.ts";
export { createLocalExecutor, type LocalExecutorOptions } from "./local-executor.ts";
export {
  APOLLO_VERSION,
  MANIFEST_FILE,
  type Manifest,
  manifestKey,
  matchingManifest,
  writeManifest,
} from "./manifest.ts";
export {
  createProgress,
  type Progress,
  type ProgressDisplay,
  type ProgressFactory,
  silentProgress,
} from "./progress.ts";
export { ProtobufMessage } from "./protobuf.ts";
export { createRandom, type Random, type RandomState } from "./random.ts";
export { escapeHtml, languageName, REPORT_STYLE } from "./report-page.ts";
export { runTask, type TaskCall, type TaskRunOptions, type TaskWork } from "./run-task.ts";
export { progressLine, readTaskLine, type TaskLine } from "./task-lines.ts";
export {
  type ByteRange,
  commonHash,
  type ListReader,
  prepareTaskList,
  readTask,
  TASK_LIST_FILES,
  type TaskEntry,
  type TaskList,
  taskInputs,
} from "./task-list.ts";
export { firstInvalidByte } from "./utf8.ts";
