// The safetensors file format: a checked header and typed tensor data, read by name and written as a stream.
// Format: 8-byte little-endian header length, JSON header, data without holes (huggingface/safetensors README).
import assert from "node:assert/strict";
import { type FileHandle, open } from "node:fs/promises";
import { asFileError, createAtomicFile, UserError } from "../core/index.ts";
import { bfloat16ToFloat32, float16ToFloat32 } from "./half-precision.ts";

/** Sizes in bytes of the element types that may stand in a header; float types are read as float32, others only listed. */
const ELEMENT_BYTES: ReadonlyMap<string, number> = new Map([
  ["BOOL", 1],
  ["U8", 1],
  ["I8", 1],
  ["F8_E5M2", 1],
  ["F8_E4M3", 1],
  ["I16", 2],
  ["U16", 2],
  ["F16", 2],
  ["BF16", 2],
  ["I32", 4],
  ["U32", 4],
  ["F32", 4],
  ["F64", 8],
  ["I64", 8],
  ["U64", 8],
]);

/** Headers above this are refused by the reference reader. */
const MAX_HEADER_BYTES = 100_000_000;

/** A tensor's place in its file. */
export interface TensorInfo {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** First byte and the byte after the last, from the start of the file. */
  readonly start: number;
  readonly end: number;
}

/** An open safetensors file. */
export interface Safetensors {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly metadata: Readonly<Record<string, string>>;
  /** The tensor as float32, row-major; F16 and BF16 are widened exactly. */
  read(name: string): Promise<Float32Array>;
  /** `count` elements from element `from` on, as float32: a part of a tensor larger than memory. */
  readRange(name: string, from: number, count: number): Promise<Float32Array>;
  /** The same elements as the file stores them; in `room`, where given, which must be exactly as long as they are. */
  readRaw(name: string, from: number, count: number, room?: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Opens and checks a safetensors file; `UserError` says what is wrong with a foreign or truncated one. */
export async function openSafetensors(path: string): Promise<Safetensors> {
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    throw asFileError(error, path);
  }
  try {
    const size = (await handle.stat()).size;
    const { tensors, metadata } = await readHeader(handle, size, path);
    const find = (name: string): TensorInfo => {
      const info = tensors.get(name);
      if (info === undefined) throw new UserError("missing-tensor", `no tensor "${name}"`, { file: path });
      return info;
    };
    const readRaw = async (
      name: string,
      from: number,
      count: number,
      room?: Uint8Array,
    ): Promise<Uint8Array> => {
      const info = find(name);
      const width = ELEMENT_BYTES.get(info.dtype)!;
      const start = info.start + from * width;
      assert.ok(from >= 0 && count >= 0 && start + count * width <= info.end, `${name}: beyond its end`);
      const bytes = await readBytes(handle, start, count * width, room);
      if (bytes.length < count * width)
        throw new UserError("bad-safetensors", "became shorter while it was read", { file: path });
      return bytes;
    };
    const readRange = async (name: string, from: number, count: number): Promise<Float32Array> =>
      toFloat32(await readRaw(name, from, count), find(name).dtype, path, name);
    return {
      path,
      tensors,
      metadata,
      read: async (name) => readRange(name, 0, elementsOf(find(name))),
      readRange,
      readRaw,
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw asFileError(error, path);
  }
}

/** Number of values in a tensor. */
export function elementsOf({ shape }: Pick<TensorInfo, "shape">): number {
  return shape.reduce((product, size) => product * size, 1);
}

async function readHeader(handle: FileHandle, size: number, path: string) {
  const bad = (message: string, at?: string): UserError =>
    new UserError("bad-safetensors", message, {
      file: path,
      at,
      remedy: "The file may be cut off or of another kind: fetch or write it again.",
    });
  if (size < 8) throw bad(`only ${size} bytes, a safetensors file has at least 8`);
  const length = (await readBytes(handle, 0, 8)).readBigUInt64LE();
  if (length > BigInt(MAX_HEADER_BYTES))
    throw bad(`not a safetensors file (header length ${length})`, "byte 0");
  const dataStart = 8 + Number(length);
  if (dataStart > size)
    throw bad(`cut off in its header: ${size} bytes, the header alone ends at ${dataStart}`);
  const text = decodeText(await readBytes(handle, 8, Number(length)));
  if (text === undefined) throw bad("its header is not UTF-8", "byte 8");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw bad("its header is not JSON", "byte 8");
  }
  if (!isRecord(json)) throw bad("its header is not a JSON object", "byte 8");
  const { __metadata__: metadata = {}, ...header } = json;
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== "string"))
    throw bad("expected an object of texts", "__metadata__");
  const tensors = new Map<string, TensorInfo>();
  for (const [name, entry] of Object.entries(header)) {
    const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
    const width = typeof dtype === "string" ? ELEMENT_BYTES.get(dtype) : undefined;
    if (typeof dtype !== "string" || width === undefined || !isSizes(shape) || !isSizes(offsets)) {
      throw bad(`its header entry is incomplete or of an unknown type (${dtype})`, name);
    }
    const [start = 0, end = 0] = offsets;
    const bytes = shape.reduce((a, b) => a * b, 1) * width;
    if (offsets.length !== 2 || end - start !== bytes)
      throw bad(`shape [${shape}] of ${dtype} needs ${bytes} bytes, found ${end - start}`, name);
    tensors.set(name, { dtype, shape, start: dataStart + start, end: dataStart + end });
  }
  // JSON.parse keeps the last of several members of one name; the reference reader refuses them, and so do we.
  const members = countMembers(text);
  if (members !== Object.keys(json).length)
    throw bad(`${members - Object.keys(json).length} names stand in its header more than once`);
  let expected = dataStart;
  for (const [name, info] of [...tensors].sort((a, b) => a[1].start - b[1].start || a[1].end - b[1].end)) {
    if (info.start !== expected) throw bad(`data at byte ${info.start}, expected ${expected}`, name);
    expected = info.end;
  }
  if (expected !== size) throw bad(`cut off or overlong: ${size} bytes, its header promises ${expected}`);
  return { tensors, metadata: metadata as Record<string, string> };
}

