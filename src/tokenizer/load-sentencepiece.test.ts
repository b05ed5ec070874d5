import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type LoadedTokenizer, loadTokenizer, SentencePieceBpe, saveTokenizer } from "./index.ts";
import { modelFile, smallPieces } from "./sentencepiece.test.helper.ts";

const TEXTS = ["hello world", "  hello  hello ", "", " ", "</s>hü 水\n", "lohello lllo worldor"];

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-sentencepiece-"));
  await mkdir(join(folder, "model"));
  await writeFile(join(folder, "model", "tokenizer.model"), modelFile(smallPieces()));
});
after(() => rm(folder, { recursive: true }));

const place = (...parts: string[]): string => join(folder, ...parts);
const refuses = (path: string, code: string, message: RegExp) =>
  assert.rejects(loadTokenizer(path), { name: "UserError", code, message });
const idsOf = (tokenizer: LoadedTokenizer): number[][] => TEXTS.map((text) => [...tokenizer.encode(text)]);

async function load(path: string): Promise<SentencePieceBpe> {
  const tokenizer = await loadTokenizer(path);
  assert.ok(tokenizer instanceof SentencePieceBpe);
  return tokenizer;
}

/** The same vocabulary as a `tokenizer.json`: what is kept of the original file is left out. */
async function saveAsJson(tokenizer: SentencePieceBpe, name: string): Promise<Record<string, unknown>> {
  const bos = tokenizer.tokens[tokenizer.bosId!];
  const { pieces, merges, spacePrefix, byteFallback, unknownId, addBos } = tokenizer;
  const plain = new SentencePieceBpe({
    kind: "sentencepiece",
    ...{ pieces, merges, spacePrefix, byteFallback, unknownId, addBos },
    bosToken: bos,
    eosToken: "</s>",
  });
  await saveTokenizer(plain, place(name));
  return JSON.parse(await readFile(place(name, "tokenizer.json"), "utf8"));
}

test("tokenizer.model: pieces, special tokens and the space rule, with what the configuration adds", async () => {
  const tokenizer = await load(place("model"));
  assert.deepEqual(
    [tokenizer.unknownId, tokenizer.bosId, tokenizer.eosId, tokenizer.addBos],
    [0, 1, 2, true],
  );
  assert.deepEqual(tokenizer.pieces, smallPieces());
  assert.deepEqual((await load(place("model", "tokenizer.model"))).pieces, tokenizer.pieces);
  const size = tokenizer.vocabularySize;
  await mkdir(place("configured"));
  await writeFile(
    place("configured", "tokenizer.model"),
    modelFile(smallPieces(), { addDummyPrefix: false }),
  );
  await writeFile(
    place("configured", "tokenizer_config.json"),
    JSON.stringify({
      add_bos_token: false,
      eos_token: "<|im_end|>",
      chat_template: "{{ messages }}",
      added_tokens_decoder: {
        [size + 1]: { content: "<|im_end|>", special: true, rstrip: true },
      },
    }),
  );
  await writeFile(place("configured", "added_tokens.json"), JSON.stringify({ "<tool>": size + 2 }));
  const configured = await load(place("configured"));
  assert.equal(configured.spacePrefix, "none");
  assert.equal(configured.addBos, false);
  assert.equal(configured.eosId, size + 1);
  assert.equal(configured.chatTemplate, "{{ messages }}");
  assert.equal(configured.tokenType(size), "unused");
  const word = configured.tokens.indexOf("hello");
  assert.deepEqual(
    [...configured.encode("hello<|im_end|>  hello<tool>", { special: "parse" })],
    [word, size + 1, word, size + 2],
  );
  await saveTokenizer(configured, place("configured-again"));
  const again = await load(place("configured-again"));
  assert.deepEqual(again.pieces, configured.pieces);
  assert.equal(again.eosId, configured.eosId);
  assert.equal(again.addBos, false);
});

test("a tokenizer.model is saved byte for byte", async () => {
  await saveTokenizer(await loadTokenizer(place("model")), place("model-again"));
  assert.deepEqual(
    await readFile(place("model-again", "tokenizer.model")),
    await readFile(place("model", "tokenizer.model")),
  );
  assert.deepEqual(idsOf(await load(place("model-again"))), idsOf(await load(place("model"))));
});

