import assert from "node:assert/strict";
import { test } from "node:test";
import { createNgramModel } from "../engine/ngram-model.test.helper.ts";
import { createApp } from "./app.ts";

const TEXT = "the cat sat on the mat. assistant: drink water and rest. água और पानी 水\n".repeat(3);
const app = createApp({ models: [createNgramModel(TEXT)] });
const hello = [{ role: "user", content: "hello" }];

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever JSON came back
type Json = any;

async function post(path: string, body: unknown, on = app): Promise<{ status: number; json: Json }> {
  const response = await on.request(path, {
    method: "POST",
    body: typeof body === "string" || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
  });
  return { status: response.status, json: await response.json() };
}

async function stream(path: string, body: object): Promise<Json[]> {
  const response = await app.request(path, {
    method: "POST",
    body: JSON.stringify({ ...body, stream: true }),
  });
  assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  const events = (await response.text()).split("\n\n");
  assert.equal(events.pop(), "");
  assert.equal(events.pop(), "data: [DONE]");
  return events.map((event) => JSON.parse(event.replace(/^data: /, "")));
}

test("health and models", async () => {
  assert.deepEqual(await (await app.request("/health")).json(), { status: "ok" });
  const list = (await (await app.request("/v1/models")).json()) as Json;
  assert.equal(list.object, "list");
  assert.equal(list.data[0].id, "ngram");
  assert.equal(((await (await app.request("/v1/models/ngram")).json()) as Json).object, "model");
  assert.equal((await app.request("/v1/models/other%2Fname")).status, 404);
});

test("a chat completion is the same text whole and streamed, with chunks in the order clients rely on", async () => {
  const request = { model: "ngram", messages: hello, seed: 7, max_tokens: 40 };
  const { status, json } = await post("/v1/chat/completions", request);
  assert.equal(status, 200);
  assert.equal(json.object, "chat.completion");
  assert.equal(json.choices[0].message.role, "assistant");
  assert.equal(json.usage.total_tokens, json.usage.prompt_tokens + json.usage.completion_tokens);

  const chunks = await stream("/v1/chat/completions", {
    ...request,
    stream_options: { include_usage: true },
  });
  assert.deepEqual(chunks[0].choices[0].delta, { role: "assistant", content: "" });
  assert.equal(chunks[0].usage, null);
  assert.equal(
    chunks
      .slice(1, -2)
      .map((chunk) => chunk.choices[0].delta.content)
      .join(""),
    json.choices[0].message.content,
  );
  assert.deepEqual(chunks.at(-2).choices[0].delta, {});
  assert.equal(chunks.at(-2).choices[0].finish_reason, json.choices[0].finish_reason);
  assert.deepEqual(chunks.at(-1).choices, []);
  assert.deepEqual(chunks.at(-1).usage, json.usage);
  assert.equal(new Set(chunks.map((chunk) => chunk.id)).size, 1);
});

test("stop, max_tokens, n, seed and content parts", async () => {
  const greedy = { messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }], temperature: 0 };
  const short = await post("/v1/chat/completions", { ...greedy, max_completion_tokens: 3 });
  assert.equal(short.json.choices[0].finish_reason, "length");
  assert.equal(short.json.usage.completion_tokens, 3);
  const whole = await post("/v1/chat/completions", { ...greedy, max_tokens: 30 });
  const text: string = whole.json.choices[0].message.content;
  const stopped = await post("/v1/chat/completions", { ...greedy, max_tokens: 30, stop: [text[5], ""] });
  assert.equal(stopped.json.choices[0].finish_reason, "stop");
  assert.ok(!stopped.json.choices[0].message.content.includes(text[5]));

  const several = { messages: hello, n: 3, seed: 1, max_tokens: 30 };
  const first = await post("/v1/chat/completions", several);
  const again = await post("/v1/chat/completions", several);
  assert.deepEqual(first.json.choices, again.json.choices);
  assert.deepEqual(
    first.json.choices.map((choice: Json) => choice.index),
    [0, 1, 2],
  );
  assert.equal(new Set(first.json.choices.map((choice: Json) => choice.message.content)).size, 3);
  assert.equal(
    first.json.usage.prompt_tokens,
    whole.json.usage.prompt_tokens + 3,
    "counted once, not three times",
  );
});

