// A model's weights as GGUF tensors, a piece at a time: a checkpoint larger than memory passes through.
import type { FloatType } from "../engine/index.ts";
import { type Checkpoint, parameterShapes, rotaryDivisors } from "../model/index.ts";
import { applyTransform, mapTensor, staysFloat32, type Transform } from "./architectures.ts";
import { ENCODED_TYPES, type EncodedType, encodePiece, PIECE_ELEMENTS, type Piece } from "./encode-tensor.ts";
import type { GgufTensorSource } from "./gguf-writer.ts";

/** Weights by their Hugging Face names; an open checkpoint is one. */
export type WeightSource = Pick<Checkpoint, "config" | "read" | "readRange"> &
  Partial<Pick<Checkpoint, "tensors" | "readRaw">>;

/** Every weight as a GGUF tensor, in checkpoint order; after them, tensors that the file has and the checkpoint has not. */
export function tensorSources(weights: WeightSource, encoded: EncodedType): GgufTensorSource[] {
  const { config } = weights;
  const tensors = parameterShapes(config).map((parameter): GgufTensorSource => {
    const { name, shape } = parameter;
    const { to, transform } = mapTensor(parameter, config);
    const type = storedType(to, shape, encoded);
    return { name: to, shape, type, pieces: () => weightPieces(weights, name, shape, transform, type) };
  });
  const divisors = config.ropeScaling?.type === "llama3" ? rotaryDivisors(config) : undefined;
  if (divisors === undefined) return tensors;
  // llama.cpp knows Llama 3.1's scaling only by its result: what each frequency is divided by.
  const rotary: GgufTensorSource = {
    name: "rope_freqs.weight",
    shape: [divisors.length],
    type: "F32",
    pieces: () => [async () => bytesOf(Float32Array.from(divisors))],
  };
  return [...tensors, rotary];
}

/** Norms and biases stay F32; rows that do not divide into blocks become F16, as in llama.cpp's converter. */
function storedType(name: string, shape: readonly number[], encoded: EncodedType): EncodedType {
  if (staysFloat32(name, shape)) return "F32";
  return shape.at(-1)! % ENCODED_TYPES[encoded].elements === 0 ? encoded : "F16";
}

/** The pieces of a weight in order, each of whole heads where these change. */
function* weightPieces(
  weights: WeightSource,
  name: string,
  shape: readonly number[],
  transform: Transform,
  type: EncodedType,
): Generator<Piece> {
  const { headSize } = weights.config;
  const rowLength = shape.length > 1 ? shape.at(-1)! : 1;
  const length = shape.reduce((product, size) => product * size, 1);
  const unit = transform === "interleave-heads" ? headSize * rowLength : 1;
  const step = Math.max(unit, PIECE_ELEMENTS - (PIECE_ELEMENTS % unit));
  for (let from = 0; from < length; from += step) {
    const count = Math.min(step, length - from);
    yield async (buffers) => {
      const [stored, dtype] = await readStored(weights, name, from, count, transform, buffers);
      const width = ENCODED_TYPES[dtype].bytes;
      const values = applyTransform(stored, transform, { headSize, rowBytes: rowLength * width }, buffers);
      return encodePiece(values, dtype, type, buffers);
    };
  }
}

/** As the checkpoint stores them where nothing is computed with them, else as float32. */
async function readStored(
  { tensors, readRange, readRaw }: WeightSource,
  name: string,
  from: number,
  count: number,
  transform: Transform,
  buffers: Parameters<Piece>[0],
): Promise<readonly [Uint8Array, FloatType]> {
  const dtype = tensors?.get(name)?.dtype;
  // The formats spell F32, F16 and BF16 alike, and store them alike.
  const isFloat = dtype === "F32" || dtype === "F16" || dtype === "BF16";
  if (readRaw === undefined || !isFloat || transform === "plus-one")
    return [bytesOf(await readRange(name, from, count)), "F32"];
  const room = buffers.take("source", count * ENCODED_TYPES[dtype].bytes);
  return [await readRaw(name, from, count, room), dtype];
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
