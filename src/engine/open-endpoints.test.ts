import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import {
  type EndpointSource,
  type EndpointsModel,
  type EndpointsOptions,
  type LanguageModel,
  type LogitModel,
  languageModelContract,
  openEndpoints,
  openGguf,
  openRemote,
  writeTinyGguf,
} from "./index.ts";
import { type ModelServer, startModelServer } from "./model-server.test.helper.ts";

let folder: string;
let local: LogitModel;
const started: ModelServer[] = [];
const opened: LanguageModel[] = [];
const events: string[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-endpoints-"));
  await writeTinyGguf(join(folder, "tiny.gguf"), { seed: 5 });
  local = await openGguf(join(folder, "tiny.gguf"), { threads: 1 });
});
after(async () => {
  await local.close();
  await rm(folder, { recursive: true });
});
afterEach(async () => {
  for (const model of opened.splice(0)) await model.close();
  for (const server of started.splice(0)) await server.stop();
  events.length = 0;
});

async function serve(name?: string): Promise<ModelServer> {
  const server = await startModelServer(local, name);
  started.push(server);
  return server;
}

async function open(
  servers: readonly ModelServer[],
  options: EndpointsOptions = {},
  source: EndpointSource = { kind: "urls", urls: servers.map(({ url }) => url) },
): Promise<EndpointsModel> {
  const model = await openEndpoints(source, "tiny", {
    probeAfter: 2,
    onEvent: (message) => events.push(message),
    ...options,
  });
  opened.push(model);
  return model;
}

/** Questions whose answers are all different. */
const REQUESTS = Array.from({ length: 60 }, (_, i) => ({
  prompt: `the man said ${i}`,
  continuations: [" yes", " no", ` the ${i}`],
}));

/** The text of each request, asked for at once. */
function write(model: LanguageModel, count = 30): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, seed) => {
      let text = "";
      const input = { prompt: `the man said ${seed}` };
      for await (const chunk of model.generate({ input, maxTokens: 6, temperature: 1, seed }))
        text += chunk.text;
      return text;
    }),
  );
}

const isWork = (body: Record<string, unknown>): boolean => "prompt" in body || "messages" in body;
const reported = (model: EndpointsModel, server: ModelServer) =>
  model.endpoints().find(({ url }) => url === server.url)!;

/** One that answers, one that is too busy every second time, one whose answers are nonsense, one that is not there. */
async function badCompany(): Promise<{ model: EndpointsModel; good: ModelServer; garbage: ModelServer }> {
  const [good, busy, garbage, gone] = [await serve(), await serve(), await serve(), await serve()];
  let turn = 0;
  busy.hook = (_request, response, body) => {
    if (!isWork(body) || turn++ % 2 === 0) return false;
    response.writeHead(429, { "retry-after-ms": "1" });
    response.end(JSON.stringify({ error: { message: "slow down" } }));
    return true;
  };
  let kind = 0;
  garbage.hook = (_request, response, body) => {
    if (!isWork(body)) return false;
    const answers = ["<html>hello</html>", "{}", `data: {"choices": [{"text": "a"}]}\n\n`];
    response.end(answers[kind++ % answers.length]);
    return true;
  };
  await gone.stop();
  const model = await open([good, busy, garbage, gone]);
  await gone.restart();
  return { model, good, garbage };
}

test("servers that are busy, talk nonsense or are gone do not change what is answered", async () => {
  const { model, good, garbage } = await badCompany();
  const single = await openRemote(good.url, "tiny");
  assert.deepEqual(await model.score(REQUESTS), await single.score(REQUESTS));
  assert.deepEqual(await write(model), await write(single));
  const nonsense = reported(model, garbage);
  assert.equal(nonsense.requests, 0);
  assert(nonsense.failures >= 3 && nonsense.outages >= 1);
  assert(events.some((event) => event.startsWith(`${garbage.url} is taken out`)));
  const total = model.endpoints().reduce((sum, { requests }) => sum + requests, 0);
  assert.equal(total, REQUESTS.length + 30, "each request is answered once");
});

for (const { name, check } of languageModelContract)
  test(`a model on several bad servers: ${name}`, async () => check((await badCompany()).model));

test("a server that dies in the middle loses no request, and gets some again when it is back", async () => {
  const [stays, dies] = [await serve(), await serve()];
  const single = await openRemote(stays.url, "tiny");
  const expected = await write(single);
  const model = await open([stays, dies]);
  let died: Promise<void> | undefined;
  dies.hook = (_request, response, body) => {
    if (!isWork(body)) return false;
    // Half an answer, and the end of all connections.
    response.write(`data: ${JSON.stringify({ choices: [{ text: "half an " }] })}\n\n`);
    died ??= new Promise((resolve) => setImmediate(() => resolve(dies.stop())));
    return true;
  };
  assert.deepEqual(await write(model), expected);
  await died;
  assert.equal(reported(model, dies).requests, 0);
  // What dies may say so by connections that break (three take it out) or that nobody takes (one does): both end here.
  while (reported(model, dies).state !== "out") await model.score(REQUESTS.slice(0, 8));
  dies.hook = () => false;
  await dies.restart();
  while (reported(model, dies).requests === 0) await model.score(REQUESTS.slice(0, 8));
  assert(events.includes(`${dies.url} is back`));
  assert.equal(reported(model, dies).state, "in");
});

