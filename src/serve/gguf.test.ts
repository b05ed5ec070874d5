import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { type LogitModel, openGguf, writeTinyGguf } from "../engine/index.ts";
import { createApp } from "./app.ts";
import { type RunningServer, startServer } from "./server.ts";

let folder: string;
let model: LogitModel;
let server: RunningServer;
let client: OpenAI;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-serve-"));
  await writeTinyGguf(join(folder, "tiny.gguf"));
  model = await openGguf(join(folder, "tiny.gguf"), { threads: 1 });
  server = await startServer({ app: createApp({ models: [model] }), port: 0 });
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "none", maxRetries: 0 });
});
after(async () => {
  await server.close(0);
  await model.close();
  await rm(folder, { recursive: true });
});

test("a GGUF model run by llama.cpp streams a chat to the official client, the same as in one piece", async () => {
  const request = {
    model: "tiny",
    messages: [{ role: "user" as const, content: "ماذا أفعل؟" }],
    seed: 3,
    max_tokens: 24,
    logprobs: true,
    top_logprobs: 3,
  };
  const whole = await client.chat.completions.create(request);
  const stream = await client.chat.completions.create({ ...request, stream: true });
  let text = "";
  let tokens = 0;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    tokens += chunk.choices[0]?.logprobs?.content?.length ?? 0;
  }
  assert.equal(text, whole.choices[0]?.message.content);
  assert.equal(tokens, whole.usage?.completion_tokens);
});

test("many requests at once are answered as if each were alone", async () => {
  const ask = async (seed: number) =>
    (await client.completions.create({ model: "tiny", prompt: "yes", max_tokens: 8, seed, logprobs: 1 }))
      .choices[0]?.logprobs?.tokens;
  const seeds = Array.from({ length: 12 }, (_, seed) => seed);
  const together = await Promise.all(seeds.map(ask));
  for (const seed of [0, 5, 11]) assert.deepEqual(together[seed], await ask(seed));
});

test("scores through echo, as lm-evaluation-harness takes them, equal the model's own", async () => {
  const ids = [...model.tokenizer.encode("the answer is yes")];
  const reply = await client.completions.create({
    model: "tiny",
    prompt: [ids],
    max_tokens: 1,
    temperature: 0,
    logprobs: 1,
    echo: true,
  });
  const logprobs = reply.choices[0]?.logprobs?.token_logprobs as number[];
  const top = reply.choices[0]?.logprobs?.top_logprobs as Record<string, number>[];
  assert.equal(logprobs.length, ids.length + 1);
  const split = ids.length - 2;
  const [own] = await model.scoreTokens(Int32Array.from(ids.slice(0, split)), [
    Int32Array.from(ids.slice(split)),
  ]);
  const sum = logprobs.slice(split, -1).reduce((total, value) => total + value, 0);
  assert.ok(Math.abs(sum - own!.logProbability) < 1e-6, `${sum} against ${own!.logProbability}`);
  const greedy = logprobs
    .slice(split, -1)
    .every((value, i) => value === Math.max(...Object.values(top[split + i]!)));
  assert.equal(greedy, own!.greedy);
});

test("echoed scores are the model's own to the last bit, wherever the client cuts, however often and in what company", async () => {
  const prompt = [...model.tokenizer.encode("the man said then that the answer is ".repeat(4))];
  const choices = [" yes", " no then", " in on an the man", " yes and"].map((text) => [
    ...model.tokenizer.encode(text),
  ]);
  const request = { model: "tiny", max_tokens: 1, temperature: 0, logprobs: 1, echo: true };
  const own = await model.scoreTokens(
    Int32Array.from(prompt),
    choices.map((ids) => Int32Array.from(ids)),
  );
  const sums = (logprobs: OpenAI.Completions.CompletionChoice["logprobs"]): number =>
    logprobs!.token_logprobs!.slice(prompt.length, -1).reduce((sum, value) => sum + value!, 0);
  for (const round of [1, 2]) {
    const together = await client.completions.create({
      ...request,
      prompt: choices.map((ids) => [...prompt, ...ids]),
    });
    const apart = await Promise.all(
      choices.map((ids) => client.completions.create({ ...request, prompt: [[...prompt, ...ids]] })),
    );
    choices.forEach((_, i) => {
      assert.equal(sums(together.choices[i]!.logprobs), own[i]!.logProbability, `round ${round}`);
      assert.deepEqual(apart[i]!.choices[0]!.logprobs, together.choices[i]!.logprobs);
    });
  }
  // The one token beside the scores is the one that generation gives.
  const plain = await client.completions.create({ ...request, prompt: [prompt], echo: false });
  const echoed = await client.completions.create({ ...request, prompt: [prompt] });
  const [token] = plain.choices;
  assert.ok(echoed.choices[0]!.text.endsWith(token!.text));
  assert.equal(echoed.choices[0]!.logprobs!.tokens!.at(-1), token!.logprobs!.tokens![0]);
  const difference =
    echoed.choices[0]!.logprobs!.token_logprobs!.at(-1)! - token!.logprobs!.token_logprobs![0]!;
  assert.ok(Math.abs(difference) < 1e-5);
  assert.equal(echoed.choices[0]!.finish_reason, token!.finish_reason);
  assert.deepEqual(
    { ...echoed.usage, prompt_tokens_details: undefined },
    { ...plain.usage, prompt_tokens_details: undefined },
  );
});

