export { type ExportOptions, type ExportResult, exportGguf } from "./export-gguf.ts";
export { exportHf, type HfOptions, type HfResult } from "./export-hf.ts";
export type { Metadata, MetadataValue } from "./gguf-format.ts";
export { modelMetadata, type SentencePieceVocabulary, type Vocabulary } from "./gguf-metadata.ts";
export { type GgufTensorSource, writeGguf } from "./gguf-writer.ts";
export { type InspectedTensor, type Inspection, inspectFile, type Problem } from "./inspect.ts";
export { importLlama2c } from "./llama2c.ts";
export { type CardOptions, type CardResult, exportCard } from "./model-card.ts";
export type { WeightSource } from "./tensor-sources.ts";
