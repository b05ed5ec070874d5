// A checkpoint or an adapter, ready for the hub: an adapter is merged into its base first.
import { mkdtemp, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { exists } from "../core/index.ts";
import { exportHf, type HfOptions, type HfResult } from "../export/index.ts";
import { mergeAdapter } from "../train/index.ts";

/** Writes a checkpoint folder, or an adapter with its base, for the hub. Errors as `exportHf` and `mergeAdapter`. */
export async function publishHf(
  folder: string,
  options: HfOptions & { /** Base of an adapter; default the one it names. */ readonly base?: string },
): Promise<HfResult> {
  if (!(await exists(join(folder, "adapter_config.json")))) return exportHf(folder, options);
  // Beside the result: the merged weights are as large.
  const work = await mkdtemp(join(dirname(resolve(options.out)), ".apollo-merge-"));
  try {
    const { progress, signal, base } = options;
    const merged = join(work, "merged");
    await mergeAdapter(folder, {
      out: merged,
      signal,
      ...(progress === undefined ? {} : { progress }),
      ...(base === undefined ? {} : { base }),
    });
    return await exportHf(merged, options);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
