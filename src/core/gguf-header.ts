// Reads what a GGUF file says about itself: metadata and tensor list, without the tensor data. Checks that the file is
// whole, so that llama.cpp (which can only say "failed") is never handed a broken one.
// Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { asFileError, UserError } from "./errors.ts";
import { GGUF_VALUE_TYPES, tensorType } from "./gguf-types.ts";

/** A metadata value; 64-bit integers are numbers when they are safe integers. */
export type GgufValue = string | number | bigint | boolean | readonly GgufValue[];

/** Where one tensor lies. */
export interface GgufTensor {
  readonly name: string;
  /** Dimensions in GGUF's order: the fastest-varying (the row length) first. */
  readonly shape: readonly number[];
  /** `F32`, `Q4_K`, ... */
  readonly type: string;
  /** Bytes from `dataStart`. */
  readonly offset: number;
  readonly bytes: number;
}

/** A GGUF file without its tensor data. */
export interface GgufHeader {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
  /** Where the tensor data starts in the file. */
  readonly dataStart: number;
  readonly fileBytes: number;
}

const MAGIC = "GGUF";
const DEFAULT_ALIGNMENT = 32;
/** ggml's GGML_MAX_DIMS. */
const MAX_DIMENSIONS = 4;
/** ggml's GGML_MAX_NAME, without the final zero. */
export const MAX_TENSOR_NAME_BYTES = 63;
const CHUNK_BYTES = 1 << 20;
/** The largest vocabularies have a million tokens; what announces more is made to fill the memory. */
const MAX_ARRAY_ELEMENTS = 1 << 24;
/** The longest texts are chat templates. */
const MAX_TEXT_BYTES = 1 << 24;
/** Headers of real models are below 50 MB. */
const MAX_HEADER_BYTES = 1 << 29;

/** Reads and checks the header of the GGUF file at `path`; `UserError` when it is missing, cut off or no GGUF. */
export async function readGgufHeader(path: string): Promise<GgufHeader> {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    throw asFileError(error, path);
  }
  try {
    const status = fstatSync(file);
    if (status.isDirectory())
      throw new UserError("not-a-file", "is a folder, a GGUF file was expected", { file: path });
    return readHeader(new Cursor(file, path, status.size), path, status.size);
  } catch (error) {
    throw asFileError(error, path);
  } finally {
    closeSync(file);
  }
}

function readHeader(cursor: Cursor, path: string, fileBytes: number): GgufHeader {
  checkMagic(cursor, path, fileBytes);
  const version = cursor.uint32();
  if (version < 2 || version > 3) {
    throw new UserError("gguf-version", `is GGUF version ${version}, versions 2 and 3 can be read`, {
      file: path,
      remedy: version > 0xffff ? "The file is big-endian: convert it." : "Convert the model again.",
    });
  }
  const tensorCount = cursor.count("tensors");
  const valueCount = cursor.count("metadata values");
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < valueCount; i++) {
    const key = cursor.string();
    if (metadata.has(key)) throw corrupt(path, `the key ${shown(key)} is there twice`);
    metadata.set(key, cursor.value(cursor.uint32()));
  }
  const tensors: GgufTensor[] = [];
  const names = new Set<string>();
  for (let i = 0; i < tensorCount; i++) {
    const tensor = readTensor(cursor, path);
    if (names.has(tensor.name))
      throw corrupt(path, `the tensor ${JSON.stringify(tensor.name)} is there twice`);
    names.add(tensor.name);
    tensors.push(tensor);
  }

  const alignment = metadata.get("general.alignment") ?? DEFAULT_ALIGNMENT;
  if (typeof alignment !== "number" || alignment < 8 || !Number.isInteger(Math.log2(alignment)))
    throw corrupt(path, `general.alignment is ${shown(alignment)}, a power of two from 8 on was expected`);
  const dataStart = Math.ceil(cursor.position / alignment) * alignment;
  for (const { name, offset, bytes } of tensors) {
    if (offset % alignment !== 0)
      throw corrupt(path, `tensor ${name} starts at ${offset}, not a multiple of ${alignment}`);
    const end = dataStart + offset + bytes;
    if (end > fileBytes)
      throw truncated(path, `tensor ${name} ends at byte ${end}, the file at byte ${fileBytes}`);
  }
  return { version, metadata, tensors, dataStart, fileBytes };
}

function checkMagic(cursor: Cursor, path: string, fileBytes: number): void {
  if (fileBytes === 0) throw new UserError("not-gguf", "is empty, a GGUF file was expected", { file: path });
  const start = cursor.take(Math.min(4, fileBytes)).toString("latin1");
  if (start !== MAGIC) {
    throw new UserError(
      "not-gguf",
      `is not a GGUF file: it starts with ${JSON.stringify(start)}, not "${MAGIC}"`,
      {
        file: path,
        remedy: "Make one with: apollo export gguf",
      },
    );
  }
}

