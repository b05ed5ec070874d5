import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Hono } from "hono";
import {
  type ChatMessage,
  type LanguageModel,
  type LogitModel,
  logNormaliser,
  mostLikely,
  openGguf,
  openRemoteLogits,
  tinyVocabulary,
  writeTinyGguf,
} from "../engine/index.ts";
import { createProxyModel, explainGeneration } from "../proxy/index.ts";
import { createApp, type RunningServer, startServer } from "../serve/index.ts";
import { openModel } from "./open-model.ts";
import { assertSameTokens, CHAT_TEMPLATE, tokensOf } from "./remote-trio.test.helper.ts";

const ONE = { threads: 1, contextLength: 256 };
const WHOLE = tinyVocabulary().length;

let folder: string;
let base: LogitModel;
let expert: LogitModel;
let anti: LogitModel;
let server: RunningServer;
const at = (name: string): string => join(folder, name);
const remoteTrio = (options: string): Promise<LanguageModel> =>
  openModel(`proxy:${server.url}/v1#base+${at("expert.gguf")}-${at("anti.gguf")}@1?${options}`, ONE);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-proxy-remote-"));
  await writeTinyGguf(at("base.gguf"), { seed: 1, hiddenSize: 64, chatTemplate: CHAT_TEMPLATE });
  await writeTinyGguf(at("expert.gguf"), { seed: 2 });
  await writeTinyGguf(at("anti.gguf"), { seed: 3 });
  base = await openGguf(at("base.gguf"), ONE);
  expert = await openGguf(at("expert.gguf"), ONE);
  anti = await openGguf(at("anti.gguf"), ONE);
  server = await startServer({ app: createApp({ models: [base] }), port: 0 });
});
after(async () => {
  await server.close(0);
  for (const model of [base, expert, anti]) await model.close();
  await rm(folder, { recursive: true });
});

test("a base on a server that returns its whole vocabulary makes the local trio", async () => {
  const local = createProxyModel({ base, expert, anti, alpha: 1 });
  const remote = await remoteTrio(`candidates=${WHOLE}`);
  for (const request of [
    { input: { prompt: "the man said" }, maxTokens: 12 },
    { input: { prompt: "发烧 the" }, maxTokens: 12, temperature: 1, seed: 3, topP: 0.9 },
  ])
    assertSameTokens(await tokensOf(remote, request), await tokensOf(local, request), 1e-4);
  const requests = [{ prompt: "the answer is", continuations: [" yes", " no then", " A"] }];
  const [here] = await local.score(requests);
  const [there] = await remote.score(requests);
  there!.forEach(({ logProbability, tokens }, i) => {
    assert.equal(tokens, here![i]!.tokens);
    assert.ok(Math.abs(logProbability - here![i]!.logProbability) < 1e-4);
  });
  const { rows, mass, largest } = (remote as LogitModel).truncation!();
  assert.ok(rows > 24 && mass < 1e-6 * rows && largest < 1e-6, `${mass} in ${rows} rows`);
  await remote.close();
});

test("few candidates: the offset over them alone, and the mass of the others is told", async () => {
  const few = await openRemoteLogits(`${server.url}/v1`, "base", { vocabulary: expert, candidates: 5 });
  const prompt = base.tokenizer.encode("the man said");
  const row = async (model: LogitModel): Promise<Float32Array> => {
    const session = model.open();
    const logits = (await session.advance(prompt)).slice();
    session.dispose();
    return logits;
  };
  const [b, e, a] = [await row(base), await row(expert), await row(anti)];
  const kept = new Set(mostLikely(b, 5));
  const { logSum } = logNormaliser(b);
  const found = await row(createProxyModel({ base: few, expert, anti, alpha: 2 }));
  found.forEach((logit, id) => {
    const expected = kept.has(id) ? b[id]! - logSum + 2 * (e[id]! - a[id]!) : Number.NEGATIVE_INFINITY;
    assert.ok(logit === expected || Math.abs(logit - expected) < 1e-4, `${id}: ${logit}, not ${expected}`);
  });
  const missing = 1 - [...kept].reduce((sum, id) => sum + Math.exp(b[id]! - logSum), 0);
  const { rows, mass, largest } = few.truncation!();
  assert.equal(rows, 1);
  assert.equal(mass, largest);
  assert.ok(missing > 0.01 && Math.abs(mass - missing) < 1e-5, `${mass}, not ${missing}`);

  const request = { input: { prompt: "the man said" }, maxTokens: 3 };
  for await (const token of explainGeneration({ base: few, expert, anti, alpha: 1, request }))
    assert.ok(token.truncated > 0 && token.truncated < 1);
  assert.equal(few.truncation!().rows, 4);
  // A score needs the continuation's own token.
  const unlikely = base.tokenizer.decode([mostLikely(b, WHOLE).at(-1)!]);
  await assert.rejects(few.score([{ prompt: "the man said", continuations: [unlikely] }]), {
    name: "UserError",
    code: "not-a-candidate",
  });
});

