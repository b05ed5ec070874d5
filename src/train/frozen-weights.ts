// A base checkpoint's weights as they stand in a training graph: memory-mapped from their own file where that works.
import { realpath } from "node:fs/promises";
import { parse, relative } from "node:path";
import type { ElementType, Graph, Tensor, TensorValue } from "../graph/index.ts";
import { type Checkpoint, parameterShapes } from "../model/index.ts";

/** Weights that never change. */
export interface FrozenWeights {
  /** Folder of the mapped files. */
  readonly folder: string;
  /** What cannot be mapped, as float32 in memory. */
  readonly feeds: Readonly<Record<string, TensorValue>>;
  /** The weight in a graph: a mapped constant, or an input. */
  declare(graph: Graph, name: string, shape: readonly number[]): Tensor;
}

/** Element types that are mapped as they are. */
const MAPPED: ReadonlyMap<string, ElementType> = new Map([
  ["F32", "float32"],
  ["F16", "float16"],
  ["BF16", "bfloat16"],
]);

/**
 * Finds a place for every weight of `base`, which may be closed afterwards. Weights are mapped and cost no memory of their own;
 * those of other types than F32, F16 and BF16 are converted in memory, and so are files on another drive than the first one's.
 */
export async function placeFrozenWeights(base: Checkpoint): Promise<FrozenWeights> {
  const parameters = parameterShapes(base.config);
  // A hub cache has symlinks to its files, which the runtime would not follow out of their folder.
  const realPaths = new Map<string, string>();
  for (const { name } of parameters) {
    const file = base.fileOf(name);
    if (!realPaths.has(file)) realPaths.set(file, await realpath(file));
  }
  // Shards may lie in different folders: their names start from what they have in common.
  const folder = parse([...realPaths.values()][0]!).root;
  const mapped = new Map<string, { type: ElementType; file: string; offset: number; bytes: number }>();
  const feeds: Record<string, TensorValue> = {};
  for (const { name, shape } of parameters) {
    const path = realPaths.get(base.fileOf(name))!;
    const { dtype, start, end } = base.tensors.get(name)!;
    const type = MAPPED.get(dtype);
    if (type !== undefined && parse(path).root === folder)
      mapped.set(name, { type, file: relative(folder, path), offset: start, bytes: end - start });
    else feeds[frozenInput(name)] = { data: await base.read(name), shape };
  }
  return {
    folder,
    feeds,
    declare(graph, name, shape) {
      const place = mapped.get(name);
      // Graphs of float64, which check gradients, cannot map float32.
      return place === undefined || graph.floatType !== "float32"
        ? graph.input(frozenInput(name), shape)
        : graph.external(name, shape, place.type, place);
    },
  };
}

/** Name of the graph input of a frozen weight that is not mapped. */
export function frozenInput(name: string): string {
  return `frozen/${name}`;
}
