import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createRandom } from "../core/index.ts";
import { quantizeGguf, readGgufHeader, writeTinyGguf } from "../engine/index.ts";
import { type EncodedType, encodeTensor } from "./encode-tensor.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-encode-"));
});
after(() => rm(folder, { recursive: true }));

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
        Buffer.from(encodeTensor(values, tensor.type as EncodedType)),
        tensor.data,
        `${type} ${name}`,
      );
      compared++;
    }
    assert.ok(compared >= 8);
  }
});

test("Q8_0 keeps zeros, signs and halves", () => {
  const values = new Float32Array(64);
  values.set([127, -127, 0.5, -0.5, 1.5, -2.5, 126.4, 0.49]);
  const bytes = encodeTensor(values, "Q8_0");
  assert.equal(bytes.length, 68);
  // Scale 1 as F16; halves go away from zero.
  assert.deepEqual([...bytes.subarray(0, 2)], [0x00, 0x3c]);
  assert.deepEqual([...new Int8Array(bytes.slice(2, 10).buffer)], [127, -127, 1, -1, 2, -3, 126, 0]);
  // A block of zeros has scale 0, not NaN.
  assert.ok(bytes.subarray(34).every((byte) => byte === 0));
});

test("the error of Q8_0 is at most half a step", () => {
  const random = createRandom("q8");
  const values = Float32Array.from({ length: 320 }, () => random.normal());
  const bytes = encodeTensor(values, "Q8_0");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let block = 0; block < 10; block++) {
    const largest = Math.max(...values.subarray(32 * block, 32 * block + 32).map(Math.abs));
    for (let i = 0; i < 32; i++) {
      const restored = (view.getInt8(34 * block + 2 + i) * largest) / 127;
      assert.ok(Math.abs(restored - values[32 * block + i]!) <= largest / 127 / 2 + 1e-6);
    }
  }
});
