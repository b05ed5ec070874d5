// SentencePiece vocabularies in GGUF: llama.cpp must cut text with them as we do.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { writeJson } from "../core/index.ts";
import { openGguf, readGgufHeader } from "../engine/index.ts";
import {
  initializeWeights,
  type ModelConfig,
  toHuggingFaceConfig,
  writeSafetensors,
} from "../model/index.ts";
import {
  loadTokenizer,
  SentencePieceBpe,
  type SentencePieceDefinition,
  saveTokenizer,
  type Tokenizer,
} from "../tokenizer/index.ts";
import { exportGguf } from "./export-gguf.ts";

const WORDS = "he ll hell hello ▁hello lo el ▁h or ld wor world ▁w ▁world ▁▁".split(" ");
const TEXTS = [
  "hello world",
  "  hello   hello ",
  " ",
  "hü 水\n\n",
  "lohello lllo",
  "a<tool>hello",
  "\t1,234 </s",
];
const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).toUpperCase().padStart(2, "0"));
const SMALL: SentencePieceDefinition = {
  kind: "sentencepiece",
  pieces: [
    { text: "<unk>", score: 0, type: "unknown" },
    { text: "<s>", score: 0, type: "control" },
    { text: "</s>", score: 0, type: "control" },
    ...BYTES.map((byte) => ({ text: `<0x${byte}>`, score: 0, type: "byte" as const })),
    ...[...WORDS, ..."▁helowrda水<s>/"].map((text, i) => ({ text, score: -i, type: "normal" as const })),
    { text: "<tool>", score: -1000, type: "user-defined" },
  ],
  spacePrefix: "sections",
  byteFallback: true,
  unknownId: 0,
  bosToken: "<s>",
  eosToken: "</s>",
  addBos: true,
};

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-export-spm-"));
});
after(() => rm(folder, { recursive: true }));

/** A checkpoint of a tiny random Llama; its tokenizer is put there by the caller. */
async function writeModel(path: string, vocabularySize: number): Promise<void> {
  const config: ModelConfig = {
    architecture: "llama",
    vocabularySize,
    hiddenSize: 32,
    intermediateSize: 32,
    layers: 1,
    heads: 2,
    keyValueHeads: 2,
    headSize: 16,
    normEpsilon: 1e-5,
    ropeTheta: 10_000,
    contextLength: 64,
    tiedEmbeddings: true,
    attentionBias: false,
    bosId: undefined,
    eosId: undefined,
  };
  await mkdir(path, { recursive: true });
  await writeJson(join(path, "config.json"), toHuggingFaceConfig(config));
  const weights = [...initializeWeights(config, 1)].map(([name, { shape, data }]) => ({ name, shape, data }));
  await writeSafetensors(join(path, "model.safetensors"), weights);
}

/** Exports the folder and compares llama.cpp's ids with `ours`. */
async function compare(path: string, ours: Tokenizer, texts: readonly string[]): Promise<void> {
  const out = `${path}.gguf`;
  await exportGguf(path, { type: "f16", out });
  const model = await openGguf(out, { threads: 1, contextLength: 64 });
  try {
    const theirs = model.tokenizer;
    assert.deepEqual([theirs.bosId, theirs.eosId, theirs.addBos], [ours.bosId, ours.eosId, ours.addBos]);
    for (const text of texts) {
      for (const special of ["text", "parse"] as const)
        assert.deepEqual(
          theirs.encode(text, { special }),
          ours.encode(text, { special }),
          JSON.stringify(text),
        );
      assert.equal(theirs.decode(ours.encode(text)), ours.decode(ours.encode(text)));
    }
  } finally {
    await model.close();
  }
  // The file's vocabulary, read by ourselves, is the same again.
  const again = await loadTokenizer(out);
  for (const text of texts) assert.deepEqual(again.encode(text), ours.encode(text), JSON.stringify(text));
}

test("llama.cpp cuts text with an exported vocabulary as we do, with and without a space in front", async () => {
  for (const spacePrefix of ["sections", "none"] as const) {
    const path = join(folder, spacePrefix);
    // More rows than tokens: the rest is padding.
    await writeModel(path, SMALL.pieces.length + 5);
    await saveTokenizer(new SentencePieceBpe({ ...SMALL, spacePrefix }), path);
    await compare(path, await loadTokenizer(path), [...TEXTS, "<s>hello</s> world"]);
    const { metadata } = await readGgufHeader(`${path}.gguf`);
    assert.equal(metadata.get("tokenizer.ggml.model"), "llama");
    assert.equal(metadata.get("tokenizer.ggml.add_space_prefix"), spacePrefix === "sections");
    assert.equal(metadata.get("tokenizer.ggml.unknown_token_id"), 0);
    const types = metadata.get("tokenizer.ggml.token_type") as number[];
    assert.deepEqual(types.slice(0, 4), [2, 3, 3, 6]);
    assert.deepEqual(types.slice(-6), [4, 5, 5, 5, 5, 5]);
    assert.equal((metadata.get("tokenizer.ggml.scores") as number[]).length, types.length);
  }
});

test("merges that scores cannot say are refused", async () => {
  const path = join(folder, "merges");
  await writeModel(path, SMALL.pieces.length);
  const { left, right, merged, ranks } = new SentencePieceBpe(SMALL).merges;
  const merges = {
    left: left.slice(1),
    right: right.slice(1),
    merged: merged.slice(1),
    ranks: ranks.slice(1),
  };
  await saveTokenizer(new SentencePieceBpe({ ...SMALL, merges }), path);
  await assert.rejects(exportGguf(path, { type: "f16", out: join(folder, "no.gguf") }), {
    code: "unsupported-tokenizer",
    message: /scores/,
  });
  assert.equal(existsSync(join(folder, "no.gguf")), false);
});

const DATA = fileURLToPath(new URL("../../../shared/data/tokenizers", import.meta.url));
const skip = existsSync(DATA) ? false : `no reference data at ${DATA}`;

test("Llama 2: llama.cpp gives our ids, from tokenizer.model and from tokenizer.json", { skip }, async () => {
  const inputs = readFileSync(join(DATA, "llama.cpp-vocab/ggml-vocab-llama-spm.gguf.inp"), "utf8");
  const expected = JSON.parse(readFileSync(join(DATA, "expected-hf/expected_tokenizations.json"), "utf8"));
  const cases = Object.values(expected["Xenova/llama-tokenizer"].cases) as { readonly text: string }[];
  const texts = [...inputs.split("\n__ggml_vocab_test__\n"), ...cases.map(({ text }) => text)];
  const sources = {
    "tokenizer.model": "llama2/tokenizer.model",
    "tokenizer.json": "hf-tokenizer-json/llama-test-tokenizer.json",
  };
  for (const [name, source] of Object.entries(sources)) {
    const path = join(folder, `llama-${name}`);
    const tokenizer = await loadTokenizer(join(DATA, source));
    await writeModel(path, tokenizer.vocabularySize);
    await copyFile(join(DATA, source), join(path, name));
    await compare(path, tokenizer, texts);
  }
});
