// Many generations at once on a real model: what one says depends on no other.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { createRandom } from "../core/index.ts";
import {
  type GenerateChunk,
  type GenerateRequest,
  type LogitModel,
  openGguf,
  writeTinyGguf,
} from "./index.ts";

let folder: string;
let path: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-sessions-"));
  path = join(folder, "tiny.gguf");
  await writeTinyGguf(path, { seed: 5, hiddenSize: 64, contextLength: 1024 });
});

after(() => rm(folder, { recursive: true }));

async function withModel(
  options: Parameters<typeof openGguf>[1],
  work: (model: LogitModel) => Promise<void>,
): Promise<void> {
  const model = await openGguf(path, { threads: 1, ...options });
  try {
    await work(model);
  } finally {
    await model.close();
  }
}

async function collect(model: LogitModel, request: GenerateRequest): Promise<GenerateChunk[]> {
  const chunks: GenerateChunk[] = [];
  for await (const chunk of model.generate(request)) {
    // What a cache held depends on who came before; nothing else may.
    const { reusedTokens: _, ...usage } = chunk.usage ?? { promptTokens: 0, completionTokens: 0 };
    chunks.push(chunk.usage === undefined ? chunk : { ...chunk, usage });
  }
  return chunks;
}

/** Prompts that share beginnings, of one token to several hundred; each with its own settings. */
function requests(count: number): GenerateRequest[] {
  const random = createRandom(1);
  const pieces = ["the man said: ", "no, yes and then ", "发烧三天 ", "the answer "];
  return Array.from({ length: count }, (_, i) => ({
    input: {
      prompt:
        i % 7 === 0
          ? "a"
          : Array.from(
              { length: 1 + random.integer(40) },
              () => pieces[random.integer(i % 3 === 0 ? 1 : 4)],
            ).join(""),
    },
    maxTokens: 4 + random.integer(20),
    temperature: i % 2,
    seed: i,
    topLogProbabilities: 2,
  }));
}

test("generations at once, queued, in any order, on used caches: the same bits as alone on a fresh model", async () => {
  const asked = requests(24);
  const alone: GenerateChunk[][] = [];
  for (const request of asked)
    await withModel({ maxSequences: 1 }, async (model) => void alone.push(await collect(model, request)));
  // More requests than sequences: the rest wait their turn.
  await withModel({ maxSequences: 7 }, async (model) => {
    assert.deepEqual(await Promise.all(asked.map((request) => collect(model, request))), alone);
    const again = await Promise.all([...asked].reverse().map((request) => collect(model, request)));
    assert.deepEqual(again.reverse(), alone, "on caches that hold other texts");
    const straggling = asked.map(async (request, i) => {
      for (let turn = 0; turn < (i * 7) % 40; turn++) await nextTurn();
      return collect(model, request);
    });
    assert.deepEqual(await Promise.all(straggling), alone, "joining at any step");
  });
});

test("a text that continues an earlier one is evaluated from where they part", async () => {
  await withModel({ maxSequences: 2 }, async (model) => {
    const shared = "the man said then ".repeat(30);
    await collect(model, { input: { prompt: shared }, maxTokens: 3 });
    const { promptTokens } = model.usage!();
    assert.deepEqual(model.usage!(), { promptTokens, completionTokens: 2, reusedTokens: 0 });
    const session = model.open();
    const tokens = model.tokenizer.encode(`${shared}and`);
    const reused = (await session.advance(tokens)).slice();
    const usage = model.usage!();
    assert.equal(usage.promptTokens, promptTokens + tokens.length);
    assert(usage.reusedTokens >= promptTokens - 1 && usage.reusedTokens < tokens.length);
    // A second text with the same beginning at the same time: the other sequence is busy, so its cache is copied.
    const beside = model.open();
    assert.deepEqual(await beside.advance(tokens), reused);
    assert(model.usage!().reusedTokens >= usage.reusedTokens + promptTokens - 1);
    beside.dispose();
    session.dispose();
    await withModel({ maxSequences: 2 }, async (other) => {
      const untouched = other.open();
      assert.deepEqual(await untouched.advance(tokens), reused);
      untouched.dispose();
    });
  });
});

test("an abort ends the wait at once and gives the sequence to the next", async () => {
  await withModel({ maxSequences: 1 }, async (model) => {
    const long = "the man said ".repeat(100);
    const stop = new AbortController();
    const reason = new Error("gone");
    const waits = new AbortController();
    const first = collect(model, { input: { prompt: long }, signal: stop.signal });
    const second = collect(model, { input: { prompt: "a" }, maxTokens: 2, signal: waits.signal });
    const third = collect(model, { input: { prompt: "the" }, maxTokens: 2 });
    await sleep(1);
    waits.abort(reason);
    await assert.rejects(second, reason, "while it waits for a sequence");
    stop.abort(reason);
    await assert.rejects(first, reason, "while its prompt is evaluated");
    assert.equal((await third).at(-1)!.usage!.completionTokens, 2);
    model.open().dispose();
  });
});

test("the event loop turns while prompts are evaluated and texts generated", async () => {
  await withModel({ maxSequences: 4 }, async (model) => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const long = "the man said ".repeat(100);
    await Promise.all(
      [1, 2, 3].map((seed) =>
        collect(model, { input: { prompt: long }, maxTokens: 30, temperature: 1, seed }),
      ),
    );
    clearInterval(timer);
    assert(turns >= 5, `${turns} turns`);
  });
});

test("the fast way generates too, and its scores are the exact ones", async () => {
  const score = { prompt: "the man", continuations: [" said no", " then"] };
  await withModel({}, (exact) =>
    withModel({ exact: "scores", maxSequences: 8 }, async (fast) => {
      assert.deepEqual(await fast.score([score]), await exact.score([score]));
      const texts = await Promise.all(requests(12).map((request) => collect(fast, request)));
      assert(texts.every((chunks) => chunks.at(-1)!.finish !== undefined));
    }),
  );
});

test("closing with generations under way ends them with an error", async () => {
  const model = await openGguf(path, { threads: 1, maxSequences: 2 });
  const running = [0, 1, 2].map((seed) =>
    collect(model, { input: { prompt: "the man" }, temperature: 1, seed }),
  );
  await sleep(5);
  const settled = Promise.allSettled(running);
  await model.close();
  for (const result of await settled) assert.equal(result.status, "rejected");
});

test("opening and closing gives all memory back", async () => {
  const cycle = () =>
    withModel({ maxSequences: 2 }, async (model) => {
      await collect(model, { input: { prompt: "the man" }, maxTokens: 2 });
      await model.score([{ prompt: "the", continuations: [" man"] }]);
      await model.embed!(["the man"]);
    });
  /** MiB that 50 cycles add. */
  const grown = async (): Promise<number> => {
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 50; i++) await cycle();
    return (process.memoryUsage.rss() - before) / 2 ** 20;
  };
  for (let i = 0; i < 10; i++) await cycle();
  // One forgotten context of this model would be 6 MiB a cycle, one forgotten model 1 MiB: in every round. The collector's own
  // pace shows in single ones.
  const rounds = [await grown(), await grown(), await grown()];
  assert(
    Math.min(...rounds) < 40,
    `${rounds.map((mib) => mib.toFixed(0)).join(", ")} MiB more after 50 cycles each`,
  );
});
