// Models that are opened when they are first asked for: so many in memory at once, the one unused for longest makes room.
import { UserError } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import { ApiError } from "./errors.ts";

/** A model that is not opened before somebody asks for it. */
export interface LazyModel {
  /** The name it is asked for by. */
  readonly id: string;
  /** Opens it; it is closed again to make room for another. */
  open(): Promise<LanguageModel>;
  /** Its answers are made in this process; absent: not known before it has been opened. */
  readonly local?: boolean;
  /** A proxy-tuned model's alpha. */
  readonly alpha?: number;
}

/** One lazy model and who uses it. */
export interface LoadedModel {
  readonly current: LanguageModel | undefined;
  /** Opens the model unless it is open; call the result's `release` when done with it. */
  lease(signal: AbortSignal): Promise<{ readonly model: LanguageModel; release(): void }>;
}

/** Opens and closes models. */
export interface Loader {
  add(source: LazyModel): LoadedModel;
  /** Closes what is open. */
  close(): Promise<void>;
}

interface Entry {
  readonly source: LazyModel;
  model: LanguageModel | undefined;
  loading: Promise<LanguageModel> | undefined;
  users: number;
  lastUse: number;
}

/** Seconds after which another try makes sense when memory was short. */
const RETRY_AFTER_SECONDS = 30;

/** Makes a loader that keeps at most `maxLoaded` models open; `report` takes the reasons why one could not be opened. */
export function createLoader(maxLoaded: number, report: (error: unknown) => void): Loader {
  const entries: Entry[] = [];
  const waiting = new Set<() => void>();
  let uses = 0;
  /** One model is opened at a time: two at once would each count on the same memory. */
  let last: Promise<unknown> = Promise.resolve();

  const open = (): Entry[] => entries.filter(({ model }) => model !== undefined);

  /** Closes the model that nobody has used for longest; false when all are in use. */
  async function evict(): Promise<boolean> {
    const [oldest] = open()
      .filter(({ users }) => users === 0)
      .sort((a, b) => a.lastUse - b.lastUse);
    if (oldest === undefined) return false;
    const { model } = oldest;
    oldest.model = undefined;
    await model?.close();
    return true;
  }

  async function load(entry: Entry): Promise<LanguageModel> {
    while (open().length >= maxLoaded && !(await evict())) {
      if (entry.users === 0) throw new ApiError(503, "nobody waits for this model any more");
      await new Promise<void>((resolve) => waiting.add(resolve));
    }
    for (;;) {
      try {
        entry.model = await entry.source.open();
        return entry.model;
      } catch (error) {
        const short = error instanceof UserError && error.code === "not-enough-memory";
        if (short && (await evict())) continue;
        report(error);
        // The reason may name files of this machine: it stays on this side.
        throw new ApiError(
          503,
          short
            ? `there is not enough memory for the model "${entry.source.id}" now`
            : `the model "${entry.source.id}" could not be opened; the server's log says why`,
          { code: "model_not_loaded", retryAfter: RETRY_AFTER_SECONDS },
        );
      }
    }
  }

  function release(entry: Entry): void {
    entry.users--;
    entry.lastUse = ++uses;
    for (const wake of waiting) wake();
    waiting.clear();
  }

  return {
    add(source) {
      const entry: Entry = { source, model: undefined, loading: undefined, users: 0, lastUse: 0 };
      entries.push(entry);
      return {
        get current() {
          return entry.model;
        },
        async lease(signal) {
          entry.users++;
          try {
            if (entry.model === undefined) {
              if (entry.loading === undefined) {
                entry.loading = last
                  .then(() => load(entry))
                  .finally(() => {
                    entry.loading = undefined;
                  });
                last = entry.loading.catch(() => {});
              }
              await unlessAborted(entry.loading, signal);
            }
            let given = false;
            return {
              model: entry.model!,
              release() {
                if (!given) release(entry);
                given = true;
              },
            };
          } catch (error) {
            release(entry);
            throw error;
          }
        },
      };
    },
    async close() {
      await last;
      await Promise.all(open().map(({ model }) => model?.close()));
    },
  };
}

/** The result, or the signal's reason when that comes first. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
