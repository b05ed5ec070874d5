// What strangers send, and what they do not: broken HTTP, slow hands, crowds, and clients that leave in mid-sentence.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { createNgramModel } from "../engine/ngram-model.test.helper.ts";
import { createApp, type LogEntry } from "./app.ts";
import { eventStream } from "./event-stream.ts";
import { startServer } from "./server.ts";

const TEXT = "drink water and rest. assistant: the answer is water. पानी 水 ماء ".repeat(3);
const hello = [{ role: "user", content: "a secret of mine" }];

async function serve(
  options: { delay?: number; requestSeconds?: number } & Partial<Parameters<typeof createApp>[0]> = {},
) {
  const { delay, requestSeconds, ...rest } = options;
  const model = createNgramModel(TEXT, delay === undefined ? {} : { delay });
  const app = createApp({ models: [model], ...rest });
  const server = await startServer({
    app,
    port: 0,
    ...(requestSeconds === undefined ? {} : { requestSeconds }),
  });
  return { model, app, server };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (await condition()) return;
    await sleep(10);
  }
  assert.fail("it did not come to pass");
}

/** All that the server sends until it closes the connection. */
async function raw(port: number, ...pieces: string[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.on("data", (data) => {
    text += data;
  });
  socket.on("error", () => {});
  for (const piece of pieces) socket.write(piece);
  await Promise.race([once(socket, "close"), sleep(10_000, undefined, { ref: false })]);
  return text;
}

test("requests that could be read in two ways are refused", async () => {
  const { server } = await serve();
  const post = "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  try {
    for (const request of [
      `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n`,
      `${post}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde`,
      `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
      `${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
      "GET /v1/models HTTP/1.1\nHost: 127.0.0.1\n X: y\n\n",
      "GET /v1/models HTTP/1.1\r\n\r\n",
      `GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${"a".repeat(40_000)}\r\n\r\n`,
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ]) {
      const reply = await raw(server.port, request);
      assert.match(reply, /^HTTP\/1\.1 4\d\d /, JSON.stringify(request.slice(0, 120)));
      assert.equal(reply.split("HTTP/1.1").length, 2, "one answer, not two");
    }
  } finally {
    await server.close(0);
  }
});

test("a client that never ends its request is sent away; one that waits between requests is not", async () => {
  const { server } = await serve({ requestSeconds: 0.3 });
  try {
    const idle = connect(server.port, "127.0.0.1");
    let answers = "";
    idle.on("data", (data) => {
      answers += data;
    });
    idle.write("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    const [head, body] = await Promise.all([
      raw(server.port, "POST /v1/completions HTTP/1.1\r\nHost: 127"),
      raw(
        server.port,
        "POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500\r\n\r\n",
        '{"pro',
      ),
    ]);
    assert.match(head, /^HTTP\/1\.1 408 /);
    assert.match(body, /^HTTP\/1\.1 408 /);
    idle.write("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    await until(() => answers.split("200 OK").length === 3);
    idle.destroy();
  } finally {
    await server.close(0);
  }
});

test("a reader that takes nothing any more is given up; an answer that takes too long is cut off and says so", async () => {
  let aborted = false;
  let ended = false;
  const controller = new AbortController();
  async function* source(): AsyncGenerator<unknown, void> {
    try {
      for (let i = 0; ; i++) yield i;
    } finally {
      ended = true;
    }
  }
  const response = await eventStream(source(), {
    signal: controller.signal,
    abort: () => {
      aborted = true;
      controller.abort();
    },
    report: (error) => assert.fail(String(error)),
    stallSeconds: 0.05,
  });
  await response.body!.getReader().read();
  await until(() => aborted && ended);

  const { model, app, server } = await serve({ delay: 5, answerSeconds: 1 });
  try {
    const ask = (stream: boolean) =>
      app.request("/v1/chat/completions", {
        method: "POST",
        body: JSON.stringify({ messages: hello, stream, temperature: 0 }),
      });
    const whole = await ask(false);
    assert.equal(whole.status, 503);
    const events = (await (await ask(true)).text()).trim().split("\n\n");
    assert.match(events.at(-2)!, /"code":"timeout"/);
    assert.equal(events.at(-1), "data: [DONE]");
    await until(() => model.active() === 0);
  } finally {
    await server.close(0);
  }
});

// Seeded: a draw might end the answer by itself.
test("an answer is never longer than the server allows", async () => {
  const { app, server } = await serve({ maxTokens: 3 });
  for (const body of [
    { messages: hello, max_tokens: 50, seed: 1 },
    { messages: hello, seed: 1 },
  ]) {
    const reply = await app.request("/v1/chat/completions", { method: "POST", body: JSON.stringify(body) });
    const { choices, usage } = (await reply.json()) as {
      choices: { finish_reason: string }[];
      usage: { completion_tokens: number };
    };
    assert.equal(usage.completion_tokens, 3);
    assert.equal(choices[0]!.finish_reason, "length");
  }
  await server.close(0);
});

test("prompts are in no log and no metric, unless they are asked for", async () => {
  const log: LogEntry[] = [];
  for (const logPrompts of [false, true]) {
    const { app, server } = await serve({ log: (entry) => log.push(entry), logPrompts });
    await app.request("/v1/chat/completions", {
      method: "POST",
      body: JSON.stringify({ messages: hello, max_tokens: 2, temperature: 0 }),
    });
    await app.request("/v1/a-secret-of-mine", { method: "SECRET" });
    const metrics = await (await app.request("/metrics")).text();
    assert.ok(!/secret/i.test(metrics));
    assert.match(metrics, /apollo:time_to_first_token_seconds_count\{model_name="ngram"\} 1/);
    for (const line of metrics.trim().split("\n"))
      assert.match(line, /^(# (HELP|TYPE) \S+ .+|[\w:]+\{.+\} [\d.e+-]+)$/);
    await server.close(0);
  }
  assert.equal(log.length, 4);
  assert.ok(!JSON.stringify(log[0]).includes("secret of mine"));
  assert.ok(JSON.stringify(log[2]).includes("secret of mine"));
  const locked = createApp({ models: [createNgramModel(TEXT)], apiKey: "sesame" });
  assert.equal((await locked.request("/metrics")).status, 401);
});

const field = fc.constantFrom(
  ..."model messages prompt max_tokens stream n stop temperature logit_bias tools tool_choice response_format logprobs top_logprobs echo seed input choices stream_options alpha encoding_format".split(
    " ",
  ),
);
const sensible = fc.constantFrom<unknown>(
  hello,
  "ngram",
  "text",
  true,
  3,
  0,
  ["a"],
  [65, 66],
  [[65]],
  { type: "json_object" },
  "auto",
  [{ type: "function", function: { name: "f" } }],
  { include_usage: true },
);
const fuzzedBody = fc.oneof(
  fc
    .dictionary(field, fc.oneof(sensible, sensible, fc.jsonValue({ maxDepth: 3 })), { maxKeys: 8 })
    .map((value) => JSON.stringify(value)),
  fc
    .dictionary(field, sensible, { maxKeys: 6 })
    .map((value) => JSON.stringify({ messages: hello, prompt: "x", ...value })),
  fc.string(),
  fc.uint8Array({ maxLength: 60 }),
);
const path = fc.constantFrom("/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/score");

test("whatever is sent gets an answer, and never one that says that the server failed", async () => {
  const failures: unknown[] = [];
  const { model, app, server } = await serve({ maxTokens: 4, report: (error) => failures.push(error) });
  await fc.assert(
    fc.asyncProperty(path, fuzzedBody, async (to, body) => {
      const reply = await app.request(to, { method: "POST", body: body as string });
      const text = await reply.text();
      assert.ok([200, 400, 404].includes(reply.status), `${reply.status} ${text}`);
      if (reply.status !== 200) assert.equal(typeof JSON.parse(text).error.message, "string");
    }),
    { numRuns: 400 },
  );
  assert.deepEqual(failures, []);
  assert.equal(model.active(), 0);
  await server.close(0);
});

test("a crowd of connections, and clients that leave in mid-stream, leave no turn taken", async () => {
  const { model, server } = await serve({ delay: 1, concurrency: 8, waiting: 200 });
  const sockets: Socket[] = [];
  try {
    for (let i = 0; i < 150; i++) sockets.push(connect(server.port, "127.0.0.1").on("error", () => {}));
    const body = JSON.stringify({ messages: hello, stream: true });
    const leave = async (i: number): Promise<void> => {
      const leaving = new AbortController();
      const reply = await fetch(`${server.url}/v1/chat/completions`, {
        method: "POST",
        body,
        signal: leaving.signal,
      });
      const reader = reply.body!.getReader();
      for (let read = 0; read <= i % 4; read++) await reader.read();
      leaving.abort();
    };
    await Promise.all(Array.from({ length: 40 }, (_, i) => leave(i)));
    await until(() => model.active() === 0);
    await until(async () =>
      /num_requests_running\{model_name="ngram"\} 0\n/.test(
        await (await fetch(`${server.url}/metrics`)).text(),
      ),
    );
  } finally {
    for (const socket of sockets) socket.destroy();
    await server.close(0);
  }
});
