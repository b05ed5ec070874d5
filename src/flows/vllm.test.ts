// A model on vLLM, in float32, beside the same weights in llama.cpp: scores, and as the base of a proxy trio.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createRandom, writeJson } from "../core/index.ts";
import { type LogitModel, openGguf, openRemote } from "../engine/index.ts";
import { exportGguf } from "../export/index.ts";
import {
  initializeWeights,
  type ModelConfig,
  toHuggingFaceConfig,
  writeSafetensors,
} from "../model/index.ts";
import { createProxyModel } from "../proxy/index.ts";
import { saveTokenizer, trainByteLevelBpe } from "../tokenizer/index.ts";
import { openModel } from "./open-model.ts";
import { CHAT_TEMPLATE, remoteTrioContract } from "./remote-trio.test.helper.ts";
import { findVllm, startVllm } from "./vllm.test.helper.ts";

const found = findVllm();
const skip = "missing" in found ? found.missing : false;
const ONE = { threads: 1, contextLength: 256 };
const TOKENIZER = trainByteLevelBpe(["the man said yes and the man said no", "the answer is yes"], {
  vocabularySize: 290,
  specialTokens: ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
});
const CONFIG: ModelConfig = {
  architecture: "llama",
  vocabularySize: TOKENIZER.tokens.length,
  hiddenSize: 64,
  intermediateSize: 96,
  layers: 2,
  heads: 2,
  keyValueHeads: 1,
  headSize: 32,
  normEpsilon: 1e-5,
  ropeTheta: 10_000,
  contextLength: 256,
  tiedEmbeddings: false,
  attentionBias: false,
  bosId: undefined,
  eosId: undefined,
};

let folder: string;
let local: Record<"base" | "expert" | "anti", LogitModel>;
let server: Awaited<ReturnType<typeof startVllm>>;
const at = (name: string): string => join(folder, `${name}.gguf`);
/** Random weights, lively enough that logits differ by whole units. */
async function makeModel(name: string): Promise<LogitModel> {
  const path = join(folder, name);
  await writeJson(join(path, "config.json"), toHuggingFaceConfig(CONFIG));
  await saveTokenizer(TOKENIZER, path, { eosToken: "<|endoftext|>", chatTemplate: CHAT_TEMPLATE });
  const random = createRandom(name);
  const tensors = [...initializeWeights(CONFIG, 5)].map(([tensor, { shape, data }]) => ({
    name: tensor,
    shape,
    data: data.map((value) => 4 * value + 0.1 * random.normal()),
  }));
  await writeSafetensors(join(path, "model.safetensors"), tensors);
  await exportGguf(path, { type: "f32", out: at(name) });
  return openGguf(at(name), ONE);
}

before(async () => {
  if ("missing" in found) return;
  folder = await mkdtemp(join(tmpdir(), "apollo-vllm-"));
  local = {
    base: await makeModel("base"),
    expert: await makeModel("expert"),
    anti: await makeModel("anti"),
  };
  server = await startVllm(found.vllm, join(folder, "base"));
});
after(async () => {
  if (skip) return;
  await server.close();
  for (const model of Object.values(local)) await model.close();
  await rm(folder, { recursive: true });
});

test("scores are those of the same weights here, byte tokens included", { skip }, async () => {
  const remote = await openRemote(server.url);
  const requests = [
    { prompt: "the answer is", continuations: [" yes", " no then", " A", " 心脏"] },
    { prompt: "发烧 the man said:", continuations: ["\nyes", " हृदय"] },
  ];
  const expected = await local.base.score(requests);
  const scores = await remote.score(requests);
  scores.flat().forEach(({ logProbability, tokens, greedy }, i) => {
    const own = expected.flat()[i]!;
    assert.deepEqual({ tokens, greedy }, { tokens: own.tokens, greedy: own.greedy });
    const off = Math.abs(logProbability - own.logProbability);
    assert.ok(off < 1e-3, `continuation ${i} is off by ${off}`);
  });
  await assert.rejects(remote.score([{ prompt: "no ".repeat(300), continuations: [" yes"] }]), {
    code: "context-length-exceeded",
  });
});

for (const { name, check } of remoteTrioContract)
  test(`as a base: ${name}`, { skip }, () =>
    check({
      here: createProxyModel({ ...local, alpha: 1 }),
      vocabularySize: CONFIG.vocabularySize,
      open: (candidates) =>
        openModel(
          `proxy:${server.url}#base+${at("expert")}-${at("anti")}@1?candidates=${candidates}`,
          ONE,
        ) as Promise<LogitModel>,
    }),
  );
