import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { LogitModel } from "../engine/index.ts";
import { createAlphaGrid, createProxyModel } from "./index.ts";
import { openTinyTrio, useTinyModels } from "./tiny-trio.test.helper.ts";

const openTiny = useTinyModels();
let base: LogitModel;
let expert: LogitModel;
let anti: LogitModel;
before(async () => {
  ({ base, expert, anti } = await openTinyTrio(openTiny));
});

const REQUESTS = [
  { prompt: "the man", continuations: [" said yes", " said no then", " A", ""] },
  { prompt: "the answer is", continuations: [" the man in the ".repeat(8), " B"] },
];

test("one pass gives the scores of separate proxy models, bit for bit", async () => {
  const alphas = [0, 0.5, 1, -1, 2.25];
  const grid = createAlphaGrid({ base, expert, anti, alphas });
  for (const request of REQUESTS) {
    const together = await grid(request);
    for (const [i, alpha] of alphas.entries()) {
      const [apart] = await createProxyModel({ base, expert, anti, alpha }).score([request]);
      assert.deepEqual(together[i]!.scores, apart);
    }
  }
});

test("KL to the base: the mean over the places whose logits are used, 0 at alpha 0", async () => {
  const alphas = [0, 0.7];
  const [request] = REQUESTS as [(typeof REQUESTS)[number]];
  const [none, some] = await createAlphaGrid({ base, expert, anti, alphas })(request);
  assert.equal(none!.klSum, 0);
  const prefix = base.tokenizer.encode(request.prompt);
  const continuations = request.continuations.map((text) => base.tokenizer.encode(text));
  const rows = async (model: LogitModel): Promise<number[][]> => {
    const kept: number[][] = [];
    await model.visitLogits(prefix, continuations, (logits) => kept.push([...logits]));
    return kept;
  };
  const unsteered = await rows(base);
  const steered = await rows(createProxyModel({ base, expert, anti, alpha: 0.7 }));
  const softmax = (logits: number[]): number[] => {
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    return logits.map((logit) => Math.exp(logit) / total);
  };
  let expected = 0;
  for (const [place, logits] of steered.entries()) {
    const q = softmax(unsteered[place]!);
    softmax(logits).forEach((p, id) => {
      expected += p * Math.log(p / q[id]!);
    });
  }
  assert.equal(some!.positions, steered.length);
  assert.equal(none!.positions, steered.length);
  assert.ok(expected > 0.1);
  assert.ok(Math.abs(some!.klSum - expected) < 1e-9, `${some!.klSum} is not ${expected}`);
});
