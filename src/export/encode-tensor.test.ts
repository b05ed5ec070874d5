import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createRandom } from "../core/index.ts";
import { quantizeGguf, readGgufHeader, writeTinyGguf } from "../engine/index.ts";
import { bfloat16ToFloat32, float16ToFloat32 } from "../model/index.ts";
import { createPieceBuffers, type EncodedType, encodePiece, writePieces } from "./encode-tensor.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-encode-"));
});
after(() => rm(folder, { recursive: true }));

/** Encodes float32 values in fresh buffers. */
function encode(values: Float32Array, type: EncodedType): Promise<Uint8Array> {
  return encodePiece(bytesOf(values), "F32", type, createPieceBuffers()).then((bytes) =>
    Uint8Array.from(bytes),
  );
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The raw bytes of every matrix of a GGUF file, by name. */
async function matrices(path: string): Promise<Map<string, { type: string; data: Buffer }>> {
  const header = await readGgufHeader(path);
  const file = await readFile(path);
  return new Map(
    header.tensors
      .filter((tensor) => tensor.shape.length === 2)
      .map((tensor) => {
        const start = header.dataStart + tensor.offset;
        return [tensor.name, { type: tensor.type, data: file.subarray(start, start + tensor.bytes) }];
      }),
  );
}

test("F16, BF16 and Q8_0 equal llama.cpp's quantiser bit for bit", async () => {
  const source = join(folder, "tiny.gguf");
  await writeTinyGguf(source, { hiddenSize: 64, layers: 1, seed: 3 });
  const float32 = await matrices(source);
  for (const type of ["f16", "bf16", "q8_0"] as const) {
    const theirs = join(folder, `${type}.gguf`);
    await quantizeGguf(source, theirs, type, { threads: 1 });
    let compared = 0;
    for (const [name, tensor] of await matrices(theirs)) {
      const values = new Float32Array(Uint8Array.from(float32.get(name)!.data).buffer);
      assert.equal(tensor.type, type.toUpperCase(), name);
      assert.deepEqual(
        Buffer.from(await encode(values, tensor.type as EncodedType)),
        tensor.data,
        `${type} ${name}`,
      );
      compared++;
    }
    assert.ok(compared >= 8);
  }
});

test("Q8_0 keeps zeros, signs and halves", async () => {
  const values = new Float32Array(64);
  values.set([127, -127, 0.5, -0.5, 1.5, -2.5, 126.4, 0.49]);
  const bytes = await encode(values, "Q8_0");
  assert.equal(bytes.length, 68);
  // Scale 1 as F16; halves go away from zero.
  assert.deepEqual([...bytes.subarray(0, 2)], [0x00, 0x3c]);
  assert.deepEqual([...new Int8Array(bytes.slice(2, 10).buffer)], [127, -127, 1, -1, 2, -3, 126, 0]);
  // A block of zeros has scale 0, not NaN.
  assert.ok(bytes.subarray(34).every((byte) => byte === 0));
});

test("the error of Q8_0 is at most half a step", async () => {
  const random = createRandom("q8");
  const values = Float32Array.from({ length: 320 }, () => random.normal());
  const bytes = await encode(values, "Q8_0");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let block = 0; block < 10; block++) {
    const largest = Math.max(...values.subarray(32 * block, 32 * block + 32).map(Math.abs));
    for (let i = 0; i < 32; i++) {
      const restored = (view.getInt8(34 * block + 2 + i) * largest) / 127;
      assert.ok(Math.abs(restored - values[32 * block + i]!) <= largest / 127 / 2 + 1e-6);
    }
  }
});

const PATTERNS = Uint16Array.from({ length: 1 << 16 }, (_, i) => i);
/** Each narrow type, the way back, and its largest finite pattern. */
const NARROW = [
  ["F16", float16ToFloat32, 0x7bff],
  ["BF16", bfloat16ToFloat32, 0x7f7f],
] as const;

async function narrow(values: Float32Array, type: "F16" | "BF16"): Promise<Uint16Array> {
  return new Uint16Array((await encode(values, type)).buffer);
}

