// The models being served, each behind its own queue, found by the name a request gives.
import { APOLLO_VERSION, hashValue, UserError } from "../core/index.ts";
import type { LanguageModel, LogitModel } from "../engine/index.ts";
import { ApiError } from "./errors.ts";
import { createRequestQueue, type QueueLimits, type RequestQueue } from "./queue.ts";

/** One model and what the server knows about it. */
export interface ServedModel {
  readonly id: string;
  readonly model: LanguageModel;
  readonly queue: RequestQueue;
  /** Unix seconds since when it is served. */
  readonly created: number;
  /** Same fingerprint, seed and request: same answer. */
  readonly fingerprint: string;
}

/** Finds models by name. */
export interface ModelRegistry {
  readonly list: readonly ServedModel[];
  /** The named model; without a name the only one. Throws `ApiError` 404 or 400. */
  find(name: string | undefined): ServedModel;
}

/** Puts a queue in front of each model. `UserError` when there is none or two share a name. */
export function createModelRegistry(models: readonly LanguageModel[], limits: QueueLimits): ModelRegistry {
  if (models.length === 0) throw new UserError("no-model", "no model to serve");
  const created = Math.floor(Date.now() / 1000);
  const byId = new Map<string, ServedModel>();
  for (const model of models) {
    if (byId.has(model.id)) {
      throw new UserError("duplicate-model", `two models to serve are both called "${model.id}"`, {
        remedy: "Rename one of the files.",
      });
    }
    byId.set(model.id, {
      id: model.id,
      model,
      queue: createRequestQueue(limits),
      created,
      fingerprint: `fp_${hashValue([APOLLO_VERSION, model.id, model.contextLength]).slice(0, 12)}`,
    });
  }
  const list = [...byId.values()];
  return {
    list,
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
