// A first-come-first-served queue in front of a model: so many requests at work, so many waiting, the rest refused at once.
import { ApiError } from "./errors.ts";

/** How much a model takes on. */
export interface QueueLimits {
  /** Requests at work at the same time. */
  readonly concurrency: number;
  /** Requests that may wait for their turn; further ones get 429. */
  readonly waiting: number;
  /** Seconds after which one that still waits gets 503. */
  readonly waitSeconds: number;
}

/** Hands out turns. */
export interface RequestQueue {
  readonly active: number;
  readonly waiting: number;
  /**
   * Waits for a turn; call the result to give it back (once; later calls do nothing). Throws `ApiError` 429 at once when
   * too many wait, 503 when its turn does not come in time, and the signal's reason when the caller goes away before its turn.
   */
  acquire(signal: AbortSignal): Promise<() => void>;
}

/** Seconds a refused client is asked to wait: about one answer's time on a small machine. */
const RETRY_AFTER_SECONDS = 5;

/** Makes a queue. */
export function createRequestQueue(limits: QueueLimits): RequestQueue {
  const waiting = new Set<() => void>();
  let active = 0;

  const turn = (): (() => void) => {
    active++;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      active--;
      const [next] = waiting;
      next?.();
    };
  };

  return {
    get active() {
      return active;
    },
    get waiting() {
      return waiting.size;
    },
    async acquire(signal) {
      signal.throwIfAborted();
      if (active < limits.concurrency) return turn();
      if (waiting.size >= limits.waiting) {
        throw new ApiError(429, `the server is busy: ${waiting.size} requests are waiting already`, {
          code: "rate_limit_exceeded",
          retryAfter: RETRY_AFTER_SECONDS,
        });
      }
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          clearTimeout(late);
          waiting.delete(start);
          signal.removeEventListener("abort", abort);
        };
        const start = (): void => {
          leave();
          resolve(turn());
        };
        const abort = (): void => {
          leave();
          reject(signal.reason);
        };
        const late = setTimeout(() => {
          leave();
          const message = `the server is busy: no turn within ${limits.waitSeconds} seconds`;
          reject(new ApiError(503, message, { code: "overloaded", retryAfter: RETRY_AFTER_SECONDS }));
        }, limits.waitSeconds * 1000);
        waiting.add(start);
        signal.addEventListener("abort", abort, { once: true });
      });
    },
  };
}