test("log-probabilities of a chat", async () => {
  const { json } = await post("/v1/chat/completions", {
    messages: hello,
    temperature: 0,
    max_tokens: 4,
    logprobs: true,
    top_logprobs: 2,
  });
  const { content } = json.choices[0].logprobs;
  assert.equal(content.length, 4);
  for (const token of content) {
    assert.equal(token.top_logprobs.length, 2);
    assert.equal(token.top_logprobs[0].logprob, token.logprob, "greedy: the chosen one is the best");
    assert.equal(token.bytes.length, 1);
  }
});

test("completions: lists of prompts, streams, echo with the prompt's own scores", async () => {
  const two = await post("/v1/completions", { prompt: ["the c", "the m"], n: 2, max_tokens: 5, seed: 3 });
  assert.deepEqual(
    two.json.choices.map((choice: Json) => choice.index),
    [0, 1, 2, 3],
  );
  assert.equal(two.json.usage.prompt_tokens, 10);
  const chunks = await stream("/v1/completions", {
    prompt: "the c",
    max_tokens: 5,
    temperature: 0,
    echo: true,
  });
  const echoed = await post("/v1/completions", {
    prompt: "the c",
    max_tokens: 5,
    temperature: 0,
    echo: true,
  });
  assert.equal(chunks.map((chunk) => chunk.choices[0].text).join(""), echoed.json.choices[0].text);
  assert.ok(echoed.json.choices[0].text.startsWith("the c"));

  // What lm-evaluation-harness sends to score a continuation.
  const ids = [...Buffer.from("the cat")];
  const score = { prompt: [ids], temperature: 0, max_tokens: 1, logprobs: 1, echo: true };
  const { tokens, token_logprobs, top_logprobs, text_offset } = (await post("/v1/completions", score)).json
    .choices[0].logprobs;
  assert.equal(tokens.length, ids.length + 1);
  assert.equal(token_logprobs[0], null);
  assert.equal(top_logprobs[0], null);
  assert.deepEqual(text_offset.slice(0, 3), [0, 1, 2]);
  for (let i = 1; i < ids.length; i++) assert.ok(Object.values(top_logprobs[i]).includes(token_logprobs[i]));
  const only = await post("/v1/completions", { prompt: "the cat", max_tokens: 0, logprobs: 1, echo: true });
  assert.equal(only.json.choices[0].text, "the cat");
  assert.deepEqual(only.json.choices[0].logprobs.token_logprobs, token_logprobs.slice(0, -1));
  const direct = (await post("/v1/score", { prompt: "the", choices: [" cat"] })).json.choices[0];
  assert.ok(
    Math.abs(direct.logprob - token_logprobs.slice(3, -1).reduce((a: number, b: number) => a + b)) < 1e-5,
  );
});

test("scores of choices, normalised", async () => {
  const plain = (await post("/v1/score", { prompt: "the", choices: [" cat", " xylophone"] })).json;
  assert.equal(plain.best, 0);
  assert.equal(plain.choices[1].tokens, 10);
  assert.ok(Math.abs(plain.choices[0].probability + plain.choices[1].probability - 1) < 1e-9);
  const byte = (await post("/v1/score", { messages: hello, choices: ["água"], normalize: "byte" })).json;
  assert.equal(byte.choices[0].normalized_logprob, byte.choices[0].logprob / 5);
});

