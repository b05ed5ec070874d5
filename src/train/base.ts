// Where the checkpoint lies that a recipe starts from: a folder, or a model of the hub, which is fetched once.
import type { ProgressFactory } from "../core/index.ts";
import { pull } from "../hub/index.ts";
import { knownShape, type ModelConfig } from "../model/index.ts";

const HUB = "hf:";

/** How to fetch a base. */
export interface LocateOptions {
  /** Fetch its configuration only. Default: all of it. */
  readonly configOnly?: boolean;
  readonly progress?: ProgressFactory | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The folder of a recipe's `base`; `UserError` of `hub` when a model cannot be had. */
export async function locateBase(base: string, options: LocateOptions = {}): Promise<string> {
  if (!base.startsWith(HUB)) return base;
  const { configOnly = false, progress, signal } = options;
  const { folder } = await pull(base.slice(HUB.length), {
    ...(configOnly ? { include: ["config.json"] } : {}),
    ...(progress === undefined ? {} : { progress }),
    ...(signal === undefined ? {} : { signal }),
  });
  return folder;
}

/** The shape of a published model of the hub, known without asking it, for plans; `undefined` for every other base. */
export function knownBase(base: string): ModelConfig | undefined {
  return base.startsWith(HUB) ? knownShape(base.slice(HUB.length)) : undefined;
}

/** What an adapter's configuration calls its base: the hub's own name for a model that came from there. */
export function baseName(base: string): string {
  return base.startsWith(HUB) ? base.slice(HUB.length) : base;
}