test("usage says how many of the prompt's tokens the cache held", async () => {
  const turn = "what should a patient with a fever do then ".repeat(3);
  const ask = async (content: string, n = 1) =>
    (
      await client.chat.completions.create({
        model: "tiny",
        messages: [{ role: "user", content }],
        max_tokens: 3,
        n,
      })
    ).usage!;
  const first = await ask(turn);
  assert.equal(first.prompt_tokens_details!.cached_tokens, 0);
  const again = await ask(turn);
  // The last token is always evaluated: its logits are wanted.
  assert.equal(again.prompt_tokens_details!.cached_tokens, again.prompt_tokens - 1);
  const longer = await ask(`${turn} and then?`);
  const kept = longer.prompt_tokens_details!.cached_tokens!;
  assert.ok(kept > first.prompt_tokens / 2 && kept < longer.prompt_tokens - 1, `${kept}`);
  // Further answers to a prompt are no further prompts.
  const many = await ask(`${turn} or else?`, 3);
  assert.ok(many.prompt_tokens_details!.cached_tokens! < many.prompt_tokens);
  const stream = await client.completions.create({
    model: "tiny",
    prompt: turn,
    max_tokens: 2,
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const chunk of stream)
    if (chunk.usage) assert.equal(typeof chunk.usage.prompt_tokens_details!.cached_tokens, "number");
});

test("what does not fit the context is the client's mistake, streamed or not", async () => {
  for (const stream of [false, true]) {
    await assert.rejects(
      client.chat.completions.create({
        model: "tiny",
        messages: [{ role: "user", content: "a b c ".repeat(600) }],
        stream,
      }),
      (error) => error instanceof OpenAI.BadRequestError && error.code === "context_length_exceeded",
    );
  }
});

test("log-probabilities name tokens by id when asked, so that no two are mixed up", async () => {
  const request = { model: "tiny", prompt: [70, 71], max_tokens: 1, temperature: 0, logprobs: 274 };
  const ask = async (asIds: boolean) =>
    (await client.completions.create({ ...request, return_tokens_as_token_ids: asIds } as typeof request))
      .choices[0]!.logprobs!;
  const [named, written] = [await ask(true), await ask(false)];
  const logits = (await model.open().advance(Int32Array.of(70, 71))).slice();
  assert.equal(Object.keys(named.top_logprobs![0]!).length, 274);
  // Tokens inside a character are written alike.
  assert.ok(Object.keys(written.top_logprobs![0]!).length < 274);
  const best = logits.indexOf(Math.max(...logits));
  assert.deepEqual(named.tokens, [`token_id:${best}`]);
  assert.equal(named.top_logprobs![0]![`token_id:${best}`], named.token_logprobs![0]);
});

test("a begun answer is gone on with, and must be the assistant's", async () => {
  const user = { role: "user" as const, content: "yes?" };
  const begun = " no and";
  const ids = [...model.encodeChat([user]), ...model.tokenizer.encode(begun)];
  const settings = { model: "tiny", max_tokens: 6, temperature: 0 };
  const expected = await client.completions.create({ ...settings, prompt: ids });
  const chat = (messages: OpenAI.ChatCompletionMessageParam[]) =>
    client.chat.completions.create({
      ...settings,
      messages,
      continue_final_message: true,
    } as OpenAI.ChatCompletionCreateParamsNonStreaming);
  const answer = await chat([user, { role: "assistant", content: begun }]);
  assert.equal(answer.choices[0]!.message.content, expected.choices[0]!.text);
  assert.equal(answer.usage!.prompt_tokens, ids.length);
  await assert.rejects(chat([user]), { status: 400, message: /continue_final_message/u });
});