function decodeText(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** Members of the outermost object of valid JSON: the colons at depth one, outside of strings. */
function countMembers(json: string): number {
  let count = 0;
  let depth = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/gu)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (token === ":" && depth === 1) count++;
  }
  return count;
}

async function readBytes(
  handle: FileHandle,
  position: number,
  length: number,
  room?: Uint8Array,
): Promise<Buffer> {
  assert.ok(room === undefined || room.byteLength === length);
  const buffer =
    room === undefined
      ? Buffer.allocUnsafeSlow(length)
      : Buffer.from(room.buffer, room.byteOffset, room.byteLength);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, Math.min(length - done, 1 << 30), position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

function toFloat32(bytes: Uint8Array, dtype: string, path: string, name: string): Float32Array {
  const buffer = bytes.buffer as ArrayBuffer;
  switch (dtype) {
    case "F32":
      return new Float32Array(buffer, bytes.byteOffset, bytes.byteLength / 4);
    case "F16":
      return float16ToFloat32(new Uint16Array(buffer, bytes.byteOffset, bytes.byteLength / 2));
    case "BF16":
      return bfloat16ToFloat32(new Uint16Array(buffer, bytes.byteOffset, bytes.byteLength / 2));
    case "F64":
      return Float32Array.from(new Float64Array(buffer, bytes.byteOffset, bytes.byteLength / 8));
    default:
      throw new UserError(
        "bad-safetensors",
        `tensor "${name}" is ${dtype}, weights must be F32, F16, BF16 or F64`,
        { file: path },
      );
  }
}

/** A tensor to write; the data may be produced on demand. */
export interface TensorToWrite {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | (() => Float32Array | Promise<Float32Array>);
}

/** Writes float32 tensors atomically, in the reference writer's order (by name, all being of one type). */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>> = { format: "pt" },
): Promise<void> {
  const sorted = [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
  const header = encodeSafetensorsHeader(
    sorted.map((tensor) => ({ ...tensor, dtype: "F32" })),
    metadata,
  );
  const file = await createAtomicFile(path);
  try {
    await file.write(header);
    for (const { data } of sorted) {
      const values = typeof data === "function" ? await data() : data;
      await file.write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
    await file.commit();
  } catch (error) {
    await file.abort();
    throw error;
  }
}

/** The beginning of a file whose tensors follow in this order, each type's together, the widest first. */
export function encodeSafetensorsHeader(
  tensors: readonly { readonly name: string; readonly dtype: string; readonly shape: readonly number[] }[],
  metadata: Readonly<Record<string, string>> = { format: "pt" },
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const { name, dtype, shape } of tensors) {
    const bytes = elementsOf({ shape }) * ELEMENT_BYTES.get(dtype)!;
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  // Spaces up to a multiple of 8 keep every tensor aligned to its element size.
  const json = Buffer.from(JSON.stringify(header), "utf8");
  const text = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, 0x20)]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text]);
}
