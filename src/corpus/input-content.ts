// The content of an input: a file as it is, unpacked (gzip, Zstandard, an entry of a zip), and in UTF-8.
import { createReadStream } from "node:fs";
import * as zlib from "node:zlib";
import { Unzip, type UnzipFile, UnzipInflate } from "fflate";
import { asFileError, UserError } from "../core/index.ts";
import { decodeBlocks, detectEncoding, isEnoughToTell, originalByte } from "./text-encoding.ts";

/** Where content lies: a file, an entry of a zip file, or a member of one JSON object. */
export interface InputPlace {
  readonly file: string;
  /** Name within a zip file, or of the member. */
  readonly entry?: string;
  /** The bytes of a member: the first, and the one after the last. */
  readonly range?: { readonly start: number; readonly end: number };
}

/** An input whose encoding is known. */
export interface InputContent extends InputPlace {
  /** What people call it: the file, or the file and the entry. */
  readonly name: string;
  /** Its first bytes, in UTF-8. */
  readonly head: string;
  readonly encoding: string;
  /** True when the file's own bytes are the content: nothing is packed, and it is UTF-8. */
  readonly plain: boolean;
  /** True when the file is packed: places in it are those of the content, unpacked. */
  readonly packed: boolean;
  /** The byte of the file (of its unpacked content) that a byte of the content in UTF-8 comes from. */
  sourceByte(offset: number): Promise<number>;
  /** The content from its start, in UTF-8. A byte order mark is left where it is in plain files. */
  blocks(): AsyncGenerator<Buffer>;
}

const BLOCK_BYTES = 1 << 20;
/** An ASCII beginning longer than this settles that the rest is read as UTF-8. */
const LONGEST_HEAD = 1 << 24;
const HEAD_CHARACTERS = 1 << 16;

/** Opens an input; `encoding` overrides what its bytes say. */
export async function openContent(place: InputPlace, encoding?: string): Promise<InputContent> {
  const { file, entry, range } = place;
  const name = entry === undefined ? file : `${file}/${entry}`;
  const packing = range !== undefined ? "none" : entry === undefined ? await packingOf(file) : "zip";
  const raw = (): AsyncGenerator<Buffer> =>
    range === undefined
      ? unpack(file, packing, entry)
      : fileBlocks(file, { start: range.start, end: range.end - 1 });
  const head = await readHead(raw);
  const label = (encoding ?? detectEncoding(head)).toLowerCase();
  const isUtf8 = label === "utf-8" || label === "utf8";
  const blocks = isUtf8 ? raw : () => decodeBlocks(raw, label, name);
  const text = isUtf8 ? head : await readHead(blocks, HEAD_CHARACTERS);
  return {
    ...place,
    name,
    head: text.toString("utf8", 0, HEAD_CHARACTERS).replace(/^\uFEFF/u, ""),
    encoding: label,
    plain: isUtf8 && packing === "none" && range === undefined,
    packed: packing !== "none",
    sourceByte: async (offset) =>
      (range?.start ?? 0) + (isUtf8 ? offset : await originalByte(raw, label, offset)),
    blocks,
  };
}

/** The first bytes: enough to tell the encoding, or `atLeast` so many. */
async function readHead(open: () => AsyncGenerator<Buffer>, atLeast?: number): Promise<Buffer> {
  const blocks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const block of open()) {
      blocks.push(block);
      bytes += block.length;
      if (bytes >= (atLeast ?? LONGEST_HEAD)) break;
      if (atLeast === undefined && isEnoughToTell(Buffer.concat(blocks))) break;
    }
  } catch (error) {
    // Whoever reads the content meets it again, at its place.
    if (!(error instanceof UserError) || !/^bad-(?:archive|encoding)$/u.test(error.code)) throw error;
  }
  return Buffer.concat(blocks);
}

type Packing = "none" | "gzip" | "zstd" | "zip";

