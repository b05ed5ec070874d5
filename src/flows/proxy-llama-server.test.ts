// A base on llama.cpp's own server, not on ours: its ids, its texts of half characters, its chat template.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  type GenerateRequest,
  type LanguageModel,
  type LogitModel,
  openGguf,
  tinyVocabulary,
  writeTinyGguf,
} from "../engine/index.ts";
import { createProxyModel } from "../proxy/index.ts";
import { findLlamaServer, startLlamaServer } from "./llama-server.test.helper.ts";
import { openModel } from "./open-model.ts";

const found = findLlamaServer();
const skip = "missing" in found ? found.missing : false;
const ONE = { threads: 1, contextLength: 256 };
const WHOLE = tinyVocabulary().length;
const TEMPLATE =
  "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n";

let folder: string;
let local: Record<"base" | "expert" | "anti", LogitModel>;
let server: Awaited<ReturnType<typeof startLlamaServer>>;
const at = (name: string): string => join(folder, `${name}.gguf`);
const remoteTrio = async (candidates: number): Promise<LogitModel> =>
  (await openModel(
    `proxy:${server.url}#base+${at("expert")}-${at("anti")}@1?candidates=${candidates}`,
    ONE,
  )) as LogitModel;

before(async () => {
  if ("missing" in found) return;
  folder = await mkdtemp(join(tmpdir(), "apollo-llama-server-"));
  await writeTinyGguf(at("base"), { seed: 1, hiddenSize: 64, chatTemplate: TEMPLATE });
  await writeTinyGguf(at("expert"), { seed: 2 });
  await writeTinyGguf(at("anti"), { seed: 3 });
  local = {
    base: await openGguf(at("base"), ONE),
    expert: await openGguf(at("expert"), ONE),
    anti: await openGguf(at("anti"), ONE),
  };
  server = await startLlamaServer(found.python, at("base"));
});
after(async () => {
  if (skip) return;
  await server.close();
  for (const model of Object.values(local)) await model.close();
  await rm(folder, { recursive: true });
});

async function tokensOf(model: LanguageModel, request: GenerateRequest) {
  const tokens: { id: number; logProbability: number }[] = [];
  for await (const { token } of model.generate({ ...request, topLogProbabilities: 0 }))
    if (token !== undefined) tokens.push({ id: token.id, logProbability: token.logProbability });
  return tokens;
}

test("with its whole vocabulary returned it makes the local trio, token by token", { skip }, async () => {
  const here = createProxyModel({ ...local, alpha: 1 });
  const there = await remoteTrio(WHOLE);
  const requests: GenerateRequest[] = [
    { input: { prompt: "the man said" }, maxTokens: 16 },
    // Byte tokens: the server gives no text for the halves of a character.
    { input: { prompt: "发烧 the" }, maxTokens: 16, temperature: 1.5, seed: 3 },
    { input: { messages: [{ role: "user", content: "the man?" }] }, maxTokens: 16 },
  ];
  for (const request of requests) {
    const expected = await tokensOf(here, request);
    const tokens = await tokensOf(there, request);
    assert.ok(expected.length > 3);
    assert.deepEqual(
      tokens.map(({ id }) => id),
      expected.map(({ id }) => id),
    );
    tokens.forEach(({ logProbability }, i) => {
      const off = Math.abs(logProbability - expected[i]!.logProbability);
      assert.ok(off < 1e-3, `token ${i} is off by ${off}`);
    });
  }
  const { rows, largest } = there.truncation!();
  assert.ok(rows > 10 && largest < 1e-4, `${largest} missing of ${rows} rows`);
  await there.close();
});

test("scores, and what few candidates leave out", { skip }, async () => {
  const request = { prompt: "the answer is", continuations: [" yes", " no then", " A"] };
  const there = await remoteTrio(WHOLE);
  const [[...expected] = []] = await createProxyModel({ ...local, alpha: 1 }).score([request]);
  const [[...scores] = []] = await there.score([request]);
  assert.equal(scores.length, 3);
  scores.forEach(({ logProbability }, i) => {
    assert.ok(Math.abs(logProbability - expected[i]!.logProbability) < 1e-3);
  });
  await there.close();
  const few = await remoteTrio(5);
  await tokensOf(few, { input: { prompt: "the man said" }, maxTokens: 4 });
  const { rows, mass } = few.truncation!();
  assert.ok(rows >= 1 && mass / rows > 0.01 && mass / rows < 1, `${mass} of ${rows} rows`);
  await few.close();
});
