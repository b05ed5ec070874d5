// How much memory a GGUF model takes, asked before it is loaded: a machine that runs out of memory says nothing useful.
import { freemem } from "node:os";
import type { GgufHeader, GgufValue } from "../core/index.ts";
import { UserError } from "../core/index.ts";

/** What a model takes in memory, in bytes. */
export interface ModelMemory {
  readonly weights: number;
  /** Keys and values of one token, 32-bit; half of it where the cache is 16-bit. */
  readonly cachePerToken: number;
}

/** Layers' buffers and the library itself; small beside any model worth asking about. */
const OVERHEAD_BYTES = 64 * 2 ** 20;
const FLOAT32_BYTES = 4;
const GIBIBYTE = 2 ** 30;

/** Reads a model's needs off its header; architectures without attention have no cache that grows. */
export function ggufMemory(header: GgufHeader): ModelMemory {
  const architecture = String(header.metadata.get("general.architecture"));
  const number = (name: string): number | undefined => {
    const value = header.metadata.get(`${architecture}.${name}`);
    return typeof value === "number" ? value : undefined;
  };
  const layers = number("block_count") ?? 0;
  const heads = number("attention.head_count") ?? 0;
  const size = heads === 0 ? 0 : (number("embedding_length") ?? 0) / heads;
  const keyValueHeads = header.metadata.get(`${architecture}.attention.head_count_kv`) ?? heads;
  const perHead = (number("attention.key_length") ?? size) + (number("attention.value_length") ?? size);
  return {
    weights: header.tensors.reduce((sum, { bytes }) => sum + bytes, 0),
    cachePerToken: FLOAT32_BYTES * perHead * sumOverLayers(keyValueHeads, layers),
  };
}

/** Some architectures have another number of heads in each layer. */
function sumOverLayers(value: GgufValue, layers: number): number {
  if (Array.isArray(value)) return value.reduce((sum: number, heads) => sum + Number(heads), 0);
  return layers * Number(value);
}

/** Memory that could be had now, in bytes: free or reclaimable, and not more than a container may use. */
export function availableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, freemem()) : freemem();
}

/** `UserError` when `bytes` for `what` cannot be had now. */
export function requireMemory(bytes: number, what: string, file: string, remedy: string): void {
  const available = availableMemory();
  if (bytes + OVERHEAD_BYTES <= available) return;
  throw new UserError(
    "not-enough-memory",
    `${what} would take ${gibibytes(bytes)}, of which ${gibibytes(available)} are free`,
    { file, remedy },
  );
}

function gibibytes(bytes: number): string {
  return `${(bytes / GIBIBYTE).toFixed(1)} GiB`;
}
