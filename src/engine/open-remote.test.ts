import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import {
  type GenerateChunk,
  type LanguageModel,
  type LogitModel,
  languageModelContract,
  openGguf,
  openRemote,
  writeTinyGguf,
} from "./index.ts";
import { type ModelServer, startModelServer } from "./model-server.test.helper.ts";

let folder: string;
let local: LogitModel;
let server: ModelServer;
let url: string;
let remote: LanguageModel;
let bodies: Record<string, unknown>[];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-remote-"));
  const path = join(folder, "tiny.gguf");
  await writeTinyGguf(path, { seed: 5 });
  local = await openGguf(path, { threads: 1 });
  server = await startModelServer(local);
  ({ url, bodies } = server);
  remote = await openRemote(url, "tiny");
});

after(async () => {
  await server.stop();
  await local.close();
  await rm(folder, { recursive: true });
});

beforeEach(() => {
  server.hook = () => false;
  bodies.length = 0;
});

async function collect(
  chunks: AsyncIterable<GenerateChunk>,
): Promise<{ text: string; chunks: GenerateChunk[] }> {
  const all: GenerateChunk[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return { text: all.map(({ text }) => text).join(""), chunks: all };
}

/** Fails the first `times` requests with `status`. */
function failFirst(times: number, status: number, headers: Record<string, string> = {}): void {
  let left = times;
  server.hook = (_request, response) => {
    if (left-- <= 0) return false;
    response.writeHead(status, headers);
    response.end(JSON.stringify({ error: { message: "busy just now" } }));
    return true;
  };
}

test("the server's model is found, with its context length", async () => {
  assert.equal(remote.id, "tiny");
  assert.equal(remote.contextLength, 512);
  assert.equal((await openRemote(`${url}/chat/completions/`)).id, "tiny");
  await assert.rejects(openRemote(url, "other"), { code: "remote-model-not-found", remedy: "It has: tiny." });
});

test("scores over the wire are the local ones", async () => {
  const requests = [
    { prompt: "the man said", continuations: [" yes", " no then", " the answer is no"] },
    { prompt: "the man ", continuations: ["the"] },
    { prompt: "the", continuations: [] },
  ];
  assert.deepEqual(await remote.score(requests), await local.score(requests));
  assert(bodies.every((body) => body.max_tokens === 0));
  await assert.rejects(remote.score([{ prompt: " ", continuations: ["a"] }]), { code: "empty-prompt" });
});

test("text and log-probabilities stream, for prompts and conversations", async () => {
  for (const input of [
    { prompt: "the man" },
    { messages: [{ role: "user", content: "the man" }] as const },
  ]) {
    const request = { input, maxTokens: 8, temperature: 1, seed: 3, topLogProbabilities: 2 };
    const [there, here] = [await collect(remote.generate(request)), await collect(local.generate(request))];
    assert.equal(there.text, here.text);
    // What the engine had in its cache is not told by this server.
    const { reusedTokens: _cached, ...usage } = here.chunks.at(-1)!.usage!;
    assert.deepEqual(there.chunks.at(-1)!.usage, usage);
    assert.equal(there.chunks.at(-1)!.finish, here.chunks.at(-1)!.finish);
    assert.deepEqual(
      there.chunks.flatMap(({ token }) => (token === undefined ? [] : [token.logProbability])),
      here.chunks.map(({ token }) => token!.logProbability),
    );
  }
});

for (const { name, check } of languageModelContract) test(`a server's model: ${name}`, () => check(remote));

test("a server with prompt_logprobs instead of echo scores the same, and is asked the right way from then on", async () => {
  server.hook = (_request, response, body) => {
    if (body.echo !== true) return false;
    response.writeHead(400);
    response.end(JSON.stringify({ error: { message: "echo is not supported" } }));
    return true;
  };
  const requests = [{ prompt: "the man said", continuations: [" yes", " no then", " the answer is no"] }];
  const other = await openRemote(url, "tiny");
  assert.deepEqual(await other.score(requests), await local.score(requests));
  bodies.length = 0;
  assert.deepEqual(await other.score(requests), await local.score(requests));
  assert.deepEqual(
    bodies.map((body) => body.prompt_logprobs),
    [1],
  );
});

test("tokens and their price add up over scores and texts", async () => {
  const counted = await openRemote(url, "tiny", { price: { prompt: 2, completion: 10 } });
  assert.deepEqual(counted.usage!(), { promptTokens: 0, completionTokens: 0, reusedTokens: 0, cost: 0 });
  const { chunks } = await collect(counted.generate({ input: { prompt: "the man" }, maxTokens: 4 }));
  const { promptTokens, completionTokens } = chunks.at(-1)!.usage!;
  await counted.score([{ prompt: "the", continuations: [" man"] }]);
  const scored = ["the", "the man"].reduce((sum, text) => sum + local.tokenizer.encode(text).length, 0);
  const usage = counted.usage!();
  assert.equal(usage.promptTokens, promptTokens + scored);
  assert.equal(usage.completionTokens, completionTokens);
  assert.equal(usage.cost, (usage.promptTokens * 2 + usage.completionTokens * 10) / 1e6);
});

test("more stop texts than servers take are applied all the same", async () => {
  const request = { input: { prompt: "the man" }, maxTokens: 16, temperature: 1, seed: 3 };
  const { text } = await collect(local.generate(request));
  const fifth = [...text].slice(2, 4).join("");
  const stopped = await collect(remote.generate({ ...request, stop: ["1!", "2!", "3!", "4!", fifth] }));
  assert.equal(stopped.text, text.slice(0, text.indexOf(fifth)));
  assert.deepEqual(bodies[0]!.stop, ["1!", "2!", "3!", "4!"]);
});

test("a busy server is asked again, when it says so", async () => {
  failFirst(2, 429, { "retry-after": "0" });
  assert.equal((await remote.score([{ prompt: "the", continuations: [" man"] }])).length, 1);
  assert.equal(bodies.length, 3);
  failFirst(1, 503, { "retry-after-ms": "1" });
  assert.equal(
    (await collect(remote.generate({ input: { prompt: "the" }, maxTokens: 2 }))).chunks.at(-1)!.finish,
    "length",
  );
  failFirst(100, 500, { "retry-after-ms": "1" });
  await assert.rejects(remote.score([{ prompt: "the", continuations: [" man"] }]), {
    code: "remote-unavailable",
    message: "the server answers 500 (busy just now)",
  });
});

test("what a server cannot do is said once and clearly", async () => {
  const request = [{ prompt: "the", continuations: [" man"] }];
  const reply = (status: number, body: unknown): void => {
    server.hook = (_request, response) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
      return true;
    };
  };
  // llama-server and Ollama generate instead of echoing.
  const choice = (text: string, index: number) => ({ index, text, logprobs: null });
  reply(200, { choices: [choice(" a", 0), choice(" b", 1)] });
  await assert.rejects(remote.score(request), { code: "remote-cannot-score" });
  reply(200, { choices: [choice("the", 0), choice("the man", 1)] });
  await assert.rejects(remote.score(request), { code: "remote-cannot-score" });
  reply(404, { error: "no such route" });
  await assert.rejects(remote.score(request), { code: "remote-cannot-score" });
  reply(401, { error: { message: "bad key" } });
  await assert.rejects(remote.score(request), { code: "remote-unauthorized" });
  reply(400, {
    error: { message: "This model's maximum context length is 512 tokens", code: "context_length_exceeded" },
  });
  await assert.rejects(remote.score(request), { code: "context-length-exceeded" });
  reply(200, "<html>welcome</html>");
  await assert.rejects(openRemote(url, "tiny"), { code: "remote-bad-answer" });
});

