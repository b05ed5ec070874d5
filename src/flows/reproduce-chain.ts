// What a reproduction was made from, link by link: the manifests of its stages in one file.
import { join } from "node:path";
import type { ColumnsResult } from "../bench/index.ts";
import { APOLLO_VERSION, exists, hashFile, MANIFEST_FILE, type Manifest, readJson } from "../core/index.ts";
import { llamaVersion } from "../engine/index.ts";
import type { Recipe } from "../train/index.ts";
import { type FamilyMember, recipePath } from "./reproduce-family.ts";
import type { Pulled } from "./reproduce-pull.ts";

/** One link. */
export interface ChainStage {
  readonly stage: string;
  /** Where its artifact is, relative to the reproduction's folder. */
  readonly folder: string;
  /** Hash of everything that decides the artifact. */
  readonly key: string;
  /** What the stage reports: counts, sizes, losses. */
  readonly result: unknown;
}

/** The whole chain; `chain.json`. */
export interface ChainRecord {
  readonly name: string;
  readonly scale: "full" | "tiny";
  readonly recipe: Recipe;
  readonly recipeFile: { readonly path: string; readonly sha256: string };
  readonly pulled: Pulled["pins"];
  readonly seeds: { readonly pack: number; readonly train: number; readonly bench: number };
  readonly stages: readonly ChainStage[];
  /** The bench runs of the trained model: folder, way of asking, seed. */
  readonly bench: readonly { readonly folder: string; readonly protocol: string; readonly seed: number }[];
  readonly versions: { readonly apollo: string; readonly node: string; readonly llamaCpp: string };
  readonly caveats: readonly string[];
}

/** Reads the chain off the artifacts in `folder`. */
export async function readChain(
  folder: string,
  known: {
    readonly member: FamilyMember;
    readonly recipe: Recipe;
    readonly scale: "full" | "tiny";
    readonly pulled: Pulled;
    /** Folders that hold a manifest, relative to `folder`, in the order they were made. */
    readonly made: readonly string[];
    readonly columns: ColumnsResult;
    readonly caveats: readonly string[];
  },
): Promise<ChainRecord> {
  const { member, recipe, scale, pulled, columns, caveats } = known;
  const stages: ChainStage[] = [];
  for (const artifact of known.made) {
    const path = join(folder, artifact, MANIFEST_FILE);
    if (!(await exists(path))) continue;
    const { stage, key, result } = (await readJson(path)) as Manifest;
    stages.push({ stage, folder: artifact, key, result });
  }
  const file = recipePath(member);
  return {
    name: member.name,
    scale,
    recipe,
    recipeFile: { path: `recipes/${member.name}.yaml`, sha256: await hashFile(file) },
    pulled: pulled.pins,
    seeds: { pack: recipe.pack?.seed ?? 42, train: recipe.seed, bench: columns.columns[0]!.seed },
    stages,
    bench: columns.columns.map(({ name, protocol, seed }) => ({
      folder: `bench/reproduced/${name}`,
      protocol,
      seed,
    })),
    versions: { apollo: APOLLO_VERSION, node: process.versions.node, llamaCpp: llamaVersion() },
    caveats,
  };
}
