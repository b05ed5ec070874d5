// A manifest beside every artifact: what went in, by which recipe, and what came out. It is written last, so an artifact
// without one is unfinished, and one whose key still matches need not be made again.
import { join } from "node:path";
import { exists, readJson, writeJson } from "./files.ts";
import { hashValue } from "./hash.ts";

/** What a stage leaves beside its output. */
export interface Manifest {
  /** The stage, e.g. `"corpus import"`. */
  readonly stage: string;
  /** Hash of everything that decides the output: inputs, options, seed. */
  readonly key: string;
  /** The same in readable form. */
  readonly inputs: unknown;
  /** Counts and whatever else the stage reports. */
  readonly result: unknown;
  readonly versions: { readonly apollo: string; readonly node: string };
}

/** Name of the manifest inside an artifact's folder. */
export const MANIFEST_FILE = "manifest.json";

/** The package's version, recorded in manifests. */
export const APOLLO_VERSION = "0.1.0";

/** The key of a stage: a hash over its name and inputs. */
export function manifestKey(stage: string, inputs: unknown): string {
  return hashValue({ stage, inputs, apollo: APOLLO_VERSION });
}

/** Marks the artifact in `folder` as complete. */
export function writeManifest(
  folder: string,
  stage: string,
  inputs: unknown,
  result: unknown,
): Promise<void> {
  const manifest: Manifest = {
    stage,
    key: manifestKey(stage, inputs),
    inputs,
    result,
    versions: { apollo: APOLLO_VERSION, node: process.versions.node },
  };
  return writeJson(join(folder, MANIFEST_FILE), manifest);
}

/** The manifest in `folder` if it was made by `stage` from the same `inputs`; else `undefined`. */
export async function matchingManifest(
  folder: string,
  stage: string,
  inputs: unknown,
): Promise<Manifest | undefined> {
  const path = join(folder, MANIFEST_FILE);
  if (!(await exists(path))) return undefined;
  const manifest = (await readJson(path)) as Manifest | null;
  return manifest?.key === manifestKey(stage, inputs) ? manifest : undefined;
}
