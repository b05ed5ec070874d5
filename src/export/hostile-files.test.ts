// Broken and hostile model files: thousands of seeded mutations of sound ones. Each is either read or refused by name, with
// the file in the message; nothing crashes, hangs or takes memory out of proportion.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createRandom, type Random, UserError } from "../core/index.ts";
import { readGgufHeader } from "../engine/index.ts";
import { type ModelConfig, openCheckpoint, openSafetensors } from "../model/index.ts";
import { loadTokenizer, trainByteLevelBpe } from "../tokenizer/index.ts";
import { writeCheckpoint } from "./agreement.test.helper.ts";
import { exportGguf } from "./export-gguf.ts";
import { modelMetadata } from "./gguf-metadata.ts";
import { writeGguf } from "./gguf-writer.ts";
import { inspectFile } from "./inspect.ts";

const CONFIG: ModelConfig = {
  architecture: "qwen2",
  vocabularySize: 264,
  hiddenSize: 8,
  intermediateSize: 8,
  layers: 1,
  heads: 2,
  keyValueHeads: 1,
  headSize: 4,
  normEpsilon: 1e-6,
  ropeTheta: 1e6,
  contextLength: 32,
  tiedEmbeddings: true,
  attentionBias: true,
  bosId: undefined,
  eosId: undefined,
};
/** Both files hold their metadata and the greater part of their tokens in this. */
const VOCABULARY_BYTES = 20_000;
const GEMMA = fileURLToPath(new URL("../../src/export/fixtures/gemma/", import.meta.url));
/** A reader may hold the file and little more; a header that announces gigabytes must not make it allocate them. */
const MOST_MEMORY = 256 * 2 ** 20;

let folder = "";
let gguf: Buffer;
let safetensors: Buffer;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "apollo-hostile-"));
  const vocabulary = trainByteLevelBpe(["yes and no"], { vocabularySize: 260, specialTokens: ["<|end|>"] });
  const checkpoint = join(folder, "checkpoint");
  await writeCheckpoint(checkpoint, CONFIG, vocabulary);
  await exportGguf(checkpoint, { type: "f32", out: join(folder, "sound.gguf") });
  gguf = readFileSync(join(folder, "sound.gguf"));
  safetensors = readFileSync(join(checkpoint, "model.safetensors"));
});
after(() => rmSync(folder, { recursive: true }));

/** Numbers that readers stumble over: counts and offsets at the edges of what integers hold. */
const NUMBERS = [0n, 1n, 31n, 2n ** 20n, 2n ** 31n - 1n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];

/** One mutation of the first `header` bytes, or of the file's length. */
function mutate(sound: Buffer, header: number, random: Random): Buffer {
  const bytes = Buffer.from(sound);
  const at = random.integer(header);
  const kind = random.integer(6);
  if (kind === 0) return bytes.subarray(0, random.integer(bytes.length));
  if (kind === 1) return Buffer.concat([bytes, Buffer.alloc(1 + random.integer(64))]);
  if (kind === 2) bytes[at] = bytes[at]! ^ (1 << random.integer(8));
  if (kind === 3) bytes.writeBigUInt64LE(NUMBERS[random.integer(NUMBERS.length)]!, at);
  if (kind === 4) bytes.writeUInt32LE(random.integer(14), at);
  // A piece of the file in another place of it.
  if (kind === 5) bytes.copy(bytes, at, random.integer(header), random.integer(header));
  return bytes;
}

