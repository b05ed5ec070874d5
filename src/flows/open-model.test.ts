import assert from "node:assert/strict";
import { cp, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { writeJson } from "../core/index.ts";
import { type LanguageModel, writeTinyGguf } from "../engine/index.ts";
import { startLocalHub } from "../hub/index.ts";
import {
  initializeWeights,
  parseModelConfig,
  toHuggingFaceConfig,
  writeSafetensors,
} from "../model/index.ts";
import { createApp, startServer } from "../serve/index.ts";
import { saveTokenizer, trainByteLevelBpe } from "../tokenizer/index.ts";
import { modelIdentity, openModel } from "./open-model.ts";

const ONE = { threads: 1, contextLength: 128 };
const REQUESTS = [{ prompt: "the answer is", continuations: [" yes", " no", " A"] }];

let folder: string;
const at = (name: string): string => join(folder, name);
const environment = { ...process.env };

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-open-"));
  Object.assign(process.env, { XDG_CACHE_HOME: at("cache"), HF_HOME: at("hub") });
  for (const [name, seed] of [
    ["base", 1],
    ["expert", 2],
    ["anti", 3],
  ] as const) {
    await writeTinyGguf(at(`${name}.gguf`), { seed });
  }
  await writeCheckpoint(at("checkpoint"), 1);
});
after(async () => {
  process.env = environment;
  await rm(folder, { recursive: true });
});

async function writeCheckpoint(path: string, seed: number): Promise<void> {
  const tokenizer = trainByteLevelBpe(["the answer is yes", "the answer is no"], {
    vocabularySize: 270,
    specialTokens: ["<|endoftext|>"],
  });
  const config = parseModelConfig(
    {
      model_type: "llama",
      vocab_size: tokenizer.vocabularySize,
      hidden_size: 32,
      intermediate_size: 32,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      max_position_embeddings: 128,
      eos_token_id: tokenizer.eosId,
    },
    "test",
  );
  await saveTokenizer(tokenizer, path);
  await writeJson(join(path, "config.json"), toHuggingFaceConfig(config));
  const tensors = [...initializeWeights(config, seed)].map(([name, value]) => ({ name, ...value }));
  await writeSafetensors(join(path, "model.safetensors"), tensors);
}

/** Log-probabilities of the three answers. */
async function scores(model: LanguageModel): Promise<number[]> {
  const [row] = await model.score(REQUESTS);
  return row!.map(({ logProbability }) => logProbability);
}

async function scoresOf(spec: string): Promise<number[]> {
  const model = await openModel(spec, ONE);
  try {
    return await scores(model);
  } finally {
    await model.close();
  }
}

async function textOf(model: LanguageModel): Promise<string> {
  let text = "";
  for await (const chunk of model.generate({ input: { prompt: "the" }, maxTokens: 12 })) text += chunk.text;
  return text;
}

test("file.gguf", async () => {
  const model = await openModel(at("base.gguf"), ONE);
  assert.equal(model.id, "base");
  assert.equal(model.contextLength, 128);
  assert.ok((await scores(model)).every((score) => score < 0 && Number.isFinite(score)));
  await model.close();
});

test("a checkpoint folder is converted once, into the user's cache, and again when it has changed", async () => {
  const model = await openModel(at("checkpoint/"), ONE);
  assert.equal(model.id, "checkpoint");
  const first = await scores(model);
  await model.close();
  const converted = async (): Promise<string[]> =>
    (await readdir(at("cache"), { recursive: true })).filter((name) => name.endsWith(".gguf"));
  const [file, ...others] = await converted();
  assert.deepEqual(others, []);
  const { mtimeMs } = await stat(join(at("cache"), file!));

  assert.deepEqual(await scoresOf(at("checkpoint")), first);
  assert.deepEqual(await converted(), [file]);
  assert.equal((await stat(join(at("cache"), file!))).mtimeMs, mtimeMs, "not written again");

  await cp(at("checkpoint"), at("changed"), { recursive: true });
  const identity = await modelIdentity(at("changed"));
  await writeCheckpoint(at("changed"), 2);
  await utimes(at("changed/model.safetensors"), 1, 1);
  assert.notDeepEqual(await modelIdentity(at("changed")), identity);
  assert.notDeepEqual(await scoresOf(at("changed")), first);
  assert.equal((await converted()).length, 2);
  assert.deepEqual(
    await readdir(at("checkpoint")),
    await readdir(at("changed")),
    "nothing is left beside it",
  );
});

