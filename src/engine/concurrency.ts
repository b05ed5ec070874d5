// How many requests a server gets at once: one more after each round that went well, half as many when it says "too many",
// and none before the time that it names.
import { setTimeout as sleep } from "node:timers/promises";

/** Runs work within the limit. */
export interface ConcurrencyLimit {
  run<T>(work: (place: ConcurrencyPlace) => Promise<T>): Promise<T>;
  /** Requests allowed at once, now. */
  readonly allowed: number;
  /** Whether the server asked for a pause that is not over. */
  readonly paused: boolean;
  /** Forgets a pause, so that it does not keep the process alive. */
  close(): void;
}

/** A running piece of work's place in the limit. */
export interface ConcurrencyPlace {
  /**
   * The server asked for less: halves the limit, and nothing new starts for so many milliseconds. Requests that were under way
   * together count once: their refusals are one.
   */
  slowDown(milliseconds: number): void;
}

/** Additive increase, multiplicative decrease, between 1 and `most`; `onResume` is told of the end of a pause. */
export function createConcurrencyLimit(first: number, most: number, onResume?: () => void): ConcurrencyLimit {
  let allowed = first;
  let active = 0;
  /** How often the limit was halved. */
  let halvings = 0;
  let paused: Promise<void> | undefined;
  let pausedUntil = 0;
  const waiting: (() => void)[] = [];
  const closing = new AbortController();
  const startWaiting = (): void => {
    while (paused === undefined && waiting.length > 0 && active < Math.floor(allowed)) {
      active++;
      waiting.shift()!();
    }
  };
  const pause = (milliseconds: number): void => {
    const until = performance.now() + milliseconds;
    if (until <= pausedUntil) return;
    pausedUntil = until;
    const mine = sleep(milliseconds, undefined, { signal: closing.signal })
      .catch(() => undefined)
      .then(() => {
        if (paused !== mine) return;
        paused = undefined;
        startWaiting();
        onResume?.();
      });
    paused = mine;
  };
  return {
    get allowed() {
      return Math.floor(allowed);
    },
    get paused() {
      return paused !== undefined;
    },
    close: () => closing.abort(),
    async run(work) {
      await new Promise<void>((start) => {
        waiting.push(start);
        startWaiting();
      });
      const since = halvings;
      const slowDown = (milliseconds: number): void => {
        pause(milliseconds);
        if (since !== halvings) return;
        halvings++;
        allowed = Math.max(1, allowed / 2);
      };
      try {
        const result = await work({ slowDown });
        // A whole round of successes adds one.
        allowed = Math.min(most, allowed + 1 / allowed);
        return result;
      } finally {
        active--;
        startWaiting();
      }
    },
  };
}
