// A cluster in three words: nodes x GPUs x kind.
import { UserError } from "../core/index.ts";
import { GPUS, type Gpu } from "./gpus.ts";

/** Machines to train on. */
export interface Cluster {
  readonly nodes: number;
  readonly gpusPerNode: number;
  readonly gpu: Gpu;
  /** Bits a second that a node's network carries, each way. */
  readonly network: number;
}

/** GPUs of all nodes together. */
export function gpuCount({ nodes, gpusPerNode }: Cluster): number {
  return nodes * gpusPerNode;
}

/** `3x8xH100-80G`, `8xA100-80G` (one node) or `L40S-48G` (one GPU); `UserError` lists the kinds. */
export function parseCluster(text: string, options: { readonly network?: number | undefined } = {}): Cluster {
  // The x of RTX4090 and MI300X is no separator: only digits stand before one.
  const match = /^(?:(\d+)\s*[x×]\s*)?(?:(\d+)\s*[x×]\s*)?([a-z].*)$/iu.exec(text.trim());
  if (match === null) throw badCluster(text);
  const [, first, second, name = ""] = match;
  const gpu = findGpu(name);
  if (gpu === undefined) throw badCluster(text);
  const [nodes, gpusPerNode] =
    second === undefined ? [1, Number(first ?? 1)] : [Number(first), Number(second)];
  if (nodes < 1 || gpusPerNode < 1) throw badCluster(text);
  return { nodes, gpusPerNode, gpu, network: options.network ?? gpu.network * gpusPerNode };
}

/** By its whole name, or the part before the memory where that is enough. */
function findGpu(name: string): Gpu | undefined {
  const wanted = name
    .toUpperCase()
    .replaceAll(/[\s_]/gu, "")
    .replace(/(\d)GB$/u, "$1G");
  const exact = GPUS.find(
    (gpu) => gpu.name.toUpperCase() === wanted || gpu.name.toUpperCase() === `${wanted}G`,
  );
  if (exact !== undefined) return exact;
  const alike = GPUS.filter((gpu) => gpu.name.toUpperCase().startsWith(`${wanted}-`));
  return alike.length === 1 ? alike[0] : undefined;
}

function badCluster(text: string): UserError {
  return new UserError("bad-cluster", `"${text}" is no cluster: expected NODESxGPUSxKIND`, {
    remedy: `For example 3x8xH100-80G. Kinds: ${GPUS.map(({ name }) => name).join(", ")}.`,
  });
}