for (const [type, widen, finite] of NARROW) {
  test(`${type}: all 65,536 patterns come back as they were; what is not a number stays none`, async () => {
    const wide = widen(PATTERNS);
    const back = await narrow(wide, type);
    const again = widen(back);
    for (const pattern of PATTERNS) {
      if (Number.isNaN(wide[pattern])) assert.ok(Number.isNaN(again[pattern]), `${pattern}`);
      else assert.equal(back[pattern], pattern);
    }
  });

  test(`${type}: between two neighbours the nearer one, in the middle the even one`, async () => {
    const values = widen(PATTERNS);
    // Exact in float32: one bit more than the narrow type has.
    const middle = Float32Array.from({ length: finite }, (_, i) => (values[i]! + values[i + 1]!) / 2);
    const bits = new Uint32Array(middle.buffer);
    const moved = (by: number): Float32Array => new Float32Array(bits.map((bit) => bit + by).buffer);
    const rounded = await narrow(middle, type);
    const negative = await narrow(
      middle.map((value) => -value),
      type,
    );
    const [above, below] = [await narrow(moved(1), type), await narrow(moved(-1), type)];
    for (let pattern = 0; pattern < finite; pattern++) {
      const even = pattern % 2 === 0 ? pattern : pattern + 1;
      assert.equal(rounded[pattern], even, `middle above ${pattern}`);
      assert.equal(negative[pattern], even | 0x8000);
      assert.equal(above[pattern], pattern + 1, `above the middle above ${pattern}`);
      assert.equal(below[pattern], pattern, `below the middle above ${pattern}`);
    }
  });

  test(`${type}: what is too large becomes infinite, what is too small zero, with its sign`, async () => {
    const infinite = finite + 1;
    assert.deepEqual(
      [...(await narrow(Float32Array.of(Infinity, -Infinity, 3.4e38, -1e-45), type))],
      [infinite, infinite | 0x8000, infinite, 0x8000],
    );
  });
}

test("65519.996 is the last float32 that does not become infinite in F16", async () => {
  assert.deepEqual([...(await narrow(Float32Array.of(65519.996, 65520), "F16"))], [0x7bff, 0x7c00]);
});

test("every pattern of 16 bits becomes the other types as its float32 value does", async () => {
  for (const [from, widen] of NARROW) {
    const values = widen(PATTERNS);
    // What is not a number may keep any pattern that says so.
    const numbers = (bytes: Uint8Array): unknown[] => {
      const width = bytes.length / values.length;
      return Array.from(values, (value, i) =>
        Number.isNaN(value)
          ? "none"
          : Buffer.from(bytes.subarray(width * i, width * (i + 1))).toString("hex"),
      );
    };
    for (const type of ["F32", "F16", "BF16"] as const) {
      const bytes = Uint8Array.from(await encodePiece(bytesOf(PATTERNS), from, type, createPieceBuffers()));
      assert.deepEqual(
        numbers(bytes),
        numbers(type === "F32" ? bytesOf(values) : await encode(values, type)),
      );
    }
  }
});

test("pieces are written in their order, whichever is made first, and buffers are theirs until then", async () => {
  const written: number[] = [];
  const delays = [5, 0, 3, 0, 0, 2, 0, 1, 0, 0];
  const pieces = delays.map((delay, i) => async (buffers: ReturnType<typeof createPieceBuffers>) => {
    const out = buffers.take("out", 4);
    for (let turn = 0; turn < delay; turn++) await new Promise((resolve) => setImmediate(resolve));
    return out.fill(i);
  });
  await writePieces(pieces, async (bytes) => {
    await new Promise((resolve) => setImmediate(resolve));
    written.push(...bytes);
  });
  assert.deepEqual(
    written,
    delays.flatMap((_, i) => [i, i, i, i]),
  );
});

test("the first error ends the writing, after what was under way has come to rest", async () => {
  let running = 0;
  const pieces = Array.from({ length: 20 }, (_, i) => async () => {
    running++;
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    if (i === 2) throw new Error("unreadable");
    return new Uint8Array(1);
  });
  let written = 0;
  const write = async (): Promise<void> => void written++;
  await assert.rejects(writePieces(pieces, write), /unreadable/u);
  assert.equal(running, 0);
  assert.equal(written, 2);
});
