// How many requests a server gets at once: one more after each round that went well, half as many when it says "too many".

/** Runs work within the limit. */
export interface ConcurrencyLimit {
  run<T>(work: () => Promise<T>): Promise<T>;
  /** The server asked for less. */
  slowDown(): void;
  /** Requests allowed at once, now. */
  readonly allowed: number;
}

/** Additive increase, multiplicative decrease, between 1 and `most`. */
export function createConcurrencyLimit(first: number, most: number): ConcurrencyLimit {
  let allowed = first;
  let active = 0;
  const waiting: (() => void)[] = [];
  const startWaiting = (): void => {
    while (waiting.length > 0 && active < Math.floor(allowed)) {
      active++;
      waiting.shift()!();
    }
  };
  return {
    get allowed() {
      return Math.floor(allowed);
    },
    async run(work) {
      await new Promise<void>((start) => {
        waiting.push(start);
        startWaiting();
      });
      try {
        const result = await work();
        // A whole round of successes adds one.
        allowed = Math.min(most, allowed + 1 / allowed);
        return result;
      } finally {
        active--;
        startWaiting();
      }
    },
    slowDown() {
      allowed = Math.max(1, allowed / 2);
    },
  };
}
