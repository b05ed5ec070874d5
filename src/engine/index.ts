export type {
  ChatMessage,
  ContinuationScore,
  GenerateChunk,
  GenerateRequest,
  LanguageModel,
  LogitModel,
  SamplingOptions,
  ScoreRequest,
  Session,
  TokenLogProbability,
} from "./language-model.ts";
