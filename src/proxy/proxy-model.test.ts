import assert from "node:assert/strict";
import { before, test } from "node:test";
import { UserError } from "../core/index.ts";
import { type LogitModel, logitModelContract, tinyVocabulary } from "../engine/index.ts";
import { createProxyModel } from "./index.ts";
import { openTinyTrio, TURNED_VOCABULARY, turnedId, useTinyModels } from "./tiny-trio.test.helper.ts";

const openTiny = useTinyModels();
let base: LogitModel;
let expert: LogitModel;
let anti: LogitModel;
before(async () => {
  ({ base, expert, anti } = await openTinyTrio(openTiny));
});

/** Logits after `tokens`, evaluated in one piece. */
async function logitsAfter(model: LogitModel, tokens: Int32Array): Promise<Float32Array> {
  const session = model.open();
  const logits = (await session.advance(tokens)).slice();
  session.dispose();
  return logits;
}

for (const { name, check } of logitModelContract)
  test(`a proxy-tuned trio: ${name}`, () => check(createProxyModel({ base, expert, anti, alpha: 0.7 })));

test("logits are base + alpha (expert - anti), exactly", async () => {
  const tokens = base.tokenizer.encode("the man said");
  const [b, e, a] = await Promise.all([base, expert, anti].map((model) => logitsAfter(model, tokens)));
  for (const alpha of [-1, 0.5, 1, 2.25]) {
    const byHand = b!.map((logit, i) => logit + alpha * (e![i]! - a![i]!));
    assert.deepEqual(await logitsAfter(createProxyModel({ base, expert, anti, alpha }), tokens), byHand);
  }
});

test("scores are those of the combined logits, over long continuations too", async () => {
  const trio = createProxyModel({ base, expert, anti, alpha: 1 });
  const prefix = base.tokenizer.encode("the answer");
  const texts = [" yes", " no and then", " the man in the ".repeat(8), "", " A"];
  const continuations = texts.map((text) => base.tokenizer.encode(text));
  const members = [base, expert, anti];
  const scores = await trio.scoreTokens(prefix, continuations);
  for (const [i, continuation] of continuations.entries()) {
    const rows = await Promise.all(
      members.map(async (model) => {
        const kept: Float32Array[] = [];
        await model.visitLogits(prefix, [continuation], (logits) => kept.push(logits.slice()));
        return kept;
      }),
    );
    let expected = 0;
    continuation.forEach((token, place) => {
      const [b, e, a] = rows.map((kept) => kept[place]!);
      const logits = Array.from(b!, (logit, id) => Math.fround(logit + (e![id]! - a![id]!)));
      const max = Math.max(...logits);
      const sum = logits.reduce((total, logit) => total + Math.exp(logit - max), 0);
      expected += logits[token]! - max - Math.log(sum);
    });
    assert(
      Math.abs(scores[i]!.logProbability - expected) < 1e-9,
      `${texts[i]}: ${scores[i]!.logProbability}`,
    );
  }
});

test("alpha 0, and an expert equal to the anti-expert, change nothing", async () => {
  const requests = [{ prompt: "the man", continuations: [" said yes", " said no then", " A"] }];
  const expected = await base.score(requests);
  const trio = createProxyModel({ base, expert, anti, alpha: 1 });
  assert.notDeepEqual(await trio.score(requests), expected);
  assert.deepEqual(await trio.withAlpha(0).score(requests), expected);
  assert.deepEqual(
    await createProxyModel({ base, expert, anti: expert, alpha: 3 }).score(requests),
    expected,
  );
  const tokens = base.tokenizer.encode("the man");
  const logits = await logitsAfter(base, tokens);
  assert.deepEqual(await logitsAfter(trio.withAlpha(0), tokens), logits);
  const twin = await openTiny("twin", { seed: 2 });
  assert.deepEqual(
    await logitsAfter(createProxyModel({ base, expert, anti: twin, alpha: 3 }), tokens),
    logits,
  );
});

test("the trio is named after its members and can be steered anew", () => {
  const trio = createProxyModel({ base, expert, anti, alpha: 1 });
  assert.equal(trio.id, "base+expert-anti@1");
  assert.equal(trio.withAlpha(0.5).id, "base+expert-anti@0.5");
  assert.equal(createProxyModel({ base, expert, anti, alpha: 1, id: "apollo-7b" }).id, "apollo-7b");
  assert.throws(() => trio.withAlpha(Number.NaN), { code: "bad-alpha" });
});

test("padding at the end of one vocabulary gets no offset", async () => {
  const padded = await openTiny("padded", {
    seed: 1,
    vocabulary: [...tinyVocabulary(), "[PAD274]", "[PAD275]"],
  });
  const tokens = padded.tokenizer.encode("the man");
  const own = await logitsAfter(padded, tokens);
  const combined = await logitsAfter(createProxyModel({ base: padded, expert, anti, alpha: 2 }), tokens);
  assert.equal(combined.length, 276);
  assert.deepEqual(combined.subarray(274), own.subarray(274));
  assert.notDeepEqual(combined.subarray(0, 274), own.subarray(0, 274));
  const shorter = await logitsAfter(
    createProxyModel({ base, expert: padded, anti: padded, alpha: 2 }),
    tokens,
  );
  assert.deepEqual(shorter, await logitsAfter(base, tokens));
});

test("ids that differ are mapped by token text", async () => {
  const other = await openTiny("turned", { seed: 4, vocabulary: TURNED_VOCABULARY });
  const trio = createProxyModel({ base, expert: other, anti, alpha: 1 });
  const text = "the man said";
  const [b, e, a] = [
    await logitsAfter(base, base.tokenizer.encode(text)),
    await logitsAfter(other, other.tokenizer.encode(text)),
    await logitsAfter(anti, anti.tokenizer.encode(text)),
  ];
  const byHand = b.map((logit, id) => logit + (e[turnedId(id)]! - a[id]!));
  assert.deepEqual(await logitsAfter(trio, base.tokenizer.encode(text)), byHand);
});

test("vocabularies with other tokens are refused, and the token is named", async () => {
  const vocabulary = tinyVocabulary().map((token) => (token === "Ġyes" ? "Ġoui" : token));
  const foreign = await openTiny("foreign", { vocabulary });
  assert.throws(
    () => createProxyModel({ base, expert: foreign, anti, alpha: 1 }),
    (error) =>
      error instanceof UserError &&
      error.code === "vocabularies-differ" &&
      /token 268 " yes" of base/u.test(error.line),
  );
});

test("a special token that a small model lacks is refused where it is used", async () => {
  const vocabulary = tinyVocabulary().map((token) => (token === "<|im_start|>" ? "<|endofprompt|>" : token));
  const lacking = await openTiny("lacking", { vocabulary });
  const trio = createProxyModel({ base, expert: lacking, anti, alpha: 1 });
  const session = trio.open();
  await session.advance(base.tokenizer.encode("A"));
  const special = base.tokenizer.encode("<|im_start|>", { special: "parse" });
  await assert.rejects(session.advance(special), { code: "token-without-counterpart" });
  assert.equal(session.length, 1);
  await session.advance(base.tokenizer.encode(" man"));
  session.dispose();
});
