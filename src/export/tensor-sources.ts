// A model's weights as GGUF tensors, a piece at a time: a checkpoint larger than memory passes through.
import { type Checkpoint, parameterShapes, rotaryDivisors } from "../model/index.ts";
import { applyTransform, mapTensor, staysFloat32, type Transform } from "./architectures.ts";
import { ENCODED_TYPES, type EncodedType } from "./encode-tensor.ts";
import type { GgufTensorSource } from "./gguf-writer.ts";

/** Weights by their Hugging Face names; an open checkpoint is one. */
export type WeightSource = Pick<Checkpoint, "config" | "read" | "readRange"> &
  Partial<Pick<Checkpoint, "tensors" | "readRaw">>;

/** Values read at once: 4 MiB of float32, little enough for a cache, two of them in memory (one is read while the other is written). */
const PIECE_ELEMENTS = 1 << 20;

/** Every weight as a GGUF tensor, in checkpoint order; after them, tensors that the file has and the checkpoint has not. */
export function tensorSources(weights: WeightSource, encoded: EncodedType): GgufTensorSource[] {
  const { config } = weights;
  const tensors = parameterShapes(config).map((parameter): GgufTensorSource => {
    const { name, shape } = parameter;
    const { to, transform } = mapTensor(parameter, config);
    const type = storedType(to, shape, encoded);
    return { name: to, shape, type, pieces: () => readPieces(weights, name, shape, transform, type) };
  });
  const divisors = rotaryDivisors(config);
  if (divisors === undefined) return tensors;
  // llama.cpp knows Llama 3.1's scaling only by its result: what each frequency is divided by.
  const rotary: GgufTensorSource = {
    name: "rope_freqs.weight",
    shape: [divisors.length],
    type: "F32",
    async *pieces() {
      yield Float32Array.from(divisors);
    },
  };
  return [...tensors, rotary];
}

/** Norms and biases stay F32; rows that do not divide into blocks become F16, as in llama.cpp's converter. */
function storedType(name: string, shape: readonly number[], encoded: EncodedType): EncodedType {
  if (staysFloat32(name, shape)) return "F32";
  return shape.at(-1)! % ENCODED_TYPES[encoded].elements === 0 ? encoded : "F16";
}

/** The pieces of a weight in order: values after the transform, or the stored bytes where they are what the file wants. */
async function* readPieces(
  { config, tensors, readRange, readRaw }: WeightSource,
  name: string,
  shape: readonly number[],
  transform: Transform,
  type: EncodedType,
): AsyncGenerator<Float32Array | Uint8Array> {
  // The formats spell F32, F16 and BF16 alike, and store them alike.
  const asStored = readRaw !== undefined && transform === "none" && tensors?.get(name)?.dtype === type;
  const heads = { headSize: config.headSize, rowLength: shape.length > 1 ? shape.at(-1)! : 1 };
  const length = shape.reduce((product, size) => product * size, 1);
  const unit = transform === "interleave-heads" ? heads.headSize * heads.rowLength : 1;
  const step = Math.max(unit, PIECE_ELEMENTS - (PIECE_ELEMENTS % unit));
  const read = async (from: number): Promise<Float32Array | Uint8Array> => {
    const count = Math.min(step, length - from);
    if (asStored) return readRaw(name, from, count);
    return applyTransform(await readRange(name, from, count), transform, heads);
  };
  let next = read(0);
  for (let from = 0; from < length; from += step) {
    const piece = await next;
    if (from + step < length) {
      next = read(from + step);
      // Its error is seen when its turn comes, or never, when the writing has failed before.
      next.catch(() => undefined);
    }
    yield piece;
  }
}