test("proxy:BASE+EXPERT-ANTI@ALPHA steers the base by the difference of the others", async () => {
  const spec = (expert: string, anti: string, alpha: string): string =>
    `proxy:${at("base.gguf")}+${at(`${expert}.gguf`)}-${at(`${anti}.gguf`)}${alpha}`;
  const base = await scoresOf(at("base.gguf"));
  const near = (actual: number[], expected: number[]): void =>
    actual.forEach((score, i) => {
      assert.ok(Math.abs(score - expected[i]!) < 1e-3, `${actual} against ${expected}`);
    });
  near(await scoresOf(spec("expert", "expert", "@1")), base);
  near(await scoresOf(spec("expert", "anti", "@0")), base);
  // base + (expert - base) is the expert.
  near(await scoresOf(spec("expert", "base", "")), await scoresOf(at("expert.gguf")));
  const model = await openModel(spec("expert", "anti", "@0.5"), ONE);
  assert.equal(model.id, "base+expert-anti@0.5");
  assert.notDeepEqual(await scores(model), base);
  await model.close();
});

test("http://host/v1#model gives what the model behind it gives", async () => {
  const local = await openModel(at("base.gguf"), ONE);
  const server = await startServer({ app: createApp({ models: [local] }), port: 0 });
  const remote = await openModel(`${server.url}/v1#base`);
  const [here, there] = [await scores(local), await scores(remote)];
  here.forEach((score, i) => {
    assert.ok(Math.abs(score - there[i]!) < 1e-4, `${there} against ${here}`);
  });
  assert.equal(await textOf(remote), await textOf(local));
  await assert.rejects(async () => scoresOf(`${server.url}/v1#other`), { name: "UserError" });
  const trio = `proxy:${at("base.gguf")}+${server.url}/v1#base-${at("anti.gguf")}@1`;
  await assert.rejects(openModel(trio, ONE), { name: "UserError", code: "no-logits" });
  await remote.close();
  await server.close(0);
  await local.close();
});

test("hf:owner/name pulls a GGUF file, or a checkpoint that is then converted", async () => {
  const files: Record<string, Uint8Array> = {};
  for (const name of await readdir(at("checkpoint"))) files[name] = await readFile(at(`checkpoint/${name}`));
  const hub = await startLocalHub([
    { type: "model", id: "owner/gguf", files: { "tiny.gguf": await readFile(at("base.gguf")) } },
    { type: "model", id: "owner/folder", files },
  ]);
  process.env.HF_ENDPOINT = hub.endpoint;
  assert.deepEqual(await scoresOf("hf:owner/gguf:tiny.gguf"), await scoresOf(at("base.gguf")));
  assert.deepEqual(await scoresOf("hf:owner/folder"), await scoresOf(at("checkpoint")));
  await assert.rejects(openModel("hf:owner/absent", ONE), { name: "UserError" });
  await hub.close();
});

test("what cannot be opened is one clear line, and nothing stays open or half-written", async () => {
  await writeFile(at("cut.gguf"), (await readFile(at("base.gguf"))).subarray(0, 5000));
  await cp(at("checkpoint"), at("broken"), { recursive: true });
  await writeFile(at("broken/model.safetensors"), "");
  const before = await readdir(at("cache"), { recursive: true });
  for (const spec of [
    "nonsense",
    at("absent.gguf"),
    at("cut.gguf"),
    at("broken"),
    `${folder}/`,
    "http://127.0.0.1:1/v1#model",
    `proxy:${at("base.gguf")}+${at("cut.gguf")}-${at("anti.gguf")}`,
  ]) {
    await assert.rejects(
      async () => openModel(spec, ONE),
      (error) => (error as Error).name === "UserError" && !(error as { line: string }).line.includes("\n"),
      spec,
    );
  }
  assert.deepEqual(await readdir(at("cache"), { recursive: true }), before);
});

test("what a spec names is told from another of the same name", async () => {
  const [base, expert] = [await modelIdentity(at("base.gguf")), await modelIdentity(at("expert.gguf"))];
  assert.notDeepEqual(base, expert);
  const trio = (alpha: number): string =>
    `proxy:${at("base.gguf")}+${at("expert.gguf")}-${at("anti.gguf")}@${alpha}`;
  assert.deepEqual(await modelIdentity(trio(1)), await modelIdentity(trio(1)));
  assert.notDeepEqual(await modelIdentity(trio(1)), await modelIdentity(trio(2)));
  assert.deepEqual(await modelIdentity("hf:owner/gguf"), { kind: "hub", name: "owner/gguf" });
});
