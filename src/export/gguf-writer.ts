// Writes GGUF v3 files as a stream: the header knows every tensor's place before the first value is read, so a model larger
// than memory passes through a tensor (or a part of one) at a time. The file appears whole or not at all.
import assert from "node:assert/strict";
import { createAtomicFile, UserError } from "../core/index.ts";
import { GGUF_VALUE_TYPES, MAX_TENSOR_NAME_BYTES } from "../engine/index.ts";
import { ENCODED_TYPES, type EncodedType, type Piece, writePieces } from "./encode-tensor.ts";
import {
  alignUp,
  DEFAULT_ALIGNMENT,
  GGUF_MAGIC,
  GGUF_VERSION,
  MAX_DIMENSIONS,
  type Metadata,
  type MetadataValue,
} from "./gguf-format.ts";

/** A tensor to write. */
export interface GgufTensorSource {
  readonly name: string;
  /** Row-major: the row length comes last, as in safetensors. The file has the reverse order. */
  readonly shape: readonly number[];
  readonly type: EncodedType;
  /** Its bytes as the type stores them; called once, when their turn comes. */
  pieces(): Iterable<Piece>;
}

/**
 * Writes a GGUF file; gives its size. Tensors lie in the order given, each at a multiple of 32 bytes, without holes: readers
 * check that offsets are the running sum of padded sizes.
 */
