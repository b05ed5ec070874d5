// The models being served, each behind its own queue, found by the name a request gives.
import { APOLLO_VERSION, hashValue, UserError } from "../core/index.ts";
import type { LanguageModel, LogitModel } from "../engine/index.ts";
import { ApiError } from "./errors.ts";
import { createLoader, type LazyModel, type LoadedModel } from "./loader.ts";
import { createRequestQueue, type QueueLimits, type RequestQueue } from "./queue.ts";

/** One model and what the server knows about it. */
export interface ServedModel {
  readonly id: string;
  /** The model while it is in memory. */
  readonly current: LanguageModel | undefined;
  /** What is known of it while it is not. */
  readonly hints: Pick<LazyModel, "local" | "alpha">;
  readonly queue: RequestQueue;
  /** Unix seconds since when it is served. */
  readonly created: number;
  /** Same fingerprint, seed and request: same answer. */
  readonly fingerprint: string;
  /** Waits for a turn and for the model to be in memory; `release` gives both back. */
  acquire(signal: AbortSignal): Promise<{ readonly model: LanguageModel; release(): void }>;
}

/** Finds models by name. */
export interface ModelRegistry {
  readonly list: readonly ServedModel[];
  /** The named model; without a name the only one. Throws `ApiError` 404 or 400. */
  find(name: string | undefined): ServedModel;
  /** Closes the models that were opened here. */
  close(): Promise<void>;
}

/** Options for `createModelRegistry`. */
export interface RegistryOptions extends QueueLimits {
  /** Lazy models in memory at once. */
  readonly maxLoaded: number;
  /** Takes the reasons why a model could not be opened. */
  readonly report: (error: unknown) => void;
}

/** Puts a queue in front of each model, open or lazy. `UserError` when there is none or two share a name. */
export function createModelRegistry(
  models: readonly (LanguageModel | LazyModel)[],
  options: RegistryOptions,
): ModelRegistry {
  if (models.length === 0) throw new UserError("no-model", "no model to serve");
  const created = Math.floor(Date.now() / 1000);
  const loader = createLoader(options.maxLoaded, options.report);
  const byId = new Map<string, ServedModel>();
  for (const source of models) {
    const { id } = source;
    if (byId.has(id)) {
      throw new UserError("duplicate-model", `two models to serve are both called "${id}"`, {
        remedy: "Rename one of the files.",
      });
    }
    const queue = createRequestQueue(options);
    const loaded: LoadedModel = isLazy(source)
      ? loader.add(source)
      : { current: source, lease: async () => ({ model: source, release() {} }) };
    byId.set(id, {
      id,
      get current() {
        return loaded.current;
      },
      hints: isLazy(source) ? source : {},
      queue,
      created,
      fingerprint: `fp_${hashValue([APOLLO_VERSION, id]).slice(0, 12)}`,
      async acquire(signal) {
        const giveTurn = await queue.acquire(signal);
        try {
          const { model, release } = await loaded.lease(signal);
          return {
            model,
            release() {
              release();
              giveTurn();
            },
          };
        } catch (error) {
          giveTurn();
          throw error;
        }
      },
    });
  }
  const list = [...byId.values()];
  return {
    list,
    close: loader.close,
    find(name) {
      const only = list.length === 1 ? list[0] : undefined;
      const found = name === undefined ? only : byId.get(name);
      if (found !== undefined) return found;
      const names = list.map((entry) => entry.id).join(", ");
      if (name === undefined) {
        throw new ApiError(400, `"model" is missing; one of: ${names}`, { param: "model" });
      }
      throw new ApiError(404, `the model "${name}" is not served here; one of: ${names}`, {
        param: "model",
        code: "model_not_found",
      });
    },
  };
}

function isLazy(source: LanguageModel | LazyModel): source is LazyModel {
  return "open" in source && !("generate" in source);
}

/** A model whose strength of steering each request may choose: a proxy-tuned trio. */
export interface SteeredModel extends LanguageModel {
  readonly alpha: number;
  withAlpha(alpha: number): LanguageModel;
}

/** True for a proxy-tuned trio. */
export function isSteered(model: LanguageModel): model is SteeredModel {
  return "alpha" in model && "withAlpha" in model;
}

/** The model at the alpha a request asks for. Throws `ApiError` 400 when it has none. */
export function atAlpha(model: LanguageModel, alpha: number | undefined): LanguageModel {
  if (alpha === undefined) return model;
  if (isSteered(model)) return model.withAlpha(alpha);
  throw new ApiError(400, `"alpha" steers proxy-tuned models; "${model.id}" is none`, { param: "alpha" });
}

/** True when next-token logits can be had. */
export function isLogitModel(model: LanguageModel): model is LogitModel {
  return "open" in model && "tokenizer" in model;
}

/** The model, when its logits can be had. Throws `ApiError` 400 saying that `what` needs them. */
export function requireLogits(model: LanguageModel, what: string): LogitModel {
  if (isLogitModel(model)) return model;
  throw new ApiError(400, `${what} needs a model whose logits can be had, "${model.id}" is a remote one`, {
    code: "unsupported_parameter",
  });
}
