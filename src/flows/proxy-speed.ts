// What steering costs in items a second: a few of a sweep's items scored again, by the base alone and by the trio.
import type { LanguageModel, ScoreRequest } from "../engine/index.ts";

/** Items a second. */
export interface ProxySpeed {
  /** How many items were timed, by each. */
  readonly items: number;
  readonly base: number;
  readonly trio: number;
}

/** Remembers the first requests of a pass, to time them afterwards. */
export interface SpeedSample {
  watch<T>(pass: (request: ScoreRequest) => Promise<T>): (request: ScoreRequest) => Promise<T>;
  /** `undefined` when no request came. */
  measure(base: LanguageModel, trio: LanguageModel): Promise<ProxySpeed | undefined>;
}

const TIMED_ITEMS = 8;

/** Makes an empty sample. */
export function createSpeedSample(): SpeedSample {
  const requests: ScoreRequest[] = [];
  return {
    watch: (pass) => (request) => {
      if (requests.length < TIMED_ITEMS) requests.push(request);
      return pass(request);
    },
    async measure(base, trio) {
      if (requests.length === 0) return undefined;
      return {
        items: requests.length,
        base: await itemsPerSecond(base, requests),
        trio: await itemsPerSecond(trio, requests),
      };
    },
  };
}

async function itemsPerSecond(model: LanguageModel, requests: readonly ScoreRequest[]): Promise<number> {
  const begin = performance.now();
  for (const request of requests) await model.score([request]);
  return (1000 * requests.length) / (performance.now() - begin);
}
