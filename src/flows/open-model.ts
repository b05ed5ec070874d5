// Opens a model by its spec, the same wherever a model is named.
import { UserError } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";

/** Options for `openModel`. */
export interface OpenModelOptions {
  /** Context length to allocate; default: the model's own, at most 4096. */
  readonly contextLength?: number;
  /** CPU threads; default: all cores but never more than 8. */
  readonly threads?: number;
}

/** Opens `file.gguf`, `folder/`, `hf:owner/name[:file]`, `http://host/v1#model` or `proxy:BASE+EXPERT-ANTI@ALPHA`. */
export async function openModel(spec: string, _options: OpenModelOptions = {}): Promise<LanguageModel> {
  throw new UserError("unknown-model-spec", `cannot open the model "${spec}"`);
}
