import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { trainByteLevelBpe } from "../tokenizer/index.ts";
import { corpusStats } from "./corpus-stats.ts";
import { packCorpus } from "./pack-corpus.ts";

let folder: string;
let corpus: string;
const tokenizer = trainByteLevelBpe(["fever is not an illness", "发烧不是病"], {
  vocabularySize: 300,
  specialTokens: ["<|endoftext|>"],
});
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-stats-"));
  corpus = join(folder, "corpus");
  await mkdir(corpus);
  const files = {
    "medicalBook_en_text.json": ["fever 😀"],
    "medicalBook_en_qa.json": [["fever?", "yes"]],
    "medicalExam_zh.json": [["发烧？", "是"]],
  };
  for (const [name, value] of Object.entries(files))
    await writeFile(join(corpus, name), JSON.stringify(value));
});
after(() => rm(folder, { recursive: true }));

test("a corpus: documents, code points, and with a tokenizer tokens, by category and language", async () => {
  const plain = await corpusStats(corpus);
  assert.deepEqual(plain, {
    documents: 3,
    characters: 20,
    tokens: undefined,
    sources: [
      { category: "medicalBook", language: "en", documents: 2, characters: 16, tokens: undefined },
      { category: "medicalExam", language: "zh", documents: 1, characters: 4, tokens: undefined },
    ],
  });
  const { tokens, sources } = await corpusStats(corpus, { tokenizer });
  const length = (...texts: string[]): number =>
    texts.reduce((sum, text) => sum + tokenizer.encode(text).length, 0);
  assert.deepEqual(
    sources.map((source) => source.tokens),
    [length("fever 😀", "fever?", "yes"), length("发烧？", "是")],
  );
  assert.equal(tokens, length("fever 😀", "fever?", "yes", "发烧？", "是"));
});

test("packed rows: the tokens that are trained on, epochs and prompts included", async () => {
  const out = join(folder, "packed");
  const packed = await packCorpus(corpus, { tokenizer, length: 32, out });
  const stats = await corpusStats(out);
  assert.equal(stats.tokens, packed.tokens);
  assert.equal(stats.characters, undefined);
  assert.deepEqual(
    stats.sources.map(({ category, language, documents }) => [category, language, documents]),
    [
      ["medicalBook", "en", 2],
      ["medicalExam", "zh", 1],
    ],
  );
});

test("a folder that is neither, a cut element", async () => {
  await mkdir(join(folder, "empty"));
  await assert.rejects(corpusStats(join(folder, "empty")), { code: "empty-folder" });
  await mkdir(join(folder, "broken"));
  await writeFile(join(folder, "broken", "medicalBook_en_text.json"), '["fever", "fe');
  await assert.rejects(corpusStats(join(folder, "broken")), { code: "bad-json" });
});
