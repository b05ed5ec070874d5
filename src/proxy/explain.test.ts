import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { GenerateRequest, LogitModel } from "../engine/index.ts";
import { createProxyModel, type ExplainedToken, explainGeneration } from "./index.ts";
import { openTurnedTrio, turnedId, useTinyModels } from "./tiny-trio.test.helper.ts";

const open = useTinyModels();
let models: Awaited<ReturnType<typeof openTurnedTrio>>;

before(async () => {
  models = await openTurnedTrio(open);
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
    const expertIds = ids.map(turnedId);
    const expected = {
      base: (await probabilities(models.base, ids))[token.id]!,
      expert: (await probabilities(models.expert, expertIds))[turnedId(token.id)]!,
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
