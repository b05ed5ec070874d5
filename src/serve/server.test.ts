import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import OpenAI from "openai";
import { UserError } from "../core/index.ts";
import { createNgramModel } from "../engine/ngram-model.test.helper.ts";
import { createApp } from "./app.ts";
import { startServer } from "./server.ts";

const TEXT = "drink water and rest. assistant: the answer is water. पानी 水 ماء ".repeat(3);
const messages = [{ role: "user" as const, content: "hello" }];

async function serve(options: { delay?: number; apiKey?: string; concurrency?: number } = {}) {
  const { delay, ...rest } = options;
  const model = createNgramModel(TEXT, delay === undefined ? {} : { delay });
  const server = await startServer({ app: createApp({ models: [model], ...rest }), port: 0 });
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: options.apiKey ?? "none", maxRetries: 0 });
  return { model, server, client };
}

/** Waits until `condition` holds; fails after thirty seconds or so. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 3000 && !(await condition()); i++) await sleep(10);
  assert.ok(await condition());
}

/** How many requests wait for their turn, as the server says. */
async function waitingAt(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/num_requests_waiting(?:\{.*\})? (\d+)/u.exec(metrics)?.[1]);
}

test("the official openai client streams a chat, reads whole answers, and sees errors as its own classes", async () => {
  const { server, client } = await serve({ apiKey: "sesame" });
  try {
    const request = { model: "ngram", messages, seed: 5, max_tokens: 40 };
    const whole = await client.chat.completions.create(request);
    let text = "";
    let usage: OpenAI.CompletionUsage | null | undefined;
    const stream = await client.chat.completions.create({
      ...request,
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      usage = chunk.usage ?? usage;
    }
    assert.ok(text.length > 0);
    assert.equal(text, whole.choices[0]?.message.content);
    assert.deepEqual(usage, whole.usage);
    assert.deepEqual(
      (await client.models.list()).data.map((model) => model.id),
      ["ngram"],
    );
    await assert.rejects(
      client.chat.completions.create({ ...request, model: "no/such" }),
      OpenAI.NotFoundError,
    );
    await assert.rejects(
      client.chat.completions.create({ ...request, temperature: 9 }),
      (error) => error instanceof OpenAI.BadRequestError && error.param === "temperature",
    );
    const stranger = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "wrong", maxRetries: 0 });
    await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
  } finally {
    await server.close(0);
  }
});

test("a client that goes away frees its turn, streaming, waiting and whole alike", async () => {
  const { model, server, client } = await serve({ delay: 5, concurrency: 1 });
  try {
    // The likeliest answer is long; one that is drawn may end with its first token, before anybody looks.
    const request = { model: "ngram", messages, temperature: 0 };
    const stream = await client.chat.completions.create({ ...request, stream: true });
    for await (const _ of stream) break;
    await until(() => model.active() === 0);
    const leaving = new AbortController();
    const whole = client.chat.completions.create(request, { signal: leaving.signal });
    await until(() => model.active() === 1);
    // The one that waits leaves first: when both leave at once, its turn may come before the server sees that it has gone.
    const impatient = new AbortController();
    const waiting = client.chat.completions.create(request, { signal: impatient.signal });
    await until(async () => (await waitingAt(server.url)) === 1);
    impatient.abort();
    await assert.rejects(waiting, /abort/i);
    await until(async () => (await waitingAt(server.url)) === 0);
    leaving.abort();
    await assert.rejects(whole, /abort/i);
    await until(() => model.active() === 0);
    const after = await client.chat.completions.create({ ...request, max_tokens: 3 });
    assert.equal(after.choices.length, 1);
    assert.equal(model.opened(), 3, "the request that waited was never begun");
  } finally {
    await server.close(0);
  }
});

test("a connection that breaks before anything was read stops the generation", async () => {
  const { model, server } = await serve();
  try {
    const request = httpRequest(`${server.url}/v1/chat/completions`, { method: "POST" });
    request.on("error", () => {});
    request.end(JSON.stringify({ messages, stream: true }));
    await until(() => model.opened() === 1);
    request.destroy();
    await until(() => model.active() === 0);
  } finally {
    await server.close(0);
  }
});

test("closing lets a stream end and takes nobody new; after the grace time it cuts off", async () => {
  const first = await serve({ delay: 5 });
  const stream = await first.client.chat.completions.create({
    model: "ngram",
    messages,
    stream: true,
    max_tokens: 40,
    temperature: 0,
  });
  let closed: Promise<void> | undefined;
  let finish: string | null | undefined;
  for await (const chunk of stream) {
    closed ??= first.server.close(10);
    finish = chunk.choices[0]?.finish_reason ?? finish;
  }
  assert.equal(finish, "length");
  await closed;
  await assert.rejects(fetch(`${first.server.url}/health`));

  const second = await serve({ delay: 5 });
  // The likeliest words, for at temperature 1 an answer may be over before the grace time is.
  const cut = await second.client.chat.completions.create({
    model: "ngram",
    messages,
    stream: true,
    max_tokens: 40,
    temperature: 0,
  });
  await assert.rejects(async () => {
    for await (const _ of cut) closed = second.server.close(0.05);
  });
  await closed;
  await until(() => second.model.active() === 0);
});

test("an address that cannot be had is the user's mistake", async () => {
  const { server } = await serve();
  try {
    const app = createApp({ models: [createNgramModel(TEXT)] });
    const code = (expected: string) => (error: unknown) =>
      error instanceof UserError && error.code === expected;
    await assert.rejects(startServer({ app, port: server.port }), code("port-in-use"));
    await assert.rejects(startServer({ app, port: 70000 }), code("bad-port"));
    await assert.rejects(startServer({ app, host: "203.0.113.7", port: 0 }), code("bad-host"));
  } finally {
    await server.close(0);
  }
});