test("bad requests get OpenAI's error object with the right status and field", async () => {
  const cases: [string, unknown, number, string | null][] = [
    ["/v1/chat/completions", "{not json", 400, null],
    ["/v1/chat/completions", new Uint8Array([123, 0xff, 125]), 400, null],
    ["/v1/chat/completions", "[]", 400, null],
    ["/v1/chat/completions", {}, 400, "messages"],
    ["/v1/chat/completions", { messages: [] }, 400, "messages"],
    ["/v1/chat/completions", { messages: [{ role: "pirate", content: "x" }] }, 400, "messages[0].role"],
    ["/v1/chat/completions", { messages: hello, temperature: 3 }, 400, "temperature"],
    ["/v1/chat/completions", { messages: hello, top_logprobs: 2 }, 400, "top_logprobs"],
    [
      "/v1/chat/completions",
      { messages: hello, stream_options: { include_usage: true } },
      400,
      "stream_options",
    ],
    ["/v1/chat/completions", { messages: hello, modalities: ["text", "audio"] }, 400, "modalities"],
    ["/v1/chat/completions", { messages: hello, web_search_options: {} }, 400, "web_search_options"],
    ["/v1/chat/completions", { messages: hello, tools: [{}] }, 400, "tools[0].type"],
    ["/v1/chat/completions", { messages: hello, model: "gpt-4" }, 404, "model"],
    ["/v1/completions", { prompt: 5 }, 400, "prompt"],
    ["/v1/completions", { prompt: [1, 99999] }, 400, "prompt"],
    ["/v1/score", { prompt: "a", choices: [] }, 400, "choices"],
    ["/v1/score", { choices: ["a"] }, 400, "prompt"],
    ["/v1/nothing", {}, 404, null],
    ["/health", {}, 405, null],
  ];
  for (const [path, body, status, param] of cases) {
    const reply = await post(path, body);
    assert.equal(reply.status, status, JSON.stringify([body, reply.json]));
    assert.equal(reply.json.error.param, param, JSON.stringify(reply.json));
    assert.ok(reply.json.error.message.length > 0);
    assert.equal(reply.json.error.type, "invalid_request_error");
  }
  assert.equal((await app.request("/v1/completions")).status, 405);
  const small = createApp({ models: [createNgramModel(TEXT)], bodyBytes: 100 });
  assert.equal(
    (await post("/v1/chat/completions", { messages: hello, user: "x".repeat(200) }, small)).status,
    413,
  );
  assert.equal(
    (
      await post("/v1/chat/completions", {
        messages: hello,
        logit_bias: null,
        tools: null,
        tool_choice: "none",
        modalities: ["text"],
      })
    ).status,
    200,
  );
});

test("a failure of ours is reported here and told there without detail", async () => {
  const seen: unknown[] = [];
  const model = createNgramModel(TEXT);
  model.generate = () => {
    throw new Error("secret prompt text");
  };
  const broken = createApp({ models: [model], report: (error) => seen.push(error) });
  const { status, json } = await post("/v1/chat/completions", { messages: hello }, broken);
  assert.equal(status, 500);
  assert.ok(!JSON.stringify(json).includes("secret"));
  assert.equal(seen.length, 1);
});

test("only this machine, only this origin, only with the key", async () => {
  assert.equal((await app.request("http://evil.example/v1/models")).status, 403, "DNS rebinding");
  assert.equal((await app.request("/v1/models", { headers: { origin: "http://evil.example" } })).status, 403);
  assert.equal((await app.request("/v1/models", { headers: { origin: "http://localhost" } })).status, 200);
  const locked = createApp({ models: [createNgramModel(TEXT)], apiKey: "sesame" });
  assert.equal((await locked.request("http://clinic.example/v1/models")).status, 401);
  const ask = (key: string) =>
    locked.request("http://clinic.example/v1/models", { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await ask("wrong")).status, 401);
  assert.equal((await ask("sesame")).status, 200);
  assert.equal((await locked.request("http://clinic.example/health")).status, 200);
  const headers = (await app.request("/health")).headers;
  assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  assert.equal(headers.get("access-control-allow-origin"), null);
  assert.ok(headers.get("x-request-id"));
});

test("a full queue answers 429 with Retry-After, and everyone else is served in turn", async () => {
  const busy = createApp({ models: [createNgramModel(TEXT, { delay: 2 })], concurrency: 1, waiting: 2 });
  const ask = () =>
    busy.request("/v1/chat/completions", {
      method: "POST",
      body: JSON.stringify({ messages: hello, max_tokens: 10, temperature: 0 }),
    });
  const replies = await Promise.all([ask(), ask(), ask(), ask()]);
  assert.deepEqual(replies.map((reply) => reply.status).sort(), [200, 200, 200, 429]);
  assert.equal(replies.find((reply) => reply.status === 429)?.headers.get("retry-after"), "5");
  assert.equal((await ask()).status, 200);
});