test("tokenizer.json: Llama's layout, Gemma's and Metaspace load, and are saved as they were", async () => {
  const model = await load(place("model"));
  const json = await saveAsJson(model, "json");
  const llama = await load(place("json"));
  assert.deepEqual(idsOf(llama), idsOf(model));
  assert.deepEqual([llama.bosId, llama.eosId, llama.unknownId, llama.addBos], [1, 2, 0, true]);
  assert.ok(llama.scoresAreExact);
  await saveTokenizer(llama, place("json-again"));
  for (const name of ["tokenizer.json", "tokenizer_config.json"])
    assert.deepEqual(await readFile(place("json-again", name)), await readFile(place("json", name)));

  const replace = { type: "Replace", pattern: { String: " " }, content: "▁" };
  const split = { type: "Split", pattern: { String: " " }, behavior: "MergedWithPrevious", invert: false };
  const gemma = place("gemma.json");
  await writeFile(gemma, JSON.stringify({ ...json, normalizer: replace, pre_tokenizer: split }));
  assert.equal((await load(gemma)).spacePrefix, "none");
  // Gemma lists pieces of spaces as added tokens too: they are merged like any other piece.
  const added = json.added_tokens as object[];
  const piece = { id: model.tokens.indexOf("▁w"), content: "▁w", normalized: false, special: false };
  const listed = { ...json, normalizer: replace, pre_tokenizer: split, added_tokens: [...added, piece] };
  await writeFile(place("listed.json"), JSON.stringify(listed));
  assert.deepEqual(idsOf(await load(place("listed.json"))), idsOf(await load(gemma)));

  const metaspace = { type: "Metaspace", replacement: "▁", prepend_scheme: "first", split: false };
  await mkdir(place("metaspace"));
  await writeFile(
    place("metaspace", "tokenizer.json"),
    JSON.stringify({ ...json, normalizer: null, pre_tokenizer: metaspace }),
  );
  const first = await load(place("metaspace"));
  assert.deepEqual([...first.encode(" hello")], [...first.encode("hello")]);
  await saveTokenizer(first, place("metaspace-again"));
  assert.deepEqual(idsOf(await load(place("metaspace-again"))), idsOf(first));
  assert.equal((await load(place("metaspace-again"))).spacePrefix, "start");
});

test("merges that scores cannot say are known as such", async () => {
  const json = await saveAsJson(await load(place("model")), "few");
  const model = json.model as { merges: string[] };
  const fewer = { ...model, merges: model.merges.slice(1) };
  await writeFile(place("few", "tokenizer.json"), JSON.stringify({ ...json, model: fewer }));
  assert.equal((await load(place("few"))).scoresAreExact, false);
});

test("bad input is refused with a clear error", async () => {
  const bad = place("bad.model");
  const refusesModel = async (bytes: Uint8Array | string, code: string, message: RegExp): Promise<void> => {
    await writeFile(bad, bytes);
    await refuses(bad, code, message);
  };
  const pieces = smallPieces();
  await refuses(place("none.model"), "file-not-found", /no such file/);
  await refusesModel("", "bad-sentencepiece", /no pieces/);
  await refusesModel("version https://git-lfs.github.com/spec/v1", "bad-sentencepiece", /unknown field type/);
  await refusesModel(modelFile(pieces).subarray(0, 1000), "bad-sentencepiece", /cut off/);
  await refusesModel(modelFile(pieces, { modelType: 1 }), "unsupported-tokenizer", /unigram/);
  await refusesModel(modelFile(pieces, { charsMap: "x" }), "unsupported-tokenizer", /nmt_nfkc/);
  await refusesModel(
    modelFile(pieces, { removeExtraWhitespaces: true }),
    "unsupported-tokenizer",
    /extra white space/,
  );
  await refusesModel(modelFile(pieces.filter(({ text }) => text !== "<0x0A>")), "bad-vocabulary", /<0x0A>/);

  const json = await saveAsJson(await load(place("model")), "source");
  const refusesJson = async (change: object, code: string, message: RegExp): Promise<void> => {
    await writeFile(place("bad.json"), JSON.stringify({ ...json, ...change }));
    await refuses(place("bad.json"), code, message);
  };
  await refusesJson({ added_tokens: [{ id: 2 ** 31, content: "x" }] }, "bad-vocabulary", /2147483648/);
  await refusesJson({ normalizer: { type: "NFKC" } }, "unsupported-tokenizer", /NFKC/);
  await refusesJson({ normalizer: null }, "unsupported-tokenizer", /does not mark spaces/);
  const metaspace = { type: "Metaspace", replacement: "▁", prepend_scheme: "first" };
  await refusesJson({ normalizer: null, pre_tokenizer: metaspace }, "unsupported-tokenizer", /every space/);
  await refusesJson({ model: { ...(json.model as object), merges: ["a bcd"] } }, "bad-merge", /a bcd/);
});
