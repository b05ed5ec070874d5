export { type Alignment, alignVocabularies } from "./align-vocabularies.ts";
export { type AlphaGrid, type AlphaGridOptions, type AlphaScore, createAlphaGrid } from "./alpha-grid.ts";
export {
  type ExplainedToken,
  type ExplainOptions,
  explainGeneration,
  type LikelyToken,
  type Opinion,
} from "./explain.ts";
export type { ProxyStep } from "./join-sessions.ts";
export { createProxyModel, type ProxyModel, type ProxyOptions } from "./proxy-model.ts";
export { parseSchedule, type Schedule, type Steering, steeringName } from "./steering.ts";
export { showToken, wholeText } from "./token-text.ts";
