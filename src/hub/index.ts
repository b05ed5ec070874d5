export {
  type LocalHub,
  type LocalHubOptions,
  type LocalRepository,
  type SeenRequest,
  startLocalHub,
} from "./local-hub.ts";
export type { PullOptions } from "./open-pull.ts";
export { type PullPlan, type PullResult, planPull, pull } from "./pull.ts";
export type { RetryPolicy } from "./request.ts";
export { HUB_SHORTCUTS, type HubSpec, parseHubSpec, type RepositoryType } from "./spec.ts";
