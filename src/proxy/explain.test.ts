import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  type GenerateRequest,
  type LogitModel,
  openGguf,
  tinyVocabulary,
  writeTinyGguf,
} from "../engine/index.ts";
import { createProxyModel, type ExplainedToken, explainGeneration } from "./index.ts";

const turned = [...tinyVocabulary().slice(100), ...tinyVocabulary().slice(0, 100)];
let folder: string;
let models: { base: LogitModel; expert: LogitModel; anti: LogitModel };

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-explain-"));
  const open = async (name: string, seed: number, vocabulary = tinyVocabulary()): Promise<LogitModel> => {
    await writeTinyGguf(join(folder, `${name}.gguf`), { seed, vocabulary });
    return openGguf(join(folder, `${name}.gguf`), { threads: 1 });
  };
  // The expert's ids differ, its tokens do not.
  models = {
    base: await open("base", 1),
    expert: await open("expert", 2, turned),
    anti: await open("anti", 3),
  };
});
after(async () => {
  for (const model of Object.values(models)) await model.close();
  await rm(folder, { recursive: true });
});

async function explain(request: GenerateRequest, alpha = 1): Promise<ExplainedToken[]> {
  const tokens: ExplainedToken[] = [];
  for await (const token of explainGeneration({ ...models, alpha, request })) tokens.push(token);
  return tokens;
}

for (const request of [
  { input: { prompt: "the man" }, maxTokens: 12 },
  { input: { prompt: "the man" }, maxTokens: 12, temperature: 1.5, seed: 4 },
  { input: { messages: [{ role: "user", content: "the man?" }] }, maxTokens: 5 },
] as const satisfies readonly GenerateRequest[])
  test(`the tokens explained are the trio's own: ${JSON.stringify(request)}`, async () => {
    const expected: number[] = [];
    const generation = createProxyModel({ ...models, alpha: 1 }).generate({
      ...request,
      topLogProbabilities: 0,
    });
    for await (const { token } of generation) if (token !== undefined) expected.push(token.id);
    const tokens = await explain(request);
    assert.deepEqual(
      tokens.map(({ id }) => id),
      expected,
    );
    assert.ok(tokens.length > 0);
  });

test("each opinion is the softmax of that model's logits after the same tokens", async () => {
  const prompt = "the man";
  const tokens = await explain({ input: { prompt }, maxTokens: 4 }, 0.5);
  const ids = [...models.base.tokenizer.encode(prompt)];
  const word = (id: number): Uint8Array => models.base.tokenizer.bytes(id);
  for (const token of tokens) {
    const probabilities = async (model: LogitModel, tokenIds: readonly number[]): Promise<number[]> => {
      const session = model.open();
      const logits = [...(await session.advance(Int32Array.from(tokenIds)))];
      session.dispose();
      const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
      return logits.map((logit) => Math.exp(logit) / sum);
    };
    const spelling = tinyVocabulary();
    const expertIds = ids.map((id) => turned.indexOf(spelling[id]!));
    const expected = {
      base: (await probabilities(models.base, ids))[token.id]!,
      expert: (await probabilities(models.expert, expertIds))[turned.indexOf(spelling[token.id]!)]!,
      anti: (await probabilities(models.anti, ids))[token.id]!,
      combined: (await probabilities(createProxyModel({ ...models, alpha: 0.5 }), ids))[token.id]!,
    };
    for (const name of ["base", "expert", "anti", "combined"] as const) {
      const { chosen, top } = token[name];
      assert.ok(Math.abs(chosen - expected[name]) < 1e-6, `${name}: ${chosen} is not ${expected[name]}`);
      assert.equal(top.length, 3);
      assert.ok(top[0]!.probability >= top[1]!.probability && top[1]!.probability >= top[2]!.probability);
    }
    // Greedy: what was chosen leads the combination, and the base's own lead says whether steering changed it.
    assert.deepEqual(token.combined.top[0]!.bytes, word(token.id));
    assert.equal(token.combined.top[0]!.probability, token.combined.chosen);
    assert.equal(token.changed, token.base.top[0]!.probability > token.base.chosen);
    assert.ok(token.klToBase > 0);
    ids.push(token.id);
  }
});

test("at alpha 0 there is nothing to explain", async () => {
  await assert.rejects(explain({ input: { prompt: "the man" } }, 0), { code: "nothing-to-explain" });
});