function readTensor(cursor: Cursor, path: string): GgufTensor {
  const name = cursor.string();
  if (Buffer.byteLength(name) > MAX_TENSOR_NAME_BYTES)
    throw corrupt(path, `a tensor's name is longer than ${MAX_TENSOR_NAME_BYTES} bytes`);
  const dimensions = cursor.uint32();
  if (dimensions > MAX_DIMENSIONS)
    throw corrupt(
      path,
      `tensor ${name} has ${dimensions} dimensions, at most ${MAX_DIMENSIONS} were expected`,
    );
  const shape: number[] = [];
  for (let i = 0; i < dimensions; i++) shape.push(cursor.safeInteger(`dimension of tensor ${name}`));
  const code = cursor.uint32();
  const offset = cursor.safeInteger(`offset of tensor ${name}`);
  const type = tensorType(code);
  if (type === undefined) throw corrupt(path, `tensor ${name} is of the unknown type ${code}`);
  if ((shape[0] ?? 1) % type.elements !== 0)
    throw corrupt(
      path,
      `tensor ${name} (${type.name}) has rows of ${shape[0]}, not a multiple of ${type.elements}`,
    );
  const elements = shape.reduce((product, size) => product * size, 1);
  return { name, shape, type: type.name, offset, bytes: (elements / type.elements) * type.bytes };
}

function shown(value: GgufValue): string {
  return (typeof value === "bigint" ? String(value) : JSON.stringify(value)).slice(0, 40);
}

function corrupt(path: string, message: string): UserError {
  return new UserError("corrupt-gguf", message, { file: path, remedy: "Fetch or export the file again." });
}

function truncated(path: string, message: string): UserError {
  return new UserError("truncated-gguf", `is cut off: ${message}`, {
    file: path,
    remedy: "Fetch or export the file again.",
  });
}

/** Reads little-endian values in order, a chunk of the file at a time. */
class Cursor {
  readonly #file: number;
  readonly #path: string;
  readonly #fileBytes: number;
  #chunk = Buffer.alloc(0);
  #chunkStart = 0;
  position = 0;

  constructor(file: number, path: string, fileBytes: number) {
    this.#file = file;
    this.#path = path;
    this.#fileBytes = fileBytes;
  }

  /** The next `length` bytes; valid until the next call. */
  take(length: number): Buffer {
    const start = this.position;
    if (start + length > MAX_HEADER_BYTES)
      throw corrupt(this.#path, `its header is longer than ${MAX_HEADER_BYTES} bytes`);
    if (start + length > this.#fileBytes)
      throw truncated(this.#path, `the header goes on after byte ${this.#fileBytes}`);
    if (start + length > this.#chunkStart + this.#chunk.length) {
      this.#chunk = Buffer.alloc(Math.min(Math.max(length, CHUNK_BYTES), this.#fileBytes - start));
      this.#chunkStart = start;
      for (let done = 0; done < this.#chunk.length; ) {
        const read = readSync(this.#file, this.#chunk, done, this.#chunk.length - done, start + done);
        if (read === 0) throw truncated(this.#path, `the header goes on after byte ${start + done}`);
        done += read;
      }
    }
    this.position = start + length;
    return this.#chunk.subarray(start - this.#chunkStart, start - this.#chunkStart + length);
  }

  uint32(): number {
    return this.take(4).readUInt32LE();
  }

  safeInteger(what: string): number {
    const value = this.take(8).readBigUInt64LE();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw corrupt(this.#path, `the ${what} is ${value}`);
    return Number(value);
  }

  /** A number of things that follow, each at least a byte long: more than the file has bytes means garbage. */
  count(what: string): number {
    const value = this.safeInteger(`number of ${what}`);
    if (value > this.#fileBytes) throw truncated(this.#path, `it announces ${value} ${what}`);
    return value;
  }

  string(): string {
    const length = this.count("bytes of text");
    if (length > MAX_TEXT_BYTES) throw corrupt(this.#path, `it holds a text of ${length} bytes`);
    return this.take(length).toString("utf8");
  }

  value(type: number): GgufValue {
    switch (type) {
      case GGUF_VALUE_TYPES.uint8:
        return this.take(1).readUInt8();
      case GGUF_VALUE_TYPES.int8:
        return this.take(1).readInt8();
      case GGUF_VALUE_TYPES.uint16:
        return this.take(2).readUInt16LE();
      case GGUF_VALUE_TYPES.int16:
        return this.take(2).readInt16LE();
      case GGUF_VALUE_TYPES.uint32:
        return this.take(4).readUInt32LE();
      case GGUF_VALUE_TYPES.int32:
        return this.take(4).readInt32LE();
      case GGUF_VALUE_TYPES.float32:
        return this.take(4).readFloatLE();
      case GGUF_VALUE_TYPES.bool:
        return this.take(1).readUInt8() !== 0;
      case GGUF_VALUE_TYPES.string:
        return this.string();
      case GGUF_VALUE_TYPES.uint64:
        return narrow(this.take(8).readBigUInt64LE());
      case GGUF_VALUE_TYPES.int64:
        return narrow(this.take(8).readBigInt64LE());
      case GGUF_VALUE_TYPES.float64:
        return this.take(8).readDoubleLE();
      case GGUF_VALUE_TYPES.array: {
        const element = this.uint32();
        // ggml has none either; a deep nest of them would use up the stack.
        if (element === GGUF_VALUE_TYPES.array) throw corrupt(this.#path, "it holds a list of lists");
        const count = this.count("array elements");
        if (count > MAX_ARRAY_ELEMENTS) throw corrupt(this.#path, `it holds a list of ${count} elements`);
        const values: GgufValue[] = [];
        for (let i = 0; i < count; i++) values.push(this.value(element));
        return values;
      }
      default:
        throw corrupt(
          this.#path,
          `a metadata value before byte ${this.position} is of the unknown type ${type}`,
        );
    }
  }
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
