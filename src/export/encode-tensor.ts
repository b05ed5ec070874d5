// Which types we write ourselves, and the pieces that tensors pass through in: each is read, changed and encoded in buffers
// that it has to itself, so that several are under way at once and memory stays the same however large the model.
import { encodeRows, type FloatType, type RowType } from "../engine/index.ts";

/** Tensor types that we write ourselves: ggml's code, and the bytes of each run of elements along a row. */
export const ENCODED_TYPES = {
  F32: { code: 0, elements: 1, bytes: 4 },
  F16: { code: 1, elements: 1, bytes: 2 },
  BF16: { code: 30, elements: 1, bytes: 2 },
  // A scale of 2 bytes and 32 signed bytes.
  Q8_0: { code: 8, elements: 32, bytes: 34 },
} as const satisfies Record<RowType, unknown>;

/** One of them. */
export type EncodedType = RowType;

/** Values of a piece: 2 MiB as float32, so that those under way stay in the cores' caches. */
export const PIECE_ELEMENTS = 1 << 19;

/** Pieces under way at once: one is written, one read, and two are encoded. */
const PIECES_AHEAD = 4;

/** Working memory of one piece; each part grows to what is asked of it. */
export interface PieceBuffers {
  /** At least `bytes` of it, with whatever the last piece left in them. */
  take(part: "source" | "changed" | "float32" | "out", bytes: number): Uint8Array<ArrayBuffer>;
}

/** Makes its bytes when called; they may lie in the buffers. */
export type Piece = (buffers: PieceBuffers) => Promise<Uint8Array>;

/** Memory that is used again: new pages cost as much as copying them. */
export function createPieceBuffers(): PieceBuffers {
  const parts = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    take(part, bytes) {
      const known = parts.get(part);
      if (known !== undefined && known.byteLength >= bytes) return known.subarray(0, bytes);
      const fresh = Buffer.allocUnsafeSlow(bytes) as Uint8Array<ArrayBuffer>;
      parts.set(part, fresh);
      return fresh;
    },
  };
}

/** Stored values as another type; for Q8_0 in whole blocks of 32. */
export function encodePiece(
  source: Uint8Array,
  from: FloatType,
  to: EncodedType,
  buffers: PieceBuffers,
): Promise<Uint8Array> {
  const values = source.byteLength / ENCODED_TYPES[from].bytes;
  const { elements, bytes } = ENCODED_TYPES[to];
  return encodeRows(source, from, to, {
    float32: from === "F32" || to === "F32" ? source : buffers.take("float32", 4 * values),
    out: from === to ? source : buffers.take("out", (values / elements) * bytes),
  });
}

/**
 * Hands the bytes of all pieces on in their order, making the next ones meanwhile. The first error of a piece or of `write` ends it,
 * after everything under way has come to rest.
 */
export async function writePieces(
  pieces: Iterable<Piece>,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const free = Array.from({ length: PIECES_AHEAD }, createPieceBuffers);
  const ahead: { readonly bytes: Promise<Uint8Array>; readonly buffers: PieceBuffers }[] = [];
  const writeNext = async (): Promise<void> => {
    const { bytes, buffers } = ahead.shift()!;
    await write(await bytes);
    free.push(buffers);
  };
  try {
    for (const piece of pieces) {
      if (free.length === 0) await writeNext();
      const buffers = free.pop()!;
      ahead.push({ bytes: piece(buffers), buffers });
    }
    while (ahead.length > 0) await writeNext();
  } finally {
    await Promise.allSettled(ahead.map(({ bytes }) => bytes));
  }
}
