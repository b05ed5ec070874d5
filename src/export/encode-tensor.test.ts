import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createRandom } from "../core/index.ts";
import { quantizeGguf, readGgufHeader, writeTinyGguf } from "../engine/index.ts";
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "../model/index.ts";
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

test("every pattern of 16 bits becomes the other types as arithmetic on its bits says", async () => {
  const patterns = Uint16Array.from({ length: 1 << 16 }, (_, i) => i);
  for (const [from, widen] of [
    ["BF16", bfloat16ToFloat32],
    ["F16", float16ToFloat32],
  ] as const) {
    const values = widen(patterns);
    const as = async (type: EncodedType): Promise<Uint8Array> =>
      Uint8Array.from(await encodePiece(bytesOf(patterns), from, type, createPieceBuffers()));
    // What is not a number may keep any pattern that says so.
    const numbers = (list: ArrayLike<number>): number[] =>
      Array.from(list).filter((_, i) => !Number.isNaN(values[i]));
    assert.deepEqual(numbers(new Float32Array((await as("F32")).buffer)), numbers(values));
    assert.deepEqual(numbers(new Uint16Array((await as("F16")).buffer)), numbers(float32ToFloat16(values)));
    assert.deepEqual(numbers(new Uint16Array((await as("BF16")).buffer)), numbers(float32ToBfloat16(values)));
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