test("a conversation reaches the server in its own format, and is gone on with token by token", async () => {
  // Text is sent here, so the answer is held to letters: a token inside a character could not be.
  const logitBias = new Map<number, number>();
  for (let id = 0; id < WHOLE; id++)
    if (!/^ ?[a-z]$/u.test(Buffer.from(base.tokenizer.bytes(id)).toString())) logitBias.set(id, -1000);
  const messages = [{ role: "user" as const, content: "the man?" }];
  const request = { input: { messages }, maxTokens: 6, logitBias };
  const local = await tokensOf(createProxyModel({ base, expert, anti, alpha: 1 }), request);
  const ids = local.map(({ id }) => id);
  assert.deepEqual(
    [...base.tokenizer.encode(base.tokenizer.decode(ids))],
    ids,
    "the text is read as written",
  );
  const remote = await remoteTrio(`candidates=${WHOLE}`);
  assertSameTokens(await tokensOf(remote, request), local, 1e-4);
  const elsewhere = createProxyModel({ base, expert, anti, alpha: 1, chat: "base" });
  assert.notDeepEqual(await tokensOf(elsewhere, request), local);
  await remote.close();
});

for (const [route, answer] of [
  ["/apply-template", (prompt: string) => ({ prompt })],
  ["/tokenize", (prompt: string) => ({ tokens: [...base.tokenizer.encode(prompt, { special: "parse" })] })],
] as const)
  test(`a conversation goes on in token ids where ${route} tells the server's format`, async () => {
    const inner = createApp({ models: [base] });
    const app = Object.assign(new Hono(), { closeModels: inner.closeModels });
    app.post(route, async (context) => {
      const { messages } = await context.req.json<{ messages: ChatMessage[] }>();
      return context.json(answer(base.formatChat(messages)));
    });
    app.route("/", inner);
    const telling = await startServer({ app, port: 0 });
    const request = { input: { messages: [{ role: "user" as const, content: "the man?" }] }, maxTokens: 10 };
    const few = await openRemoteLogits(`${telling.url}/v1`, "base", {
      vocabulary: expert,
      candidates: WHOLE,
    });
    const remote = createProxyModel({ base: few, expert, anti, alpha: 1 });
    const local = createProxyModel({ base, expert, anti, alpha: 1 });
    assertSameTokens(await tokensOf(remote, request), await tokensOf(local, request), 1e-4);
    await telling.close(0);
  });

for (const biasShows of [false, true])
  test(`a server that tells nothing of half characters is asked again for a letter${biasShows ? ", in vain where the bias shows" : ""}`, async () => {
    // As llama-server does; the real one is in proxy-llama-server.test.ts, where there is a Python with it.
    const inner = createApp({ models: [base] });
    const app = Object.assign(new Hono(), { closeModels: inner.closeModels });
    let refusals = 0;
    app.post("/v1/completions", async (context) => {
      const { logit_bias: bias, ...body } = await context.req.json<Record<string, unknown>>();
      const answer = await inner.request("/v1/completions", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      const { choices, ...rest } = (await answer.json()) as {
        choices: { logprobs: unknown; text: string }[];
      };
      const [choice] = choices;
      if (bias === undefined && choice!.text.includes("\u{fffd}")) {
        refusals++;
        return context.json({ ...rest, choices: [{ ...choice, logprobs: null }] });
      }
      const logprobs = { tokens: ["a"], top_logprobs: [{ a: 0 }] };
      return context.json({ ...rest, choices: [bias && biasShows ? { ...choice, logprobs } : choice] });
    });
    app.route("/", inner);
    const silent = await startServer({ app, port: 0 });
    const there = await openRemoteLogits(`${silent.url}/v1`, "base", {
      vocabulary: expert,
      candidates: WHOLE,
    });
    const walk = async (model: LogitModel): Promise<number[]> => {
      const session = model.open();
      const likeliest: number[] = [];
      // After these bytes of characters the base wants others.
      for (const token of base.tokenizer.encode("发烧 the 发烧"))
        likeliest.push(mostLikely(await session.advance(Int32Array.of(token)), 1)[0]!);
      session.dispose();
      return likeliest;
    };
    if (biasShows) await assert.rejects(walk(there), { code: "remote-no-candidates" });
    else assert.deepEqual(await walk(there), await walk(base));
    assert.ok(refusals > 0, "the base never wanted half a character");
    await silent.close(0);
  });

test("a server of another vocabulary is refused by the token that shows it", async () => {
  await writeTinyGguf(at("foreign.gguf"), {
    vocabulary: [...tinyVocabulary().slice(100), ...tinyVocabulary().slice(0, 100)],
  });
  const foreign = await openGguf(at("foreign.gguf"), ONE);
  const wrong = await openRemoteLogits(`${server.url}/v1`, "base", { vocabulary: foreign });
  await assert.rejects(
    async () => {
      for await (const _ of wrong.generate({ input: { prompt: "the man" }, maxTokens: 8 }));
    },
    { name: "UserError", code: "vocabularies-differ" },
  );
  await foreign.close();
});