export async function writeGguf(
  path: string,
  metadata: Metadata,
  tensors: readonly GgufTensorSource[],
  options: {
    /** Called with the bytes written so far and the file's size. */
    readonly onProgress?: ((done: number, total: number) => void) | undefined;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<{ readonly bytes: number }> {
  const header = encodeHeader(metadata, tensors);
  const sizes = tensors.map(tensorBytes);
  const total = sizes.reduce((sum, size) => sum + alignUp(size, DEFAULT_ALIGNMENT), header.length);
  const file = await createAtomicFile(path);
  try {
    await file.write(header);
    const made = tensors.map(() => 0);
    await writePieces(paddedPieces(tensors, made), async (bytes) => {
      options.signal?.throwIfAborted();
      await file.write(bytes);
      options.onProgress?.(file.bytes, total);
    });
    for (const [i, { name }] of tensors.entries())
      assert.equal(made[i], sizes[i], `tensor ${name} gave another number of values than its shape`);
    assert.equal(file.bytes, total);
    await file.commit();
    return { bytes: total };
  } catch (error) {
    await file.abort();
    throw error;
  }
}

/** The pieces of all tensors, each tensor filled up to where the next one begins; `made` counts their bytes without that. */
function* paddedPieces(tensors: readonly GgufTensorSource[], made: number[]): Generator<Piece> {
  for (const [i, tensor] of tensors.entries()) {
    for (const piece of tensor.pieces()) {
      yield async (buffers) => {
        const bytes = await piece(buffers);
        made[i]! += bytes.byteLength;
        return bytes;
      };
    }
    const size = tensorBytes(tensor);
    const padding = alignUp(size, DEFAULT_ALIGNMENT) - size;
    if (padding > 0) yield async () => new Uint8Array(padding);
  }
}

/** Bytes of a tensor's data, without padding. */
export function tensorBytes(tensor: Pick<GgufTensorSource, "name" | "shape" | "type">): number {
  const type = ENCODED_TYPES[tensor.type];
  const rowLength = tensor.shape.at(-1) ?? 1;
  assert.equal(rowLength % type.elements, 0, `rows of ${tensor.name} are no multiple of ${type.elements}`);
  return (tensor.shape.reduce((a, b) => a * b, 1) / type.elements) * type.bytes;
}

function encodeHeader(metadata: Metadata, tensors: readonly GgufTensorSource[]): Uint8Array {
  const out = new ByteSink();
  out.bytes(Buffer.from(GGUF_MAGIC, "latin1"));
  out.uint32(GGUF_VERSION);
  out.uint64(tensors.length);
  out.uint64(metadata.size);
  for (const [key, value] of metadata) {
    out.string(key);
    writeValue(out, value);
  }
  let offset = 0;
  const names = new Set<string>();
  for (const tensor of tensors) {
    checkTensor(tensor, names);
    out.string(tensor.name);
    out.uint32(tensor.shape.length);
    for (const size of [...tensor.shape].reverse()) out.uint64(size);
    out.uint32(ENCODED_TYPES[tensor.type].code);
    out.uint64(offset);
    offset += alignUp(tensorBytes(tensor), DEFAULT_ALIGNMENT);
  }
  out.bytes(new Uint8Array(alignUp(out.length, DEFAULT_ALIGNMENT) - out.length));
  return out.take();
}

function checkTensor(tensor: GgufTensorSource, names: Set<string>): void {
  assert.ok(!names.has(tensor.name), `tensor ${tensor.name} is written twice`);
  names.add(tensor.name);
  assert.ok(tensor.shape.length >= 1 && tensor.shape.length <= MAX_DIMENSIONS);
  if (Buffer.byteLength(tensor.name) > MAX_TENSOR_NAME_BYTES) {
    throw new UserError(
      "tensor-name",
      `tensor name "${tensor.name}" is longer than ${MAX_TENSOR_NAME_BYTES} bytes`,
    );
  }
}

function writeValue(out: ByteSink, value: MetadataValue): void {
  switch (value.type) {
    case "string":
      out.uint32(GGUF_VALUE_TYPES.string);
      out.string(value.value);
      break;
    case "bool":
      out.uint32(GGUF_VALUE_TYPES.bool);
      out.bytes(Uint8Array.of(value.value ? 1 : 0));
      break;
    case "uint32":
      out.uint32(GGUF_VALUE_TYPES.uint32);
      out.uint32(value.value);
      break;
    case "float32":
      out.uint32(GGUF_VALUE_TYPES.float32);
      out.bytes(new Uint8Array(Float32Array.of(value.value).buffer));
      break;
    case "string[]":
      out.array(GGUF_VALUE_TYPES.string, value.value.length);
      for (const text of value.value) out.string(text);
      break;
    case "int32[]":
      out.array(GGUF_VALUE_TYPES.int32, value.value.length);
      out.bytes(new Uint8Array(Int32Array.from(value.value).buffer));
      break;
    case "float32[]":
      out.array(GGUF_VALUE_TYPES.float32, value.value.length);
      out.bytes(new Uint8Array(Float32Array.from(value.value).buffer));
      break;
    default:
      value satisfies never;
  }
}

/** A growing run of little-endian bytes. */
class ByteSink {
  #buffer = Buffer.alloc(1 << 16);
  length = 0;

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  uint32(value: number): void {
    assert.ok(Number.isInteger(value) && value >= 0 && value <= 0xffffffff, `${value} is no uint32`);
    this.#reserve(4);
    this.length = this.#buffer.writeUInt32LE(value, this.length);
  }

  uint64(value: number): void {
    this.#reserve(8);
    this.length = this.#buffer.writeBigUInt64LE(BigInt(value), this.length);
  }

  string(text: string): void {
    const bytes = Buffer.from(text, "utf8");
    this.uint64(bytes.length);
    this.bytes(bytes);
  }

  array(elementType: number, count: number): void {
    this.uint32(GGUF_VALUE_TYPES.array);
    this.uint32(elementType);
    this.uint64(count);
  }

  take(): Uint8Array {
    return this.#buffer.subarray(0, this.length);
  }

  #reserve(more: number): void {
    if (this.length + more <= this.#buffer.length) return;
    const larger = Buffer.alloc(Math.max(2 * this.#buffer.length, this.length + more));
    this.#buffer.copy(larger, 0, 0, this.length);
    this.#buffer = larger;
  }
}