/** Reads `count` files; the codes of the refusals, with how many there were of each. */
async function readAll(
  count: number,
  make: (i: number) => string,
  read: (path: string) => Promise<unknown>,
): Promise<Map<string, number>> {
  const codes = new Map<string, number>();
  let memory = 0;
  for (let i = 0; i < count; i++) {
    const path = make(i);
    let code = "read";
    try {
      await read(path);
    } catch (error) {
      assert.ok(error instanceof UserError, `mutation ${i}: ${(error as Error).stack}`);
      assert.ok(
        error.file?.startsWith(folder),
        `mutation ${i} is refused without its file: ${error.message}`,
      );
      assert.ok(
        error.message.length < 1000,
        `mutation ${i}: a message of ${error.message.length} characters`,
      );
      code = error.code;
    }
    codes.set(code, (codes.get(code) ?? 0) + 1);
    memory = Math.max(memory, process.memoryUsage.rss());
  }
  assert.ok(memory < baseline + MOST_MEMORY, `${Math.round((memory - baseline) / 2 ** 20)} MiB were taken`);
  return codes;
}
const baseline = process.memoryUsage.rss();

function write(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

test("3,000 broken GGUF files", async () => {
  const random = createRandom("hostile gguf");
  const { dataStart } = await readGgufHeader(join(folder, "sound.gguf"));
  const codes = await readAll(3000, () => write("a.gguf", mutate(gguf, dataStart - 8, random)), inspectFile);
  for (const code of ["read", "corrupt-gguf", "truncated-gguf"])
    assert.ok((codes.get(code) ?? 0) > 5, `${code}: ${JSON.stringify([...codes])}`);
});

test("800 broken vocabularies in GGUF files, of both kinds: refused, or cut text without failing", async () => {
  const random = createRandom("hostile vocabulary");
  const pieces = await loadTokenizer(GEMMA);
  const path = join(folder, "pieces.gguf");
  const config: ModelConfig = { ...CONFIG, architecture: "llama", vocabularySize: pieces.vocabularySize };
  await writeGguf(
    path,
    modelMetadata({ config, vocabulary: pieces, name: "x", fileType: "F32", file: path }),
    [],
  );
  const sound = [gguf, readFileSync(path)];
  const codes = await readAll(
    800,
    () => {
      const file = sound[random.integer(2)]!;
      return write("d.gguf", mutate(file, Math.min(file.length, VOCABULARY_BYTES) - 8, random));
    },
    async (broken) => {
      const tokenizer = await loadTokenizer(broken);
      const ids = tokenizer.encode("Wash your hands: 20 s. <|end|> हाथ", { special: "parse", bos: true });
      tokenizer.decode(ids);
      assert.ok(ids.every((id) => id >= 0 && id < tokenizer.vocabularySize));
    },
  );
  for (const code of ["read", "corrupt-gguf", "truncated-gguf", "bad-vocabulary"])
    assert.ok((codes.get(code) ?? 0) > 5, `${code}: ${JSON.stringify([...codes])}`);
});

test("2,000 broken safetensors files", async () => {
  const random = createRandom("hostile safetensors");
  const header = 8 + Number(safetensors.readBigUInt64LE());
  const codes = await readAll(
    2000,
    () => write("a.safetensors", mutate(safetensors, header - 8, random)),
    async (path) => {
      const file = await openSafetensors(path);
      for (const name of file.tensors.keys())
        await file.read(name).catch((error) => assert.ok(error instanceof UserError));
      await file.close();
    },
  );
  assert.ok((codes.get("bad-safetensors") ?? 0) > 1000, JSON.stringify([...codes]));
});

test("500 broken headers of safetensors files that are sound JSON", async () => {
  const random = createRandom("hostile header");
  const length = Number(safetensors.readBigUInt64LE());
  const header = JSON.parse(safetensors.toString("utf8", 8, 8 + length)) as Record<
    string,
    Record<string, unknown>
  >;
  const odd = [
    -1,
    0.5,
    1e300,
    "1",
    null,
    [],
    [[]],
    {},
    Number.MAX_SAFE_INTEGER,
    "__proto__",
    [0, 1e15],
    [1e9, 1e9],
  ];
  const codes = await readAll(
    500,
    () => {
      const changed = structuredClone(header);
      const names = Object.keys(changed);
      const entry = changed[names[random.integer(names.length)]!]!;
      const key = ["dtype", "shape", "data_offsets", "more"][random.integer(4)]!;
      entry[key] = odd[random.integer(odd.length)];
      const json = Buffer.from(JSON.stringify(changed));
      const start = Buffer.alloc(8);
      start.writeBigUInt64LE(BigInt(json.length));
      return write("b.safetensors", Buffer.concat([start, json, safetensors.subarray(8 + length)]));
    },
    async (path) => (await openSafetensors(path)).close(),
  );
  assert.ok((codes.get("bad-safetensors") ?? 0) > 250, JSON.stringify([...codes]));
});

test("a shard index that leads elsewhere, to itself, or disagrees with its files", async () => {
  const path = join(folder, "sharded");
  mkdirSync(path);
  writeFileSync(join(path, "config.json"), readFileSync(join(folder, "checkpoint", "config.json")));
  writeFileSync(join(path, "weights.safetensors"), safetensors);
  writeFileSync(join(path, "again.safetensors"), safetensors);
  const file = await openSafetensors(join(path, "weights.safetensors"));
  const names = [...file.tensors.keys()];
  await file.close();
  const sound = Object.fromEntries(names.map((name) => [name, "weights.safetensors"]));
  const open = async (index: unknown): Promise<string> => {
    write("sharded/model.safetensors.index.json", JSON.stringify(index));
    try {
      await (await openCheckpoint(path)).close();
      return "read";
    } catch (error) {
      assert.ok(error instanceof UserError, (error as Error).stack);
      return error.code;
    }
  };
  assert.equal(await open({ weight_map: sound }), "read");
  const first = names[0]!;
  for (const weightMap of [
    { ...sound, [first]: "model.safetensors.index.json" },
    { ...sound, [first]: "../checkpoint/model.safetensors" },
    { ...sound, [first]: "/etc/passwd" },
    { ...sound, [first]: ".safetensors" },
    { ...sound, [first]: "a\0b.safetensors" },
    { ...sound, [first]: 7 },
    { ...sound, [first]: { deep: sound } },
    { ...sound, "no.such.weight": "weights.safetensors" },
    // Every weight twice: which of the two is meant?
    { ...sound, [first]: "again.safetensors" },
    Object.fromEntries(Object.entries(sound).slice(1)),
    names,
    "weights.safetensors",
    {},
  ]) {
    assert.equal(await open({ weight_map: weightMap }), "bad-checkpoint", JSON.stringify(weightMap));
  }
  assert.equal(await open({ weight_map: { ...sound, [first]: "gone.safetensors" } }), "file-not-found");
  for (const index of [null, 3, [], "text", { weight_map: null }])
    assert.equal(await open(index), "bad-checkpoint");
});

test("metadata made to fill memory or stack is refused at once", async () => {
  const uint32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
  const uint64 = (value: number): Buffer => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
  const text = (value: string): Buffer => Buffer.concat([uint64(value.length), Buffer.from(value)]);
  const file = (...values: Buffer[]): Buffer =>
    Buffer.concat([Buffer.from("GGUF"), uint32(3), uint64(0), uint64(1), text("key"), ...values]);
  const nest = Array.from({ length: 20_000 }, () => [uint32(9), uint64(1)]).flat();
  const cases: Record<string, Buffer> = {
    "a deep nest of lists": file(uint32(9), ...nest),
    "a list as long as the file": file(uint32(9), uint32(0), uint64(1 << 25), Buffer.alloc(1 << 25)),
    "a text as long as the file": file(uint32(8), uint64(1 << 25), Buffer.alloc(1 << 25)),
    "one key twice": Buffer.concat([
      Buffer.from("GGUF"),
      uint32(3),
      uint64(0),
      uint64(2),
      ...[1, 2].flatMap((value) => [text("key"), uint32(4), uint32(value)]),
    ]),
  };
  for (const [name, bytes] of Object.entries(cases)) {
    await assert.rejects(readGgufHeader(write("c.gguf", bytes)), { code: "corrupt-gguf" }, name);
  }
});
