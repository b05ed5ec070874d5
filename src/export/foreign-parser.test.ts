// Another program's GGUF parser reads what we write, and reads foreign files as we do.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gguf } from "@huggingface/gguf";
import { type GgufValue, readGgufHeader, tensorType } from "../engine/index.ts";
import { float16ToFloat32, type ModelConfig } from "../model/index.ts";
import { trainByteLevelBpe } from "../tokenizer/index.ts";
import { writeCheckpoint } from "./agreement.test.helper.ts";
import { exportGguf } from "./export-gguf.ts";

const CONFIG: ModelConfig = {
  architecture: "qwen2",
  vocabularySize: 272,
  hiddenSize: 64,
  intermediateSize: 64,
  layers: 1,
  heads: 2,
  keyValueHeads: 1,
  headSize: 32,
  normEpsilon: 1e-6,
  ropeTheta: 1e6,
  contextLength: 64,
  tiedEmbeddings: true,
  attentionBias: true,
  bosId: undefined,
  eosId: undefined,
};
const FOREIGN = fileURLToPath(
  new URL("../../../shared/data/models/llama-2-tiny-random/llama-2-tiny-random.gguf", import.meta.url),
);
const RECORDED = fileURLToPath(
  new URL("../../src/export/fixtures/llama-2-tiny-random.json", import.meta.url),
);

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-foreign-"));
  const tokenizer = trainByteLevelBpe(["yes and no"], {
    vocabularySize: 262,
    specialTokens: ["<|endoftext|>"],
  });
  await writeCheckpoint(join(folder, "checkpoint"), CONFIG, tokenizer);
});
after(() => rm(folder, { recursive: true }));

for (const type of ["f32", "f16", "bf16", "q8_0", "q4_0"]) {
  test(`@huggingface/gguf reads our ${type} file as we do`, async () => {
    const out = join(folder, `${type}.gguf`);
    await exportGguf(join(folder, "checkpoint"), { type, out });
    await compare(out);
  });
}

test("a file that somebody else wrote is read exactly alike", async (t) => {
  if (!existsSync(FOREIGN)) return t.skip("../shared/data is not here");
  await compare(FOREIGN);
});

test("its weights are those that gguf-py reads, value for value", async (t) => {
  if (!existsSync(FOREIGN)) return t.skip("../shared/data is not here");
  const { tensors } = JSON.parse(await readFile(RECORDED, "utf8")) as {
    tensors: Record<string, { type: string; shape: number[]; float32Sha256: string }>;
  };
  const ours = await readGgufHeader(FOREIGN);
  const file = await readFile(FOREIGN);
  const read = ours.tensors.map(({ name, type, shape, offset, bytes }) => {
    const stored = Uint8Array.from(file.subarray(ours.dataStart + offset, ours.dataStart + offset + bytes));
    const values =
      type === "F16" ? float16ToFloat32(new Uint16Array(stored.buffer)) : new Float32Array(stored.buffer);
    const float32Sha256 = createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex");
    return [name, { type, shape, float32Sha256 }];
  });
  assert.deepEqual(Object.fromEntries(read), tensors);
});

async function compare(path: string): Promise<void> {
  const ours = await readGgufHeader(path);
  const { metadata, tensorInfos, tensorDataOffset } = await gguf(path, { allowLocalFile: true });
  const { version, tensor_count, kv_count, ...theirs } = metadata as unknown as Record<string, unknown>;
  assert.deepEqual(
    [version, Number(tensor_count), Number(kv_count)],
    [ours.version, ours.tensors.length, ours.metadata.size],
  );
  assert.deepEqual(
    Object.fromEntries([...ours.metadata].map(([key, value]) => [key, withoutMark(value)])),
    theirs,
  );
  assert.equal(Number(tensorDataOffset), ours.dataStart);
  assert.deepEqual(
    ours.tensors.map(({ name, shape, type, offset }) => ({ name, shape, type, offset })),
    tensorInfos.map(({ name, shape, dtype, offset }) => ({
      name,
      shape: shape.map(Number),
      type: tensorType(dtype)?.name,
      offset: Number(offset),
    })),
  );
}

/** Their decoder takes U+FEFF, a token of Llama 2, for a byte order mark and drops it. */
function withoutMark(value: GgufValue): unknown {
  if (Array.isArray(value)) return value.map(withoutMark);
  return typeof value === "string" ? value.replace(/^\uFEFF/u, "") : value;
}