test("a server that generates at least one token can score too", async () => {
  server.hook = (_request, response, body) => {
    if (body.max_tokens !== 0) return false;
    response.writeHead(400);
    response.end(JSON.stringify({ error: { message: "max_tokens must be at least 1" } }));
    return true;
  };
  const requests = [{ prompt: "the man", continuations: [" said", " no"] }];
  assert.deepEqual(await remote.score(requests), await local.score(requests));
  assert.equal(bodies[1]!.max_tokens, 1);
});

test("an answer that breaks off or fails in the middle is an error, not a short answer", async () => {
  const request = { input: { prompt: "the" }, maxTokens: 4 };
  const event = { choices: [{ text: "a", finish_reason: null }] };
  for (const [end, code] of [
    ["", "remote-broken-stream"],
    [`data: ${JSON.stringify({ error: { message: "out of memory" } })}\n\ndata: [DONE]\n\n`, "remote-failed"],
    ["data: nonsense\n\n", "remote-bad-answer"],
  ] as const) {
    server.hook = (_request, response) => {
      response.end(`data: ${JSON.stringify(event)}\n\n${end}`);
      return true;
    };
    await assert.rejects(collect(remote.generate(request)), { code });
  }
});

test("leaving a stream closes the connection, and an abort ends it", async () => {
  let closed: Promise<void> | undefined;
  server.hook = (_request, response) => {
    closed = new Promise((resolve) => response.on("close", () => resolve()));
    response.write(`data: ${JSON.stringify({ choices: [{ text: "a" }] })}\n\n`);
    return true;
  };
  for await (const _chunk of remote.generate({ input: { prompt: "the" } })) break;
  await closed;
  const abort = new AbortController();
  const chunks = remote.generate({ input: { prompt: "the" }, signal: abort.signal })[Symbol.asyncIterator]();
  await chunks.next();
  abort.abort(new Error("enough"));
  await assert.rejects(chunks.next());
  await closed;
});

test("an address where nothing answers is a user's mistake", async () => {
  await assert.rejects(openRemote("http://127.0.0.1:9/v1", "m"), { code: "remote-unreachable" });
  await assert.rejects(openRemote("localhost/v1", "m"), { code: "bad-url" });
  await assert.rejects(openRemote("ftp://localhost/v1", "m"), { code: "bad-url" });
});