test("a slow server keeps only what it took", async () => {
  const [fast, slow] = [await serve(), await serve()];
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let held = 0;
  slow.hook = async (_request, _response, body) => {
    if (!isWork(body)) return false;
    held++;
    await released;
    return false;
  };
  const model = await open([fast, slow]);
  let done = 0;
  const answers = REQUESTS.map((request) =>
    model.score([request]).then(([scores]) => {
      done++;
      // All that the slow one does not hold is answered by the other, however long that takes.
      if (done >= REQUESTS.length - held) release();
      return scores;
    }),
  );
  assert.deepEqual(await Promise.all(answers), await (await openRemote(fast.url, "tiny")).score(REQUESTS));
  assert(held > 0 && held <= 4, `${held} requests at the slow server`);
  // The fast one's first answers let it have more at once.
  assert(reported(model, fast).concurrency > 4);
});

test("tokens and money are counted by server", async () => {
  process.env.APOLLO_TEST_KEY = "sesame";
  const [one, other] = [await serve(), await serve()];
  const keys = new Set<string | undefined>();
  other.hook = (request) => {
    keys.add(request.headers.authorization);
    return false;
  };
  const path = join(folder, "priced.yaml");
  await writeFile(
    path,
    `endpoints:\n  - ${one.url}\n  - {url: "${other.url}", key: APOLLO_TEST_KEY, price: {prompt: 10, completion: 20}}\n`,
  );
  const model = await open([], { price: { prompt: 1, completion: 2 } }, { kind: "file", path });
  await write(model);
  delete process.env.APOLLO_TEST_KEY;
  assert.deepEqual([...keys], ["Bearer sesame"]);
  const [cheap, dear] = model.endpoints();
  assert(cheap!.requests > 0 && dear!.requests > 0);
  assert.equal(cheap!.cost, (cheap!.promptTokens + 2 * cheap!.completionTokens) / 1e6);
  assert.equal(dear!.cost, (10 * dear!.promptTokens + 20 * dear!.completionTokens) / 1e6);
  const usage = model.usage!();
  assert.equal(usage.promptTokens, cheap!.promptTokens + dear!.promptTokens);
  assert.equal(usage.cost, cheap!.cost! + dear!.cost!);
});

test("servers of different models are refused by name", async () => {
  const [one, other] = [await serve(), await serve("large")];
  await assert.rejects(open([one, other]), { code: "remote-model-not-found", remedy: "It has: large." });
  const shorter = await serve();
  shorter.hook = (request, response) => {
    if (request.url !== "/v1/models") return false;
    response.end(JSON.stringify({ data: [{ id: "tiny", max_model_len: 256 }] }));
    return true;
  };
  await assert.rejects(open([one, shorter]), (error: Error) => {
    assert.equal((error as Error & { code: string }).code, "mixed-endpoints");
    assert(error.message.includes(`context length is 512 at ${one.url} and 256 at ${shorter.url}`));
    return true;
  });
});

test("a server that comes back with another model stays out", async () => {
  const [one, other] = [await serve(), await serve()];
  await other.stop();
  const model = await open([one, other]);
  await other.restart();
  other.hook = (request, response) => {
    if (request.url !== "/v1/models") return false;
    response.end(JSON.stringify({ data: [{ id: "large" }] }));
    return true;
  };
  while (reported(model, other).state !== "left") await new Promise((resolve) => setTimeout(resolve, 2));
  await model.score(REQUESTS);
  assert.equal(reported(model, other).requests, 0);
  assert(events.some((event) => event.includes("is left out from now on") && event.includes("large")));
});

test("what every server refuses is refused, and when none is left that is said of each", async () => {
  const servers = [await serve(), await serve()];
  const model = await open(servers, { patience: 50 });
  for (const server of servers)
    server.hook = (_request, response, body) => {
      if (!isWork(body)) return false;
      response.writeHead(400);
      response.end(JSON.stringify({ error: { message: "no such sampler" } }));
      return true;
    };
  await assert.rejects(write(model, 1), { code: "remote-refused" });
  for (const server of servers) await server.stop();
  await assert.rejects(model.score(REQUESTS.slice(0, 3)), (error: Error) => {
    assert.equal((error as Error & { code: string }).code, "no-endpoint");
    return servers.every(({ url }) => error.message.includes(url));
  });
  await assert.rejects(open(servers), { code: "no-endpoint" });
  for (const server of servers) await server.restart();
});

test("a request given up while it waits leaves the queue", async () => {
  const server = await serve();
  const model = await open([server]);
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  server.hook = async (_request, _response, body) => {
    if (isWork(body)) await released;
    return false;
  };
  const others = model.score(REQUESTS.slice(0, 8));
  const abort = new AbortController();
  const given = model.generate({ input: { prompt: "the" }, signal: abort.signal })[Symbol.asyncIterator]();
  const waiting = given.next();
  abort.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  release();
  assert.equal((await others).length, 8);
});

test("a list that changes is followed while a run goes on; a broken one is not", async () => {
  const [first, second] = [await serve(), await serve()];
  const path = join(folder, "endpoints.txt");
  await writeFile(path, `# two machines\n${first.url}\n`);
  const model = await open([], { rereadAfter: 2 }, { kind: "file", path });
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) await model.score(REQUESTS.slice(0, 8));
  };
  await writeFile(path, "nonsense here and there\n");
  await until(() => events.some((event) => event.startsWith("the list of servers stays as it was")));
  await writeFile(path, `${first.url}\n${second.url}\n`);
  await until(() => model.endpoints().some(({ url, requests }) => url === second.url && requests > 0));
  await writeFile(path, `${second.url}\n`);
  await until(() => reported(model, first).state === "left");
  const before = reported(model, first).requests;
  await model.score(REQUESTS);
  // Of those under way when it left, none is begun anew.
  assert(reported(model, first).requests - before <= 4);
});
