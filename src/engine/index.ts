export {
  GGUF_VALUE_TYPES,
  type GgufHeader,
  type GgufTensor,
  type GgufValue,
  MAX_TENSOR_NAME_BYTES,
  readGgufHeader,
  type TensorType,
  tensorType,
} from "../core/index.ts";
export { CHAT_FORMAT_NAMES, formatApolloChat } from "./chat-template.ts";
export { type ContractCheck, languageModelContract, logitModelContract } from "./contract.ts";
export { klDivergence } from "./divergence.ts";
export { encodeRows, type FloatType, type RowType } from "./encode-rows.ts";
export type { EndpointReport, EndpointState } from "./endpoint.ts";
export { type EndpointAddress, type EndpointSource, readEndpoints } from "./endpoint-list.ts";
export { type ImportanceMatrix, type ImportanceOptions, measureImportance } from "./importance.ts";
export type {
  ChatMessage,
  ContinuationScore,
  Embedding,
  GenerateChunk,
  GenerateRequest,
  LanguageModel,
  LogitModel,
  LogitVisitor,
  Pooling,
  SamplingOptions,
  ScoreRequest,
  Session,
  TokenConstraint,
  TokenLogProbability,
  Truncation,
  Usage,
} from "./language-model.ts";
export { llamaVersion } from "./llama-library.ts";
export { type LogNormaliser, logNormaliser } from "./log-softmax.ts";
export { createLogitModel, type LogitModelParts } from "./logit-model.ts";
export { availableMemory, ggufMemory, type ModelMemory } from "./memory.ts";
export { type EndpointsModel, type EndpointsOptions, openEndpoints } from "./open-endpoints.ts";
export { type GgufOptions, openGguf } from "./open-gguf.ts";
export { openRemote, type RemoteOptions } from "./open-remote.ts";
export { openRemoteLogits, type RemoteLogitsOptions } from "./open-remote-logits.ts";
export { GGUF_FILE_TYPES, type GgufFileType, quantizeGguf } from "./quantize-gguf.ts";
export { type RecordedModel, recordAnswers } from "./recorded-model.ts";
export type { TokenPrice } from "./remote-client.ts";
export { mostLikely } from "./sampler.ts";
export { createScoreSums, groupByPrefix } from "./score.ts";
export { type TinyGgufOptions, tinyVocabulary, writeTinyGguf } from "./testing.ts";