/** How a file is packed, by its first bytes: names may lie. */
export async function packingOf(file: string): Promise<Packing> {
  let magic = "";
  for await (const block of fileBlocks(file, { start: 0, end: 3 })) magic += block.toString("hex");
  if (magic.startsWith("1f8b")) return "gzip";
  if (magic === "28b52ffd") return "zstd";
  return magic === "504b0304" || magic === "504b0506" ? "zip" : "none";
}

async function* fileBlocks(
  file: string,
  range: { readonly start?: number; readonly end?: number } = {},
): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(file, { highWaterMark: BLOCK_BYTES, ...range }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw asFileError(error, file);
  }
}

async function* unpack(file: string, packing: Packing, entry?: string): AsyncGenerator<Buffer> {
  if (packing === "zip") yield* unzip(file, entry);
  else if (packing === "none") yield* fileBlocks(file);
  else yield* decompress(file, packing);
}

async function* decompress(file: string, packing: "gzip" | "zstd"): AsyncGenerator<Buffer> {
  // Node has Zstandard from 22.15 on.
  const zstd = (zlib as { createZstdDecompress?: () => NodeJS.ReadWriteStream }).createZstdDecompress;
  if (packing === "zstd" && zstd === undefined) {
    throw new UserError("bad-archive", "is packed with Zstandard, which this version of Node cannot unpack", {
      file,
      remedy: "Unpack it first (zstd -d), or use Node 22.15 or newer.",
    });
  }
  const unpacker = packing === "gzip" ? zlib.createGunzip({ chunkSize: BLOCK_BYTES }) : zstd!();
  const source = createReadStream(file, { highWaterMark: BLOCK_BYTES });
  source.on("error", (error) => (unpacker as zlib.Gunzip).destroy(error));
  source.pipe(unpacker);
  let bytes = 0;
  try {
    for await (const block of unpacker as AsyncIterable<Buffer>) {
      bytes += block.length;
      yield block;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== undefined) throw asFileError(error, file);
    throw badArchive(file, (error as Error).message, bytes, error);
  } finally {
    source.destroy();
  }
}

/** Entries of a zip file that are files. */
export async function zipEntries(file: string): Promise<string[]> {
  const names: string[] = [];
  for await (const _ of unzip(file, undefined, (name) => names.push(name)));
  return names;
}

/** The content of one entry, while the file is read once; without an entry only the names are told. */
async function* unzip(
  file: string,
  entry: string | undefined,
  onName?: (name: string) => void,
): AsyncGenerator<Buffer> {
  let ready: Buffer[] = [];
  let failure: Error | undefined;
  let begun = false;
  let ended = false;
  let bytes = 0;
  const unzipper = new Unzip((found: UnzipFile) => {
    if (!found.name.endsWith("/")) onName?.(found.name);
    if (found.name !== entry || begun) return;
    begun = true;
    found.ondata = (error, data, final) => {
      if (error !== null) failure = error;
      else if (data.length > 0) ready.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
      ended ||= final;
    };
    found.start();
  });
  unzipper.register(UnzipInflate);
  const push = (block: Uint8Array, final: boolean): void => {
    try {
      unzipper.push(block, final);
    } catch (error) {
      failure = error as Error;
    }
  };
  const taken = function* (): Generator<Buffer> {
    const blocks = ready;
    ready = [];
    for (const block of blocks) {
      bytes += block.length;
      yield block;
    }
  };
  for await (const block of fileBlocks(file)) {
    push(block, false);
    yield* taken();
    if (failure !== undefined || ended) break;
  }
  if (failure === undefined && !ended) push(new Uint8Array(0), true);
  yield* taken();
  if (failure !== undefined) throw badArchive(file, failure.message, bytes, failure);
  if (entry !== undefined && !ended) throw badArchive(file, `${entry} ends early`, bytes);
}

function badArchive(file: string, message: string, at: number, cause?: unknown): UserError {
  return new UserError("bad-archive", `cannot be unpacked: ${message}`, {
    file,
    at: `byte ${at}`,
    remedy: "The byte is the content's, unpacked. The file may be cut off: fetch it again.",
    cause,
  });
}
